import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JobId } from '../../core/probe.ts'
import type { TargetId, Vantage } from '../../core/target.ts'
import type { Work } from '../slices.ts'
import { blockOf, firstOf, hoursAThird, unpack } from './blocks.ts'
import { createTable, type HourPlaces, type HoursOfJob } from './hour-table.ts'
import { hourly, type Run } from './hourly.ts'
import type { TimeWindow } from './port.ts'
import { hourMs, hourOf, thirdMs, thirdOf } from './rollup.ts'

/** A job as the file numbers it. */
export interface NumberedJob {
  readonly id: number
  readonly name: JobId
  readonly target: TargetId
  readonly vantage: Vantage
}

/** Undefined where nobody looked. */
export type HoursByJob = (job: number) => HoursOfJob | undefined

export interface HoursReader {
  /** The jobs of these names that anybody ever looked at. */
  jobsNamed(names: readonly JobId[]): readonly NumberedJob[]
  /** The jobs at these targets but what an agent measures on its own machine. */
  jobsAt(targets: readonly TargetId[]): readonly NumberedJob[]
  /** What jobs (by number) came to in hours (starts, milliseconds since the epoch). */
  read(jobs: readonly number[], hours: readonly number[]): Work<HoursByJob>
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

/** The first two that are found will do: the hours of all jobs together are far too many to walk. */
const answeringSql = `
SELECT DISTINCT target FROM rollup CROSS JOIN job
WHERE hour = ? AND job.id = rollup.job AND vantage = ? AND kind <> 'host'
  AND up > 0 AND down = 0 AND unknown = 0 LIMIT 2`

/** Rows between two that are wanted: as many cost what a statement does. */
const widestGap = 64

const eachOnce = (jobs: readonly number[]): readonly number[] =>
  jobs.toSorted((one, other) => one - other).filter((job, at, sorted) => job !== sorted[at - 1])

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

/** Hours of a list that lie in the same third of a day. */
interface Piece {
  readonly third: number
  readonly hours: readonly number[]
  readonly places: HourPlaces
}

const piecesOf = (hours: readonly number[]): readonly Piece[] =>
  [...Map.groupBy(hours.entries(), ([, hour]) => thirdOf(hour))].map(([third, own]) => ({
    third,
    hours: own.map(([, hour]) => hour),
    places: { from: own.map(([, hour]) => (hour % thirdMs) / hourMs), to: own.map(([place]) => place) },
  }))

/** Places of sorted jobs by the block that they belong to. */
const blocksOf = (jobs: readonly number[]): readonly (readonly [block: number, places: Run])[] => {
  const found: [block: number, places: [begin: number, end: number]][] = []
  for (let place = 0; place < jobs.length; place += 1) {
    const block = blockOf(jobs[place] ?? 0)
    const last = found.at(-1)
    if (last?.[0] === block) last[1][1] = place + 1
    else found.push([block, [place, place + 1]])
  }
  return found
}

/**
 * Reads hours of many jobs at once: where they are folded, a row a block; where not, a statement an hour and run of
 * neighbouring jobs. It pauses after each.
 */
export const createHoursReader = (database: DatabaseSync): HoursReader => {
  const named = database.prepare(jobsSql('job.name = wanted.value'))
  const at = database.prepare(jobsSql("job.target = wanted.value AND job.kind <> 'host'"))
  const answering = database.prepare(answeringSql)
  const folded = database.prepare('SELECT hours FROM folded WHERE third = ? AND block = ?')
  const hoursOf = hourly(database)
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
      const sorted = eachOnce(jobs)
      const table = createTable(sorted, hours.length)
      const blocks = blocksOf(sorted)
      for (const { third, hours: own, places } of piecesOf(hours)) {
        const open: number[] = []
        for (const [block, [begin, end]] of blocks) {
          const packed = folded.get(third, block)?.['hours']
          if (packed instanceof Uint8Array)
            table.take(
              { first: firstOf(block), width: hoursAThird, counts: unpack(packed) },
              [begin, end],
              places,
            )
          else open.push(...sorted.slice(begin, end))
          yield
        }
        const runs = runsOf(open)
        for (const [at, hour] of own.entries()) {
          for (const run of runs) table.fill(hoursOf(hour, run), places.to[at] ?? 0)
          yield
        }
      }
      return table.of
    },
    answering: (vantage, hour) => answering.all(hour, vantage).map((row) => String(row['target'])),
  }
}
