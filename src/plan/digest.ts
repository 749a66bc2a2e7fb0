import { createHash } from 'node:crypto'
import type { Job, Plan } from './plan.ts'

const byId = (a: Job, b: Job): number => (a.id < b.id ? -1 : 1)

/** In the order in which a plan has them. */
export const inOrder = (jobs: readonly Job[]): readonly Job[] => jobs.toSorted(byId)

/**
 * A plan of these jobs, in the order of their ids. The digest (SHA-256, hex) covers the jobs and nothing else:
 * it stays when the inventory changes in what is not probed.
 */
export const sealPlan = (revision: number, jobs: readonly Job[]): Plan => {
  const ordered = inOrder(jobs)
  const digest = createHash('sha256').update(JSON.stringify(ordered)).digest('hex')
  return Object.freeze({ revision, digest, jobs: Object.freeze(ordered) })
}
