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
  /** When the batch came that showed that, milliseconds since the epoch. */
  readonly clockSeenAt?: number
  readonly spoolDepth?: number
  readonly silent: boolean
}

interface Heard {
  readonly at: number
  /** What its last batches showed of its clock, the newest first. */
  readonly skewsMs: readonly number[]
  readonly batchAt?: number | undefined
  readonly spooled?: number | undefined
}

type Known = Pick<Agent, 'id' | 'vantage' | 'state'>

/** The agents of the inventory and of this process, and when each was heard. */
export interface Roster {
  /** Registers an agent inside this process, which the inventory need not know. */
  admit(agent: Assignee): void
  /** Notes that an agent spoke; with a batch also what it said of its clock and its spool. */
  hear(agent: string, batch?: { readonly sentAt: number; readonly spooled: number }): void
  /** The agent's clock minus ours, by a batch that comes in now and those before it. */
  skewMs(agent: string, sentAt: number): number
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

const rememberedSkews = 5

/**
 * A clock that is ahead is ahead; one that seems behind may be right, and the batch have lain in a line that was cut:
 * it is no further behind than any of the last batches shows.
 */
const skewOf = ([newest, ...earlier]: readonly number[]): number | undefined =>
  newest === undefined || newest >= 0 ? newest : Math.min(0, Math.max(newest, ...earlier))

const standingOf = (agent: Known, last: Heard | undefined, now: number, silent: boolean): AgentStanding => {
  const skewMs = last && skewOf(last.skewsMs)
  return {
    agent: agent.id,
    vantage: agent.vantage,
    state: agent.state,
    ...(last && { heartbeatAgeSeconds: Math.max(0, now - last.at) / 1000 }),
    ...(skewMs !== undefined && { clockSkewSeconds: skewMs / 1000 }),
    ...(last?.batchAt !== undefined && { clockSeenAt: last.batchAt }),
    ...(last?.spooled !== undefined && { spoolDepth: last.spooled }),
    silent,
  }
}

/**
 * After a start every active agent has `silentAfterSeconds` to speak before it counts as silent:
 * it could not speak to a collector that was not there.
 */
export const createRoster = ({ clock, silentAfterSeconds, heard, agents }: RosterOptions): Roster => {
  const startedAt = clock()
  const memory = new Map<string, Heard>([...heard].map(([agent, at]) => [agent, { at, skewsMs: [] }]))
  const local = new Map<string, Known>()
  const isQuiet = (id: string): boolean =>
    clock() - Math.max(memory.get(id)?.at ?? 0, startedAt) > silentAfterSeconds * 1000
  const isSilent = ({ id, state }: Known): boolean => state === 'active' && isQuiet(id)
  return {
    admit: ({ id, vantage }) => void local.set(id, { id, vantage, state: 'active' }),
    hear: (agent, batch) => {
      const now = clock()
      const { skewsMs, batchAt, spooled }: Omit<Heard, 'at'> = memory.get(agent) ?? { skewsMs: [] }
      if (batch === undefined) {
        // Who was silent has spooled since: until its next batch nothing is known of its spool.
        memory.set(agent, { at: now, skewsMs, batchAt, spooled: isQuiet(agent) ? undefined : spooled })
        return
      }
      const skews = [batch.sentAt - now, ...skewsMs].slice(0, rememberedSkews)
      memory.set(agent, { at: now, skewsMs: skews, batchAt: now, spooled: batch.spooled })
    },
    skewMs: (agent, sentAt) => skewOf([sentAt - clock(), ...(memory.get(agent)?.skewsMs ?? [])]) ?? 0,
    standing: () =>
      [...Iterator.from(agents()).filter(({ id }) => !local.has(id)), ...local.values()]
        .toSorted(byId)
        .map((agent) => standingOf(agent, memory.get(agent.id), clock(), isSilent(agent))),
  }
}
