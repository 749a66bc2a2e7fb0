import type { Observation } from '../../core/observation.ts'
import { type Status, statuses } from '../../core/outcome.ts'
import type { Delivery, Receipt, SequencedObservation, Sighting } from './port.ts'
import { type Ranges, add, includes, reached } from './ranges.ts'
import { type Tally, dayOf, emptyTally, hourOf, tally } from './rollup.ts'
import { advance } from './sightings.ts'
import type { Statements } from './statements.ts'

/** What is known of earlier deliveries; `of` sees what the running transaction has staged already. */
export interface Known {
  readonly sighting: (job: string, agent: string) => Sighting | undefined
  readonly cause: (name: string) => number
}

/** What a transaction changes in memory once it is committed; dropped when it is not. */
export interface Staged {
  readonly sightings: Map<string, Sighting>
  readonly heard: Map<string, number>
}

export const emptyStage = (): Staged => ({ sightings: new Map(), heard: new Map() })

const statusCode: Readonly<Record<Status, number>> = { up: 0, down: 1, unknown: 2 }

/** The status that a stored code means. */
export const statusOfCode = (code: number): Status =>
  statuses.find((status) => statusCode[status] === code) ?? 'unknown'

const idOf = (row: Readonly<Record<string, unknown>> | undefined): number => Number(row?.['id'])

const jobId = (statements: Statements, { job, target, kind, vantage }: Observation): number => {
  const found = statements.findJob.get(job)
  return found ? idOf(found) : Number(statements.addJob.run(job, target, kind, vantage).lastInsertRowid)
}

const rangesOf = (statements: Statements, agent: number, stream: string): Ranges =>
  statements.ranges.all(agent, stream).map((row) => [Number(row['first']), Number(row['last'])] as const)

const replaceRanges = (statements: Statements, agent: number, stream: string, ranges: Ranges): void => {
  statements.forgetRanges.run(agent, stream)
  for (const [first, last] of ranges) statements.addRange.run(agent, stream, first, last)
}

interface Scope {
  readonly statements: Statements
  readonly known: Known
  readonly staged: Staged
  readonly agent: { readonly id: number; readonly name: string }
  readonly tallies: Map<string, { readonly hour: number; readonly job: number; sum: Tally }>
  readonly touched: Map<string, { readonly job: number; readonly sighting: Sighting }>
}

const addResult = ({ statements, known, agent }: Scope, job: number, row: SequencedObservation): boolean => {
  const { observedAt, status, cause, seconds } = row.observation
  const { changes } = statements.addResult.run(
    dayOf(observedAt),
    job,
    observedAt,
    agent.id,
    statusCode[status],
    cause === undefined ? null : known.cause(cause),
    seconds,
    row.lossRatio ?? null,
    row.rttSeconds ?? null,
  )
  return changes > 0
}

const addToTally = ({ tallies }: Scope, job: number, row: SequencedObservation): void => {
  const hour = hourOf(row.observation.observedAt)
  const key = `${String(hour)} ${String(job)}`
  const entry = tallies.get(key) ?? { hour, job, sum: emptyTally }
  entry.sum = tally(entry.sum, row)
  tallies.set(key, entry)
}

const advanceSighting = (scope: Scope, job: number, { observation }: SequencedObservation): void => {
  const { known, staged, agent, touched } = scope
  const key = `${observation.job} ${agent.name}`
  const before = staged.sightings.get(key) ?? known.sighting(observation.job, agent.name)
  const sighting = advance(before, agent.name, observation)
  if (sighting === undefined) return
  staged.sightings.set(key, sighting)
  touched.set(key, { job, sighting })
}

const applyRow = (scope: Scope, row: SequencedObservation): boolean => {
  const job = jobId(scope.statements, row.observation)
  if (!addResult(scope, job, row)) return false
  addToTally(scope, job, row)
  advanceSighting(scope, job, row)
  return true
}

const writeTallies = ({ statements, tallies }: Scope): void => {
  for (const { hour, job, sum } of tallies.values())
    statements.addRollup.run(
      hour,
      job,
      ...[sum.up, sum.down, sum.unknown, sum.secondsSum, sum.lossSum, sum.lossCount],
      ...sum.histogram,
    )
}

const writeSightings = ({ statements, agent, touched }: Scope): void => {
  for (const { job, sighting } of touched.values())
    statements.putLatest.run(job, agent.id, sighting.since, JSON.stringify(sighting.observation))
}

const hear = (statements: Statements, staged: Staged, { agent, receivedAt }: Delivery): number => {
  statements.heard.run(agent, receivedAt)
  staged.heard.set(agent, Math.max(receivedAt, staged.heard.get(agent) ?? 0))
  return idOf(statements.findAgent.get(agent))
}

/** Sequence before which nothing of this delivery is new: `first` itself, or what lies before an empty one. */
const anchor = ({ first, last }: Delivery): number => (last < first ? first - 1 : first)

/** Writes one delivery inside the running transaction. */
export const applyDelivery = (
  statements: Statements,
  known: Known,
  staged: Staged,
  delivery: Delivery,
): Receipt => {
  const id = hear(statements, staged, delivery)
  const agent = { id, name: delivery.agent }
  const scope: Scope = { statements, known, staged, agent, tallies: new Map(), touched: new Map() }
  const before = rangesOf(statements, id, delivery.stream)
  const fresh = delivery.rows.filter(({ sequence }) => !includes(before, sequence))
  const stored = fresh.filter((row) => applyRow(scope, row)).length
  const after = add(before, delivery.first, delivery.last)
  writeTallies(scope)
  writeSightings(scope)
  replaceRanges(statements, id, delivery.stream, after)
  return { acknowledged: reached(after, anchor(delivery)), stored, duplicates: delivery.rows.length - stored }
}
