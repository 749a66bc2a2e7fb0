import type { Cause } from '../core/outcome.ts'
import type { Status } from '../core/outcome.ts'
import type { Job } from '../plan/plan.ts'
import type { Sighting } from './history/port.ts'

/** Why we do not know, beside what an agent itself gives as the cause. */
export const ignorance = ['never', 'stale', 'agent-silent', 'no-control'] as const
export type Reason = Cause | (typeof ignorance)[number]

/** What one job says now. */
export interface Check {
  readonly job: Job
  /** `up`: as expected. For `expect: 'unreachable'` that means that nobody answered. */
  readonly status: Status
  /** Something answered, expected or not. */
  readonly answers: boolean
  readonly reason?: Reason
  readonly detail?: string
  /** Since when it is so, milliseconds since the epoch; absent where nobody ever looked. */
  readonly since?: number
  /** What decided it. */
  readonly sighting?: Sighting
}

export interface CheckInput {
  /** Whether this agent is active and was heard lately. */
  readonly isHeard: (agent: string) => boolean
  readonly now: number
}

/** An observation counts this long: three intervals, and never less than 90 s. */
export const freshForMs = (intervalSeconds: number): number => Math.max(3 * intervalSeconds, 90) * 1000

type Order = (one: Sighting, other: Sighting) => boolean

const first = (sightings: readonly Sighting[], precedes: Order): Sighting | undefined => {
  let found: Sighting | undefined
  for (const each of sightings) if (found === undefined || precedes(each, found)) found = each
  return found
}

const isNewer: Order = (one, other) => one.observation.observedAt > other.observation.observedAt

const ignorant = (job: Job, reason: Reason, last?: Sighting): Check => ({
  job,
  status: 'unknown',
  answers: false,
  reason,
  ...(last && { since: last.observation.observedAt, sighting: last }),
})

/** Causes of a `down` in which something did answer. */
const answering: ReadonlySet<Reason> = new Set(['tls', 'protocol', 'assertion'])

const seen = (job: Job, sighting: Sighting): Check => {
  const { status, cause, detail } = sighting.observation
  return {
    job,
    status,
    answers: status === 'up' || (status === 'down' && cause !== undefined && answering.has(cause)),
    ...(cause && { reason: cause }),
    ...(detail !== undefined && { detail }),
    since: sighting.since,
    sighting,
  }
}

const rank: Readonly<Record<Status, number>> = { up: 2, down: 1, unknown: 0 }

/** One agent that reaches it is enough: another that does not has a trouble of its own. */
const isTelling: Order = (one, other) => {
  const difference = rank[one.observation.status] - rank[other.observation.status]
  return difference === 0 ? isNewer(one, other) : difference > 0
}

/** What a job says by itself; a job whose target must not answer is then to be `reversed`. */
export const checkOf = (job: Job, all: readonly Sighting[], { isHeard, now }: CheckInput): Check => {
  const oldest = now - freshForMs(job.intervalSeconds)
  const counted = all.filter(({ agent, observation }) => observation.observedAt >= oldest && isHeard(agent))
  const decisive = first(counted, isTelling)
  if (decisive !== undefined) return seen(job, decisive)
  const last = first(all, isNewer)
  if (last === undefined) return ignorant(job, 'never')
  return ignorant(job, isHeard(last.agent) ? 'stale' : 'agent-silent', last)
}

/** Turns a check round whose target must not answer. Silence says something only to an agent that reaches others. */
export const reversed = (check: Check, reaches: ReadonlySet<string>): Check => {
  const { job, status, answers, sighting, since } = check
  if (status === 'unknown' || sighting === undefined) return check
  const known = { job, answers, sighting, ...(since !== undefined && { since }) }
  if (answers) return { ...known, status: 'down', reason: 'assertion', detail: `answers from ${job.vantage}` }
  if (reaches.has(sighting.agent)) return { ...known, status: 'up' }
  return {
    ...known,
    status: 'unknown',
    reason: 'no-control',
    detail: 'nothing else answers this agent either, so that silence proves nothing',
  }
}

/** Agents that reach something that is to be reached: their silence elsewhere says something. */
export const reachingAgents = (checks: readonly Check[]): ReadonlySet<string> => {
  const agents = new Set<string>()
  for (const { job, answers, sighting } of checks)
    if (answers && job.expect === 'reachable' && sighting !== undefined) agents.add(sighting.agent)
  return agents
}
