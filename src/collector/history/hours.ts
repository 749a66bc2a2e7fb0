import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JobId } from '../../core/probe.ts'
import type { TargetId, Vantage } from '../../core/target.ts'
import type { Work } from '../slices.ts'
import type { TimeWindow } from './port.ts'
import { hourMs, hourOf } from './rollup.ts'

/** What one job came to in a list of hours, all agents together; by place in that list. */
export interface HourCounts {
  readonly up: Uint32Array
  readonly down: Uint32Array
  readonly unknown: Uint32Array
  /** Of `down`, the failures in which something answered. */
  readonly answered: Uint32Array
}

/** A job as the file numbers it. */
export interface NumberedJob {
  readonly id: number
  readonly name: JobId
  readonly target: TargetId
  readonly vantage: Vantage
}

export interface HoursReader {
  /** The jobs of these names that anybody ever looked at. */
  jobsNamed(names: readonly JobId[]): readonly NumberedJob[]
  /** The jobs at these targets but what an agent measures on its own machine. */
  jobsAt(targets: readonly TargetId[]): readonly NumberedJob[]
  /** What jobs (by number) came to in hours (starts, milliseconds since the epoch); those without any look are left out. */
  read(jobs: readonly number[], hours: readonly number[]): Work<ReadonlyMap<number, HourCounts>>
  /** Targets that were looked at from there in that hour and answered every time: two at most. */
  answering(vantage: Vantage, hour: number): readonly TargetId[]
}

// Each by itself is a look at one end of the index; both in one would walk all of it.
const boundsSql = `
SELECT (SELECT min(hour) FROM rollup) AS first, (SELECT max(hour) FROM rollup) AS last`

/** The part of a window that there are roll-ups of, in whole hours; undefined where there are none. */
export const keptHours = (database: DatabaseSync, { from, to }: TimeWindow): TimeWindow | undefined => {
  const { first = null, last = null } = database.prepare(boundsSql).get() ?? {}
  if (first === null || last === null) return undefined
  const kept = { from: Math.max(hourOf(from), Number(first)), to: Math.min(to, Number(last) + hourMs) }
  return kept.from < kept.to ? kept : undefined
}

const jobsSql = (where: string): string =>
  `SELECT job.id, job.name, target, vantage FROM json_each(?) AS wanted CROSS JOIN job WHERE ${where}`

// Columns of a run of rows come as one text each: a row by itself costs four times as much to hand over.
const hourSql = `
SELECT json_group_array(job) AS jobs, json_group_array(up) AS up, json_group_array(down) AS down,
  json_group_array(unknown) AS unknown, json_group_array(answered) AS answered
FROM rollup WHERE hour = ? AND job BETWEEN ? AND ?`

/** The first two that are found will do: the hours of all jobs together are far too many to walk. */
const answeringSql = `
SELECT DISTINCT target FROM rollup CROSS JOIN job
WHERE hour = ? AND job.id = rollup.job AND vantage = ? AND kind <> 'host'
  AND up > 0 AND down = 0 AND unknown = 0 LIMIT 2`

type Run = readonly [first: number, last: number]

/** Rows between two that are wanted: as many cost what a statement does. */
const widestGap = 64

/** The runs of neighbouring numbers among sorted ones. */
const runsOf = (jobs: readonly number[]): readonly Run[] => {
  const runs: [number, number][] = []
  for (const job of jobs) {
    const last = runs.at(-1)
    if (last === undefined || job - last[1] > widestGap) runs.push([job, job])
    else last[1] = job
  }
  return runs
}

const columns = ['up', 'down', 'unknown', 'answered'] as const
type Column = (typeof columns)[number]

const numbersIn = (text: unknown): readonly number[] => JSON.parse(String(text)) as readonly number[]

/** The counts of jobs, each job's hours side by side. */
const createTable = (jobs: readonly number[], width: number) => {
  const places = new Map(jobs.map((job, place) => [job, place]))
  const seen = new Uint8Array(jobs.length)
  const counts = Object.fromEntries(
    columns.map((column) => [column, new Uint32Array(jobs.length * width)]),
  ) as Readonly<Record<Column, Uint32Array>>
  return {
    fill: (row: ReturnType<StatementSync['get']>, hour: number): void => {
      const rows = numbersIn(row?.['jobs'] ?? '[]').map((job) => places.get(job) ?? -1)
      for (const place of rows) if (place >= 0) seen[place] = 1
      for (const column of columns) {
        const [values, own] = [numbersIn(row?.[column] ?? '[]'), counts[column]]
        for (const [at, place] of rows.entries()) if (place >= 0) own[place * width + hour] = values[at] ?? 0
      }
    },
    whole: (): ReadonlyMap<number, HourCounts> =>
      new Map(
        jobs
          .filter((_, place) => seen[place] === 1)
          .map((job) => {
            const from = (places.get(job) ?? 0) * width
            const of = (column: Column): Uint32Array => counts[column].subarray(from, from + width)
            return [job, { up: of('up'), down: of('down'), unknown: of('unknown'), answered: of('answered') }]
          }),
      ),
  }
}

/** Reads hours of many jobs at once: a statement an hour and run of neighbouring jobs, with a pause after each hour. */
export const createHoursReader = (database: DatabaseSync): HoursReader => {
  const named = database.prepare(jobsSql('job.name = wanted.value'))
  const at = database.prepare(jobsSql("job.target = wanted.value AND job.kind <> 'host'"))
  const [hourly, answering] = [database.prepare(hourSql), database.prepare(answeringSql)]
  const jobsBy = (query: StatementSync, wanted: readonly string[]): readonly NumberedJob[] =>
    query.all(JSON.stringify(wanted)).map((row) => ({
      id: Number(row['id']),
      name: String(row['name']),
      target: String(row['target']),
      vantage: String(row['vantage']) as Vantage,
    }))
  return {
    jobsNamed: (names) => jobsBy(named, names),
    jobsAt: (targets) => jobsBy(at, targets),
    *read(jobs, hours) {
      const sorted = [...new Set(jobs)].sort((one, other) => one - other)
      const runs = runsOf(sorted)
      const table = createTable(sorted, hours.length)
      for (const [place, hour] of hours.entries()) {
        for (const [first, last] of runs) table.fill(hourly.get(hour, first, last), place)
        yield
      }
      return table.whole()
    },
    answering: (vantage, hour) => answering.all(hour, vantage).map((row) => String(row['target'])),
  }
}
