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

const someSql = (column: string): string => `json_group_array(${column}) FILTER (WHERE down + unknown > 0)`

// Columns of a run of rows come as one text each: a row by itself costs four times as much to hand over. Most rows have
// nothing but looks that were up.
const hourSql = `
SELECT json_group_array(job) AS jobs, json_group_array(up) AS up,
  ${someSql('job')} AS others, ${someSql('down')} AS down, ${someSql('unknown')} AS unknown,
  ${someSql('answered')} AS answered
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

type Column = keyof HourCounts
type Columns = Readonly<Record<Column, Uint32Array>>

const columnsOf = (make: (column: Column) => Uint32Array): Columns => ({
  up: make('up'),
  down: make('down'),
  unknown: make('unknown'),
  answered: make('answered'),
})

type Texts = Readonly<Record<Column | 'jobs' | 'others', string>>

const numbersIn = (text: string): readonly number[] => JSON.parse(text) as readonly number[]

/** The counts of sorted jobs, each job's hours side by side. */
const createTable = (jobs: readonly number[], width: number) => {
  const first = jobs[0] ?? 0
  const places = new Int32Array((jobs.at(-1) ?? 0) - first + 1).fill(-1)
  for (const [place, job] of jobs.entries()) places[job - first] = place
  const seen = new Uint8Array(jobs.length)
  const counts = columnsOf(() => new Uint32Array(jobs.length * width))
  // Millions of rows go through here: no iterator, no list of pairs.
  const put = (column: Column, hour: number, rows: readonly number[], text: string): void => {
    const [values, own] = [numbersIn(text), counts[column]]
    for (let at = 0; at < rows.length; at += 1) {
      const place = places[(rows[at] ?? 0) - first] ?? -1
      if (place < 0) continue
      own[place * width + hour] = values[at] ?? 0
      seen[place] = 1
    }
  }
  return {
    fill: (texts: Texts, hour: number): void => {
      put('up', hour, numbersIn(texts.jobs), texts.up)
      const others = numbersIn(texts.others)
      for (const column of ['down', 'unknown', 'answered'] as const) put(column, hour, others, texts[column])
    },
    whole: (): ReadonlyMap<number, HourCounts> =>
      new Map(
        jobs.flatMap((job, place) => {
          if (seen[place] === 0) return []
          const from = place * width
          return [[job, columnsOf((column) => counts[column].subarray(from, from + width))]]
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
        for (const [first, last] of runs) table.fill(hourly.get(hour, first, last) as unknown as Texts, place)
        yield
      }
      return table.whole()
    },
    answering: (vantage, hour) => answering.all(hour, vantage).map((row) => String(row['target'])),
  }
}
