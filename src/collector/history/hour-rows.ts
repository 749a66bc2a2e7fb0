import type { DatabaseSync } from 'node:sqlite'
import type { JobTotal } from './totals.ts'
import type { TimeWindow } from './port.ts'
import { hourOf } from './rollup.ts'

export interface HourRow extends JobTotal {
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number
}

const rowsSql = `
SELECT job.name, job.target, rollup.hour, rollup.up, rollup.down, rollup.unknown
FROM rollup JOIN job ON job.id = rollup.job WHERE hour >= ? AND hour < ? ORDER BY job.name, hour`

/** The roll-ups whose hour begins in a window, by job. */
export const readHourRows = (database: DatabaseSync, { from, to }: TimeWindow): readonly HourRow[] =>
  database
    .prepare(rowsSql)
    .all(hourOf(from), to)
    .map((row) => ({
      job: String(row['name']),
      target: String(row['target']),
      hour: Number(row['hour']),
      up: Number(row['up']),
      down: Number(row['down']),
      unknown: Number(row['unknown']),
    }))
