import type { Agent } from '../../inventory/model.ts'
import type { Clock } from '../core/clock.ts'
import type { Assignee } from '../plan/assign.ts'

/** What the collector knows of one agent now. */
export interface AgentStanding {
  readonly agent: string
  readonly vantage: Agent['vantage']
  readonly state: Agent['state']
  /** Absent where it was never heard. */
  readonly heartbeatAgeSeconds?: number
  /** The agent's clock minus ours. */
  readonly clockSkewSeconds?: number
  readonly spoolDepth?: number
  readonly silent: boolean
}

interface Heard {
  readonly at: number
  readonly skewSeconds?: number
  readonly spooled?: number
}

export interface Liveness {
  /** Notes that an agent spoke; with a batch also what it said of its clock and its spool. */
  hear(agent: string, batch?: { readonly sentAt: number; readonly spooled: number }): void
  /** Of these agents, in the order of their ids. */
  standing(agents: Iterable<Pick<Agent, 'id' | 'vantage' | 'state'>>): readonly AgentStanding[]
}

export interface LivenessOptions {
  readonly clock: Clock
  readonly silentAfterSeconds: number
  /** What an earlier process heard, milliseconds since the epoch. */
  readonly heard: ReadonlyMap<string, number>
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)

/**
 * Remembers when each agent was heard. After a start every active agent has `silentAfterSeconds` to speak
 * before it counts as silent: it could not speak to a collector that was not there.
 */
export const createLiveness = ({ clock, silentAfterSeconds, heard }: LivenessOptions): Liveness => {
  const startedAt = clock()
  const memory = new Map<string, Heard>([...heard].map(([agent, at]) => [agent, { at }]))
  const isSilent = (state: Agent['state'], last: Heard | undefined): boolean =>
    state === 'active' && clock() - Math.max(last?.at ?? 0, startedAt) > silentAfterSeconds * 1000
  return {
    hear: (agent, batch) => {
      const now = clock()
      const said = batch && { skewSeconds: (batch.sentAt - now) / 1000, spooled: batch.spooled }
      memory.set(agent, { ...memory.get(agent), ...said, at: now })
    },
    standing: (agents) =>
      [...agents].toSorted(byId).map(({ id, vantage, state }) => {
        const last = memory.get(id)
        return {
          agent: id,
          vantage,
          state,
          ...(last && { heartbeatAgeSeconds: Math.max(0, clock() - last.at) / 1000 }),
          ...(last?.skewSeconds !== undefined && { clockSkewSeconds: last.skewSeconds }),
          ...(last?.spooled !== undefined && { spoolDepth: last.spooled }),
          silent: isSilent(state, last),
        }
      }),
  }
}

/** An agent inside this very process: known without the inventory. */
export const localAgent = ({ id, vantage }: Assignee): Pick<Agent, 'id' | 'vantage' | 'state'> => ({
  id,
  vantage,
  state: 'active',
})
