import type { StatementSync } from 'node:sqlite'
import { answeringCauses } from '../../core/outcome.ts'
import { statusCode } from './codes.ts'
import type { Overlay } from './overlay.ts'
import { type Parcel, type Row, rowsOf } from './parcel.ts'
import type { Receipt } from './port.ts'
import { type Ranges, add, includes, reached } from './ranges.ts'
import { bucketOf, dayOf, hourOf } from './rollup.ts'
import { type Look, sinceWhen } from './sightings.ts'
import type { Statements } from './statements.ts'

/** The newest look of one job by one agent. */
export interface Newest extends Look {
  readonly since: number
}

/** What the writer remembers of the file, so that it need not ask for each row. */
export interface Recollection {
  readonly jobs: Overlay<string, number>
  readonly newest: Overlay<string, Newest>
  readonly causes: ReadonlyMap<string, number>
}

export const newestKey = (job: number, agent: number): string => `${String(job)} ${String(agent)}`

export interface Applied extends Receipt {
  /** Places of the rows that were not new. */
  readonly known: readonly number[]
}

interface Scope {
  readonly statements: Statements
  readonly recollection: Recollection
  readonly agent: number
  /** Rows of `latest` that the transaction ends with. */
  readonly latest: Latest
}

type Latest = Map<string, readonly [job: number, agent: number, since: number, text: string]>

const idOf = (row: Readonly<Record<string, unknown>> | undefined): number => Number(row?.['id'])

const jobOf = ({ statements, recollection: { jobs } }: Scope, { job, text }: Row): number => {
  const found = jobs.get(job)
  if (found !== undefined) return found
  const { target, kind, vantage } = JSON.parse(text) as Record<'target' | 'kind' | 'vantage', string>
  const id = Number(statements.addJob.run(job, target, kind, vantage).lastInsertRowid)
  jobs.set(job, id)
  return id
}

const addResult = ({ statements, recollection, agent }: Scope, job: number, row: Row): boolean => {
  const { observedAt, status, cause, seconds, lossRatio, rttSeconds } = row
  const causeId = cause === null ? null : (recollection.causes.get(cause) ?? null)
  const { changes } = statements.addResult.run(
    ...([dayOf(observedAt), job, observedAt, agent, statusCode[status], causeId] as const),
    ...([seconds, lossRatio, rttSeconds] as const),
  )
  return changes === 1
}

const countingOf = (
  { countUp, countDown, countAnswered, countUnknown }: Statements,
  { status, cause, seconds, rttSeconds }: Row,
): StatementSync | undefined => {
  if (status === 'up') return countUp[bucketOf(rttSeconds ?? seconds)]
  if (status === 'unknown') return countUnknown
  return cause !== null && answeringCauses.has(cause) ? countAnswered : countDown
}

/** Times count only where the target answered. */
const count = ({ statements }: Scope, job: number, row: Row): void => {
  const { observedAt, status, seconds, lossRatio } = row
  const sums = [status === 'up' ? seconds : 0, lossRatio ?? 0, Number(lossRatio !== null)] as const
  countingOf(statements, row)?.run(hourOf(observedAt), job, ...sums)
}

const advanceNewest = ({ recollection: { newest }, agent, latest }: Scope, job: number, row: Row): void => {
  const key = newestKey(job, agent)
  const known = newest.get(key)
  const since = sinceWhen(known, known?.since ?? 0, row)
  if (since === undefined) return
  const { observedAt, status, text } = row
  newest.set(key, { observedAt, status, since })
  latest.set(key, [job, agent, since, text])
}

const addRow = (scope: Scope, row: Row): boolean => {
  const job = jobOf(scope, row)
  if (!addResult(scope, job, row)) return false
  count(scope, job, row)
  advanceNewest(scope, job, row)
  return true
}

const rangesOf = (statements: Statements, agent: number, stream: string): Ranges =>
  statements.ranges.all(agent, stream).map((row) => [Number(row['first']), Number(row['last'])] as const)

const replaceRanges = (statements: Statements, agent: number, stream: string, ranges: Ranges): void => {
  statements.forgetRanges.run(agent, stream)
  for (const [first, last] of ranges) statements.addRange.run(agent, stream, first, last)
}

/** Sequence before which nothing of this delivery is new: `first` itself, or what lies before an empty one. */
const anchor = ({ first, last }: Parcel): number => (last < first ? first - 1 : first)

/** Writes one delivery inside the running transaction. */
const applyParcel = ({ statements, recollection, latest }: Omit<Scope, 'agent'>, parcel: Parcel): Applied => {
  statements.heard.run(parcel.agent, parcel.receivedAt)
  const agent = idOf(statements.findAgent.get(parcel.agent))
  const scope: Scope = { statements, recollection, latest, agent }
  const before = rangesOf(statements, agent, parcel.stream)
  const known: number[] = []
  const rows = rowsOf(parcel)
  for (const [at, row] of rows.entries())
    if (includes(before, row.sequence) || !addRow(scope, row)) known.push(at)
  const after = add(before, parcel.first, parcel.last)
  replaceRanges(statements, agent, parcel.stream, after)
  const stored = rows.length - known.length
  return { acknowledged: reached(after, anchor(parcel)), stored, duplicates: known.length, known }
}

/** Writes deliveries inside the running transaction; of a job that is in several only the newest look is put down. */
export const applyParcels = (
  statements: Statements,
  recollection: Recollection,
  parcels: readonly Parcel[],
): readonly Applied[] => {
  const latest: Latest = new Map()
  const applied = parcels.map((parcel) => applyParcel({ statements, recollection, latest }, parcel))
  for (const row of latest.values()) statements.putLatest.run(...row)
  return applied
}
