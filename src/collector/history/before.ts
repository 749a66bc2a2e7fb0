import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Cause, Status } from '../../core/outcome.ts'
import type { JobId } from '../../core/probe.ts'
import { statusOfCode } from './codes.ts'
import { dayOf } from './rollup.ts'

/** What an agent had seen of a job at an instant in the past, as far as single results are kept: no facts. */
export interface PastSighting {
  readonly agent: string
  readonly observedAt: number
  readonly status: Status
  readonly cause?: Cause
  /** Since when it had this status, no further back than `days` go. */
  readonly since: number
}

/** Results further back than this are too old for anything. */
const days = 4

// The key of `result` is day, job, time: a few lookups a job, whatever else is stored.
const resultsSql = `
SELECT agent.name AS agent, observed_at, status, cause.name AS cause
FROM job CROSS JOIN result CROSS JOIN agent LEFT JOIN cause ON cause.id = result.cause
WHERE job.name = :job AND result.day = :day AND result.job = job.id AND observed_at <= :at
  AND agent.id = result.agent
ORDER BY observed_at DESC`

type Row = Readonly<Record<string, SQLOutputValue>>

const pastOf = (row: Row): PastSighting => ({
  agent: String(row['agent']),
  observedAt: Number(row['observed_at']),
  status: statusOfCode(Number(row['status'])),
  ...(row['cause'] !== null && { cause: String(row['cause']) as Cause }),
  since: Number(row['observed_at']),
})

/** Looks up what jobs had shown by an instant, milliseconds since the epoch: of each agent the newest. */
export const sightingsBefore = (
  database: DatabaseSync,
  at: number,
): ((job: JobId) => readonly PastSighting[]) => {
  const query = database.prepare(resultsSql)
  return (job) => {
    const found = new Map<string, PastSighting>()
    const ended = new Set<string>()
    for (let back = 0; back < days && (found.size === 0 || ended.size < found.size); back += 1)
      for (const row of query.iterate({ job, day: dayOf(at) - back, at })) {
        const each = pastOf(row)
        const known = found.get(each.agent)
        if (known === undefined) found.set(each.agent, each)
        else if (known.status !== each.status) ended.add(each.agent)
        else if (!ended.has(each.agent)) found.set(each.agent, { ...known, since: each.observedAt })
        // Of what was up nobody asks since when.
        if (known === undefined && each.status === 'up') ended.add(each.agent)
        if (ended.size === found.size) break
      }
    return [...found.values()]
  }
}
