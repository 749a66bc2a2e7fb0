import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Cause } from '../../core/outcome.ts'
import type { JobId } from '../../core/probe.ts'
import { statusOfCode } from './codes.ts'
import { dayEndedAt, type Ending } from './ending.ts'
import { dayOf } from './rollup.ts'

/** What an agent had seen of a job at an instant in the past. */
export interface PastSighting extends Ending {
  readonly agent: string
  /** Since when it had this status; from single results no further back than `days` go. */
  readonly since: number
}

/** Results further back than this are too old for anything. */
const days = 4
/** Ends of days are looked through so far for an agent that was silent since, who decides nothing, but is to be named. */
const silentDays = 31

// The key of `result` is day, job, time: a few lookups a job, whatever else is stored.
const resultsSql = `
SELECT agent.name AS agent, observed_at, status, cause.name AS cause
FROM job CROSS JOIN result CROSS JOIN agent LEFT JOIN cause ON cause.id = result.cause
WHERE job.name = :job AND result.day = :day AND result.job = job.id AND observed_at <= :at
  AND agent.id = result.agent
ORDER BY observed_at DESC`

const endingSql = `
SELECT agent.name AS agent, since, observation
FROM job CROSS JOIN ending CROSS JOIN agent
WHERE job.name = :job AND ending.day = :day AND ending.job = job.id AND agent.id = ending.agent`

type Row = Readonly<Record<string, SQLOutputValue>>

const endingOf = (row: Row): PastSighting => ({
  agent: String(row['agent']),
  since: Number(row['since']),
  ...(JSON.parse(String(row['observation'])) as Ending),
})

type Lookup = (job: JobId) => readonly PastSighting[]

/** What each agent had seen by the end of a day; nothing where the instant is not the end of one. */
const sightingsAtEnd = (database: DatabaseSync, at: number): Lookup => {
  const day = dayEndedAt(at)
  if (day === undefined) return () => []
  const query = database.prepare(endingSql)
  return (job) => {
    const found = new Map<string, PastSighting>()
    for (let back = 0; back < (found.size > 0 ? days : silentDays); back += 1)
      for (const each of query.all({ job, day: day - back }).map(endingOf))
        if (!found.has(each.agent)) found.set(each.agent, each)
    return [...found.values()]
  }
}

const pastOf = (row: Row): PastSighting => ({
  agent: String(row['agent']),
  observedAt: Number(row['observed_at']),
  status: statusOfCode(Number(row['status'])),
  ...(row['cause'] !== null && { cause: String(row['cause']) as Cause }),
  since: Number(row['observed_at']),
  facts: {},
})

/** The same at any instant, as far as single results are kept, which have no facts. */
const resultsBefore = (database: DatabaseSync, at: number): Lookup => {
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

/** Looks up what jobs had shown by an instant, milliseconds since the epoch: of each agent the newest. */
export const sightingsBefore = (database: DatabaseSync, at: number): Lookup => {
  const [atEnd, results] = [sightingsAtEnd(database, at), resultsBefore(database, at)]
  return (job) => {
    const ended = atEnd(job)
    const others = results(job).filter(({ agent }) => ended.every((each) => each.agent !== agent))
    return [...ended, ...others]
  }
}
