import type { JobId, Measurement } from '../core/probe.ts'
import type { Job, Plan } from '../plan/plan.ts'

/** Facts of the last look of jobs whose kind asks for them; never more than the plan has jobs. */
export interface Memory {
  of(job: Job): unknown
  keep(job: Job, measurement: Measurement): void
  /** Forgets jobs that the plan has no more. */
  follow(plan: Plan): void
}

export const createMemory = (): Memory => {
  const facts = new Map<JobId, unknown>()
  let followed: Plan | undefined
  let jobs: ReadonlySet<JobId> = new Set()
  return {
    of: ({ id }) => facts.get(id),
    keep: ({ id }, measurement) => {
      if (measurement.status !== 'unknown' && jobs.has(id)) facts.set(id, measurement.facts)
    },
    follow: (plan) => {
      if (plan === followed) return
      followed = plan
      jobs = new Set(plan.jobs.map(({ id }) => id))
      for (const id of facts.keys()) if (!jobs.has(id)) facts.delete(id)
    },
  }
}
