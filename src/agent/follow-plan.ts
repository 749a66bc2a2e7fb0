import { EnvironmentFault } from '../core/fault.ts'
import type { Plan } from '../plan/plan.ts'
import type { Uplink } from '../transport/uplink.ts'
import { createLinkLog } from './link-log.ts'
import type { Log } from '../core/log.ts'
import { pause } from '../core/pause.ts'
import type { PlanCache } from './plan-cache.ts'

export interface FollowOptions {
  readonly uplink: Uplink
  readonly cache: PlanCache
  readonly pollMilliseconds: number
  readonly random: () => number
  readonly log: Log
  /** Called with each new plan, the cached one first. */
  readonly onPlan: (plan: Plan) => void
  /** Called whenever the collector has answered. */
  readonly onReached: () => void
}

/**
 * Keeps the agent's plan up to date until the signal aborts. While the collector cannot be reached
 * or refuses, the plan that is there goes on. Rejects for a bug only.
 */
export const followPlan = async (options: FollowOptions, signal: AbortSignal): Promise<void> => {
  const { uplink, cache, pollMilliseconds, random, log, onPlan } = options
  const link = createLinkLog('plan', log)
  let digest: string | undefined

  const take = (plan: Plan): void => {
    digest = plan.digest
    log('info', 'plan', { revision: plan.revision, jobs: plan.jobs.length, digest: plan.digest.slice(0, 12) })
    onPlan(plan)
  }

  const poll = async (): Promise<void> => {
    try {
      const plan = await uplink.plan(digest, signal)
      link.works()
      options.onReached()
      if (plan === undefined) return
      take(plan)
      await cache.store(plan)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof EnvironmentFault)) throw error
      link.fails(error)
    }
  }

  const cached = await cache.load()
  if (cached !== undefined) take(cached)
  while (!signal.aborted) {
    await poll()
    // Agents that a collector's restart brought into step get out of it.
    await pause(pollMilliseconds * (0.9 + random() * 0.2), signal)
  }
}
