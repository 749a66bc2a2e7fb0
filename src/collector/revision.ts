import type { Inventory } from '../../inventory/store.ts'
import type { JobId } from '../core/probe.ts'
import { type Assignee, planForAgent } from '../plan/assign.ts'
import type { FullPlan, Job, Plan } from '../plan/plan.ts'
import { type Judge, createJudge } from './judge.ts'
import { countJobs } from './series.ts'
import { type Sheets, createSheets } from './sheets.ts'

/** What follows from one revision of the inventory. */
export interface Revision {
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly jobCounts: ReadonlyMap<string, number>
  readonly judge: Judge
  readonly sheets: Sheets
  readonly parts: Map<string, Part>
}
interface Part {
  readonly assignee: Assignee
  readonly plan: Plan
  readonly jobs: ReadonlyMap<JobId, Job>
}

export const revisionOf = (inventory: Inventory, plan: FullPlan): Revision => ({
  inventory,
  plan,
  jobCounts: countJobs(plan),
  judge: createJudge(inventory, plan),
  sheets: createSheets(inventory, plan),
  parts: new Map(),
})

/** The part of the plan in force that is this agent's; computed once for each revision. */
export const partOf = ({ plan, parts }: Revision, assignee: Assignee): Part => {
  const known = parts.get(assignee.id)
  if (known?.assignee === assignee) return known
  const own = planForAgent(plan, assignee)
  const part = { assignee, plan: own, jobs: new Map(own.jobs.map((job) => [job.id, job])) }
  parts.set(assignee.id, part)
  return part
}
