import { hostCheckKind, hostCheckPlace } from '../core/host-evidence.ts'
import type { Observation } from '../core/observation.ts'
import type { JobId } from '../core/probe.ts'
import { figuresOf } from '../metrics/figures.ts'
import type { Assignee } from '../plan/assign.ts'
import type { Job } from '../plan/plan.ts'
import type { Batch } from '../transport/wire.ts'
import type { Delivery, ResultStore, SequencedObservation } from './history/port.ts'

/** Why an observation is acknowledged and not stored: what nobody asked for must not block a spool. */
export const rejections = ['vantage', 'unknown-job', 'facts-too-large'] as const
export type Rejection = (typeof rejections)[number]

export interface Intake {
  readonly delivery: Delivery
  readonly rejected: ReadonlyMap<Rejection, number>
}

export interface IntakeScope {
  readonly agent: Assignee
  /** Jobs of this agent in the plan in force. */
  readonly jobs: ReadonlyMap<JobId, Job>
  readonly sightings: ReturnType<ResultStore['sightings']>
  readonly receivedAt: number
  /** The agent's clock minus ours, as far as its batches tell. */
  readonly skewMs: number
}

/** A clock that seems to be behind by less than this may be right: the batch took that time. */
const longestWayMs = 30_000
const factsRoom = 256 * 1024
const factsDepth = 32
type Facts = Observation['facts']

type Asked = Pick<Observation, 'target' | 'kind' | 'vantage'>

const isSame = (a: Asked, b: Asked): boolean =>
  a.target === b.target && a.kind === b.kind && a.vantage === b.vantage

/** Evidence of the agent's own machine, which no plan asks for. */
const isOfOwnHost = ({ job, target, kind }: Observation, agent: string): boolean => {
  const own = hostCheckPlace(agent)
  return kind === hostCheckKind && job === own.job && target === own.target
}

/** Asked of this agent now, or earlier: an observation may be late and its job gone from the plan. */
const isAsked = (observation: Observation, { agent, jobs, sightings }: IntakeScope): boolean => {
  if (isOfOwnHost(observation, agent.id)) return true
  const job = jobs.get(observation.job)
  if (job !== undefined) return isSame(job, observation)
  const earlier = sightings.get(observation.job)?.find((sighting) => sighting.agent === agent.id)
  return earlier !== undefined && isSame(earlier.observation, observation)
}

/** What is left of the room, in characters, when this is in it; negative where it does not fit, or nests without end. */
const roomBeside = (value: unknown, room: number, depth: number): number => {
  if (typeof value === 'string') return room - value.length
  if (typeof value !== 'object' || value === null) return room - 8
  if (depth === 0) return -1
  let left = room
  for (const name in value) {
    left = roomBeside((value as Facts)[name], left - name.length, depth - 1)
    if (left < 0) return left
  }
  return left
}

const rejectionOf = (observation: Observation, scope: IntakeScope): Rejection | undefined => {
  if (observation.vantage !== scope.agent.vantage) return 'vantage'
  if (!isAsked(observation, scope)) return 'unknown-job'
  return roomBeside(observation.facts, factsRoom, factsDepth) < 0 ? 'facts-too-large' : undefined
}

/** When it happened by our clock: never later than it came, whatever the agent's clock did meanwhile. */
const occurredAt = (observedAt: number, { skewMs, receivedAt }: IntakeScope): number => {
  const corrected = skewMs > 0 || skewMs < -longestWayMs ? observedAt - skewMs : observedAt
  return Math.max(0, Math.min(Math.round(corrected), receivedAt))
}

const rowOf = (sequence: number, observation: Observation, observedAt: number): SequencedObservation => ({
  sequence,
  observation: observation.observedAt === observedAt ? observation : { ...observation, observedAt },
  ...figuresOf(observation.kind, observation.facts),
})

const count = (rejections: readonly (Rejection | undefined)[]): ReadonlyMap<Rejection, number> =>
  new Map(
    Map.groupBy(
      rejections.filter((rejection) => rejection !== undefined),
      (rejection) => rejection,
    )
      .entries()
      .map(([rejection, group]) => [rejection, group.length]),
  )

/**
 * What of a batch is stored, and when each observation happened. A clock that is ahead, or more than 30 s
 * behind, is corrected by what its batches say of it; what still claims to come from the future happened now.
 */
export const intake = (batch: Batch, scope: IntakeScope): Intake => {
  const { agent, receivedAt } = scope
  const observations = batch.observations as readonly Observation[]
  const verdicts = observations.map((observation) => rejectionOf(observation, scope))
  const rows = observations.flatMap((observation, at) =>
    verdicts[at] === undefined
      ? [rowOf(batch.firstSequence + at, observation, occurredAt(observation.observedAt, scope))]
      : [],
  )
  const last = batch.firstSequence + observations.length - 1
  const delivery = {
    agent: agent.id,
    stream: batch.stream,
    first: batch.firstSequence,
    last,
    rows,
    receivedAt,
  }
  return { delivery, rejected: count(verdicts) }
}
