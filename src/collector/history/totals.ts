import type { DatabaseSync } from 'node:sqlite'
import type { JobId } from '../../core/probe.ts'
import type { TargetId } from '../../core/target.ts'
import type { TimeWindow } from './port.ts'
import { hourOf } from './rollup.ts'

/** What the hours of a window of one job come to, all agents together. */
export interface JobTotal {
  readonly job: JobId
  readonly target: TargetId
  readonly up: number
  readonly down: number
  readonly unknown: number
}

const totalSql = `
SELECT job.name, job.target, total.up, total.down, total.unknown
FROM (SELECT job, sum(up) AS up, sum(down) AS down, sum(unknown) AS unknown
  FROM rollup WHERE hour >= ? AND hour < ? GROUP BY job) AS total
JOIN job ON job.id = total.job ORDER BY job.name`

/** Sums of the roll-ups whose hour begins in a window; jobs of which there are none are left out. */
export const readTotals = (database: DatabaseSync, { from, to }: TimeWindow): readonly JobTotal[] =>
  database
    .prepare(totalSql)
    .all(hourOf(from), to)
    .map((row) => ({
      job: String(row['name']),
      target: String(row['target']),
      up: Number(row['up']),
      down: Number(row['down']),
      unknown: Number(row['unknown']),
    }))
