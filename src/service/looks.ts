import type { Sighting } from '../collector/history/port.ts'
import type { Job } from '../plan/plan.ts'
import type { Look } from '../verify/index.ts'

/** What was seen, as verdicts on claims read it. */

export type Seen = Pick<Look, 'agent' | 'seen' | 'since'>

export const ofSighting = ({ agent, observation, since }: Sighting): Seen => ({
  agent,
  seen: observation,
  since,
})

/** Looks that verdicts read: at what is to answer, and at old places. */
export const isTelling = ({ expect, target }: Pick<Job, 'expect' | 'target'>): boolean =>
  expect === 'reachable' || target.endsWith('/old')

const portOf = ({ spec }: Job): number | undefined => {
  if (typeof spec['port'] === 'number') return spec['port']
  if (spec['scheme'] === undefined) return undefined
  return spec['scheme'] === 'https' ? 443 : 80
}

export const lookAt = (job: Job, { agent, seen, since }: Seen, heard: boolean): Look => {
  const port = portOf(job)
  const { address } = job.spec
  return {
    job: job.id,
    target: job.target,
    kind: job.kind,
    vantage: job.vantage,
    address: typeof address === 'string' ? address : '',
    ...(port !== undefined && { port }),
    agent,
    heard,
    intervalSeconds: job.intervalSeconds,
    seen,
    since,
  }
}
