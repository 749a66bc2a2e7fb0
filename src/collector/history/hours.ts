import type { DatabaseSync } from 'node:sqlite'
import type { JobId } from '../../core/probe.ts'
import type { Vantage } from '../../core/target.ts'
import { answeringCauses } from '../../core/outcome.ts'
import type { TimeWindow } from './port.ts'
import { dayOf, hourMs, hourOf } from './rollup.ts'

/** What one hour (UTC) of one job came to, all agents together. */
export interface HourCount {
  readonly job: JobId
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number
  readonly up: number
  readonly down: number
  readonly unknown: number
  /** Looks that were answered: those that were up, and, as far as single results are kept, failures that answer too. */
  readonly answered: number
}

// Numbers are bound as floating point, which would make hours of halves.
const withHours = `WITH RECURSIVE hours(hour) AS (
  SELECT CAST(:from AS INTEGER) UNION ALL SELECT hour + ${hourMs} FROM hours WHERE hour + ${hourMs} < :to)`

// The order of the joins is that of the keys: one index lookup an hour, or a day, whatever else is stored.
const countSql = `${withHours}
SELECT rollup.hour, up, down, unknown FROM hours CROSS JOIN job CROSS JOIN rollup
WHERE job.name = :job AND rollup.hour = hours.hour AND rollup.job = job.id`

const answerSql = `
WITH RECURSIVE days(day) AS (
  SELECT CAST(:first AS INTEGER) UNION ALL SELECT day + 1 FROM days WHERE day < :last)
SELECT observed_at / ${hourMs} * ${hourMs} AS hour, count(*) AS answered
FROM days CROSS JOIN job CROSS JOIN result CROSS JOIN cause
WHERE job.name = :job AND result.day = days.day AND result.job = job.id AND cause.id = result.cause
  AND cause.name IN (${[...answeringCauses].map((cause) => `'${cause}'`).join(', ')})
GROUP BY observed_at / ${hourMs}`

/** The first that is found in an hour will do: the hours of all jobs together are far too many to walk. */
const controlSql = (named: boolean): string => `${withHours}
SELECT hour FROM hours WHERE EXISTS (
  SELECT 1 FROM ${named ? 'job CROSS JOIN rollup' : 'rollup CROSS JOIN job'}
  WHERE job.id = rollup.job AND rollup.hour = hours.hour AND job.vantage = :vantage AND job.kind <> 'host'
    AND up > 0 AND down = 0 AND unknown = 0
    AND ${named ? 'job.target = :control' : 'job.target <> :target'})`

const boundsSql = 'SELECT min(hour) AS first, max(hour) AS last FROM rollup'

/** The part of a window that there are roll-ups of, in whole hours; undefined where there are none. */
export const keptHours = (database: DatabaseSync, { from, to }: TimeWindow): TimeWindow | undefined => {
  const { first = null, last = null } = database.prepare(boundsSql).get() ?? {}
  if (first === null || last === null) return undefined
  const kept = { from: Math.max(hourOf(from), Number(first)), to: Math.min(to, Number(last) + hourMs) }
  return kept.from < kept.to ? kept : undefined
}

/** The hours of one job that lie in a window within `keptHours`, oldest first. */
export const readHours = (
  database: DatabaseSync,
  job: JobId,
  { from, to }: TimeWindow,
): readonly HourCount[] => {
  const days = { first: dayOf(from), last: dayOf(to) }
  const answers = new Map(
    database
      .prepare(answerSql)
      .all({ job, ...days })
      .map((row) => [Number(row['hour']), Number(row['answered'])]),
  )
  return database
    .prepare(countSql)
    .all({ job, from: hourOf(from), to })
    .map((row) => {
      const [hour, up] = [Number(row['hour']), Number(row['up'])]
      return {
        job,
        hour,
        up,
        down: Number(row['down']),
        unknown: Number(row['unknown']),
        answered: up + (answers.get(hour) ?? 0),
      }
    })
}

export interface ControlQuery {
  readonly vantage: Vantage
  /** What must have answered; absent: anything but `target`. */
  readonly control?: string | undefined
  readonly target: string
}

/**
 * Hours of a window of `keptHours` in which a control was looked at from that vantage and answered every time. What an
 * agent measures on its own machine is none.
 */
export const readControlHours = (
  database: DatabaseSync,
  { vantage, control, target }: ControlQuery,
  { from, to }: TimeWindow,
): ReadonlySet<number> => {
  const about = control === undefined ? { target } : { control }
  const rows = database
    .prepare(controlSql(control !== undefined))
    .all({ vantage, from: hourOf(from), to, ...about })
  return new Set(rows.map((row) => Number(row['hour'])))
}
