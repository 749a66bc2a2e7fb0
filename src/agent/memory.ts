import type { JobId, Measurement } from '../core/probe.ts'
import type { Job, Plan } from '../plan/plan.ts'
import type { FactFile } from './fact-file.ts'

/**
 * Facts of the last look of jobs whose kind asks for them; never more than the plan has jobs. What a look that failed
 * did not see is remembered from the one before.
 */
export interface Memory {
  of(job: Job): unknown
  keep(job: Job, measurement: Measurement): void
  /** Forgets jobs that the plan has no more. */
  follow(plan: Plan): void
}

/** Begins with what `file` has, and keeps it up to date. */
export const createMemory = (file?: FactFile): Memory => {
  const facts = new Map(file?.all())
  let followed: Plan | undefined
  let jobs: ReadonlySet<JobId> = new Set()
  return {
    of: ({ id }) => facts.get(id),
    keep: ({ id }, { status, facts: seen }) => {
      if (status === 'unknown' || !jobs.has(id)) return
      const known = status === 'up' ? seen : { ...facts.get(id), ...seen }
      facts.set(id, known)
      file?.put(id, known)
    },
    follow: (plan) => {
      if (plan === followed) return
      followed = plan
      jobs = new Set(plan.jobs.map(({ id }) => id))
      for (const id of facts.keys())
        if (!jobs.has(id)) {
          facts.delete(id)
          file?.drop(id)
        }
    },
  }
}
