import type { StatementSync } from 'node:sqlite'
import { answeringCauses } from '../../core/outcome.ts'
import { statusCode } from './codes.ts'
import { endingDayOf, endingText } from './ending.ts'
import type { Folder } from './fold.ts'
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

/** What a delivery is written with. */
export interface Pen {
  readonly statements: Statements
  readonly recollection: Recollection
  readonly folder: Pick<Folder, 'counted'>
}

interface Scope extends Pen {
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
const count = ({ statements, folder }: Scope, job: number, row: Row): void => {
  const { observedAt, status, seconds, lossRatio } = row
  const sums = [status === 'up' ? seconds : 0, lossRatio ?? 0, Number(lossRatio !== null)] as const
  countingOf(statements, row)?.run(hourOf(observedAt), job, ...sums)
  folder.counted(job, observedAt)
}

/** Of two looks on different days, the earlier one may be the last of its day. */
const endDay = (scope: Scope, job: number, row: Row, known: Newest): void => {
  const { statements, agent, latest } = scope
  const [own, other] = [endingDayOf(row.observedAt), endingDayOf(known.observedAt)]
  if (own === other) return
  const put = (day: number, since: number, text: string): void =>
    void statements.putEnding.run(day, job, agent, since, endingText(text))
  if (own < other) put(own, row.observedAt, row.text)
  else {
    const staged = latest.get(newestKey(job, agent))?.[3]
    put(other, known.since, staged ?? String(statements.latest.get(job, agent)?.['observation']))
  }
}

const advanceNewest = (scope: Scope, job: number, row: Row): void => {
  const {
    recollection: { newest },
    agent,
    latest,
  } = scope
  const key = newestKey(job, agent)
  const known = newest.get(key)
  if (known !== undefined) endDay(scope, job, row, known)
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
const applyParcel = (open: Omit<Scope, 'agent'>, parcel: Parcel): Applied => {
  const { statements } = open
  statements.heard.run(parcel.agent, parcel.receivedAt)
  const agent = idOf(statements.findAgent.get(parcel.agent))
  const scope: Scope = { ...open, agent }
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
export const applyParcels = (pen: Pen, parcels: readonly Parcel[]): readonly Applied[] => {
  const latest: Latest = new Map()
  const applied = parcels.map((parcel) => applyParcel({ ...pen, latest }, parcel))
  for (const row of latest.values()) pen.statements.putLatest.run(...row)
  return applied
}
