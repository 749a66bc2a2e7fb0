import { answeringCauses, type Cause } from '../core/outcome.ts'
import type { Status } from '../core/outcome.ts'
import type { JobId } from '../core/probe.ts'
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
  /** One side of a segmentation met silence, and so did all else that its agent looks at. */
  readonly isAlone?: boolean
  readonly reason?: Reason
  readonly detail?: string
  /** Since when it is so, milliseconds since the epoch; absent where nobody ever looked. */
  readonly since?: number
  /** What decided it. */
  readonly sighting?: Sighting
}

/** Those that say whether a target is up: what must not be answered says so only where there is nothing else. */
export const tellingUp = (checks: readonly Check[]): readonly Check[] => {
  const usual = checks.filter(({ job }) => job.expect === 'reachable')
  return usual.length > 0 ? usual : checks
}

/** Whom to believe, and at what time. */
export interface Hearing {
  /** Whether this agent is active and was heard lately. */
  readonly isHeard: (agent: string) => boolean
  readonly now: number
}

export interface CheckInput extends Hearing {
  readonly jobs: readonly Job[]
  readonly sightings: ReadonlyMap<JobId, readonly Sighting[]>
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

export const newestOf = (sightings: readonly Sighting[]): Sighting | undefined => first(sightings, isNewer)

const ignorant = (job: Job, reason: Reason, last?: Sighting): Check => ({
  job,
  status: 'unknown',
  answers: false,
  reason,
  ...(last && { since: last.observation.observedAt, sighting: last }),
})

export const isAnswered = ({ observation: { status, cause } }: Sighting): boolean =>
  status === 'up' || (status === 'down' && cause !== undefined && answeringCauses.has(cause))

const seen = (job: Job, sighting: Sighting): Check => {
  const { status, cause, detail } = sighting.observation
  return {
    job,
    status,
    answers: isAnswered(sighting),
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

/** What agents that are heard saw lately. */
const countedAmong = (all: readonly Sighting[], job: Job, { isHeard, now }: Hearing): readonly Sighting[] => {
  const oldest = now - freshForMs(job.intervalSeconds)
  return all.filter(({ agent, observation }) => observation.observedAt >= oldest && isHeard(agent))
}

export const countedSightings = (job: Job, input: CheckInput): readonly Sighting[] =>
  countedAmong(input.sightings.get(job.id) ?? [], job, input)

/** What a job saw, whether it was to be seen or not. */
export const checkOf = (job: Job, all: readonly Sighting[], hearing: Hearing): Check => {
  const decisive = first(countedAmong(all, job, hearing), isTelling)
  if (decisive !== undefined) return seen(job, decisive)
  const last = newestOf(all)
  if (last === undefined) return ignorant(job, 'never')
  return ignorant(job, hearing.isHeard(last.agent) ? 'stale' : 'agent-silent', last)
}

/** What each job saw, whether it was to be seen or not; in the order of the jobs. */
export const checksOf = (input: CheckInput): readonly Check[] =>
  input.jobs.map((job) => checkOf(job, input.sightings.get(job.id) ?? [], input))
