import type { Assignee } from '../plan/assign.ts'
import type { Uplink } from '../transport/uplink.ts'
import type { Collector } from './collector.ts'

/** The uplink of an agent in the collector's own process (`yiwang run`): no socket, no key, the same promises. */
export const localUplink = (collector: Collector, agent: Assignee): Uplink => {
  collector.admit(agent)
  return {
    deliver: (batch, signal) => {
      signal.throwIfAborted()
      return collector.ingest(agent, batch)
    },
    plan: (digest, signal) => {
      signal.throwIfAborted()
      collector.hear(agent.id)
      const plan = collector.planOf(agent)
      return Promise.resolve(plan.digest === digest ? undefined : plan)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
