import type { Agent } from '../../inventory/model.ts'
import { regionPrefix } from '../../inventory/select.ts'
import { sealPlan } from './digest.ts'
import type { FullPlan, Job, Plan } from './plan.ts'

export type Assignee = Pick<Agent, 'id' | 'vantage' | 'regions'>

/**
 * Whether a region lies in an agent's: `410202` covers `410202001`, `410200` all of `4102…`, `410000` all of `41…`.
 */
export const covers = (region: string, code: string): boolean =>
  code.startsWith(regionPrefix(region) ?? region)

const isFor = (agent: Assignee, plan: FullPlan, job: Job): boolean => {
  if (job.vantage !== agent.vantage) return false
  if (agent.regions.length === 0) return true
  const code = plan.targets.get(job.target)?.labels.region ?? ''
  return agent.regions.some((region) => covers(region, code))
}

/**
 * The agent's part of the plan: jobs of its vantage whose target lies in one of its regions (none: all).
 * Agents are not told apart further: where several match, each probes the target and the judge merges
 * what they say, so that a dead agent leaves no hole.
 */
export const planForAgent = (plan: FullPlan, agent: Assignee): Plan =>
  sealPlan(
    plan.revision,
    plan.jobs.filter((job) => isFor(agent, plan, job)),
  )
