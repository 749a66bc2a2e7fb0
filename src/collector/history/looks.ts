import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Cause, Status } from '../../core/outcome.ts'
import type { JobId } from '../../core/probe.ts'
import { statusOfCode } from './codes.ts'
import type { TimeWindow } from './port.ts'
import { dayOf } from './rollup.ts'

/** Single looks as the history keeps them, one by one, for who wants to count again. */

export interface StoredLook {
  readonly job: JobId
  readonly agent: string
  /** Milliseconds since the epoch. */
  readonly observedAt: number
  readonly status: Status
  readonly cause?: Cause
  readonly seconds: number
}

// The key of `result` is day, job, time: a lookup a day and job, whatever else is stored.
const looksSql = `
SELECT job.name AS job, agent.name AS agent, observed_at, status, cause.name AS cause, seconds
FROM job CROSS JOIN result CROSS JOIN agent LEFT JOIN cause ON cause.id = result.cause
WHERE (job.target = :of OR job.name = :of) AND result.day = :day AND result.job = job.id
  AND observed_at >= :from AND observed_at < :to AND agent.id = result.agent
ORDER BY observed_at, job.name`

const lookOf = (row: Readonly<Record<string, SQLOutputValue>>): StoredLook => ({
  job: String(row['job']),
  agent: String(row['agent']),
  observedAt: Number(row['observed_at']),
  status: statusOfCode(Number(row['status'])),
  ...(row['cause'] !== null && { cause: String(row['cause']) as Cause }),
  seconds: Number(row['seconds']),
})

/** Looks at a target, or of one job, within a window, oldest first. */
export function* looksAt(
  database: DatabaseSync,
  of: string,
  { from, to }: TimeWindow,
): Generator<StoredLook> {
  const query = database.prepare(looksSql)
  for (let day = dayOf(from); day <= dayOf(to); day += 1)
    for (const row of query.iterate({ of, day, from, to })) yield lookOf(row)
}
