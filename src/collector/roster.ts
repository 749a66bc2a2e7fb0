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

type Known = Pick<Agent, 'id' | 'vantage' | 'state'>

/** The agents of the inventory and of this process, and when each was heard. */
export interface Roster {
  /** Registers an agent inside this process, which the inventory need not know. */
  admit(agent: Assignee): void
  /** Notes that an agent spoke; with a batch also what it said of its clock and its spool. */
  hear(agent: string, batch?: { readonly sentAt: number; readonly spooled: number }): void
  /** In the order of their ids. */
  standing(): readonly AgentStanding[]
}

export interface RosterOptions {
  readonly clock: Clock
  readonly silentAfterSeconds: number
  /** What an earlier process heard, milliseconds since the epoch. */
  readonly heard: ReadonlyMap<string, number>
  /** Those that the inventory has now. */
  readonly agents: () => Iterable<Known>
}

const byId = (a: Known, b: Known): number => (a.id < b.id ? -1 : 1)

const standingOf = (agent: Known, last: Heard | undefined, now: number, silent: boolean): AgentStanding => ({
  agent: agent.id,
  vantage: agent.vantage,
  state: agent.state,
  ...(last && { heartbeatAgeSeconds: Math.max(0, now - last.at) / 1000 }),
  ...(last?.skewSeconds !== undefined && { clockSkewSeconds: last.skewSeconds }),
  ...(last?.spooled !== undefined && { spoolDepth: last.spooled }),
  silent,
})

/**
 * After a start every active agent has `silentAfterSeconds` to speak before it counts as silent:
 * it could not speak to a collector that was not there.
 */
export const createRoster = ({ clock, silentAfterSeconds, heard, agents }: RosterOptions): Roster => {
  const startedAt = clock()
  const memory = new Map<string, Heard>([...heard].map(([agent, at]) => [agent, { at }]))
  const local = new Map<string, Known>()
  const isQuiet = (id: string): boolean =>
    clock() - Math.max(memory.get(id)?.at ?? 0, startedAt) > silentAfterSeconds * 1000
  const isSilent = ({ id, state }: Known): boolean => state === 'active' && isQuiet(id)
  return {
    admit: ({ id, vantage }) => void local.set(id, { id, vantage, state: 'active' }),
    hear: (agent, batch) => {
      const now = clock()
      // Who was silent has spooled since: until its next batch nothing is known of its spool.
      const before = isQuiet(agent) ? {} : memory.get(agent)
      const said = batch && { skewSeconds: (batch.sentAt - now) / 1000, spooled: batch.spooled }
      memory.set(agent, { ...before, ...said, at: now })
    },
    standing: () =>
      [...Iterator.from(agents()).filter(({ id }) => !local.has(id)), ...local.values()]
        .toSorted(byId)
        .map((agent) => standingOf(agent, memory.get(agent.id), clock(), isSilent(agent))),
  }
}
