import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Cause } from '../../core/outcome.ts'
import type { TargetId, Vantage } from '../../core/target.ts'
import { parseObservation } from '../../transport/batch-parser.ts'
import { statusOfCode } from './codes.ts'
import type { Result, ResultKey, Rollup, Sighting, TimeWindow } from './port.ts'
import { dayOf } from './rollup.ts'
import { bucketColumns } from './schema.ts'

type Row = Readonly<Record<string, SQLOutputValue>>

const sightingsSql = 'SELECT agent.name, since, observation FROM latest JOIN agent ON agent.id = latest.agent'

type SightingRow = readonly [agent: string, since: number, observation: string]

const sightingsBy = (
  database: DatabaseSync,
  sql: string,
  ...values: readonly SQLInputValue[]
): readonly Sighting[] => {
  const query = database.prepare(sql)
  // There are tens of thousands: a list of values is handed over in half the time of an object with names.
  query.setReturnArrays(true)
  const rows = query.all(...values) as unknown as readonly SightingRow[]
  return rows.map(([agent, since, observation]) => ({
    agent,
    observation: parseObservation(JSON.parse(observation)),
    since,
  }))
}

/** Every job's newest observation by each agent, as the last process left it. */
export const readSightings = (database: DatabaseSync): readonly Sighting[] =>
  sightingsBy(database, sightingsSql)

/** The same of one kind alone. */
export const readSightingsOf = (database: DatabaseSync, kind: string): readonly Sighting[] =>
  sightingsBy(database, `${sightingsSql} JOIN job ON job.id = latest.job WHERE job.kind = ?`, kind)

/** When each agent was last heard. */
export const readHeard = (database: DatabaseSync): ReadonlyMap<string, number> =>
  new Map(
    database
      .prepare('SELECT name, heard_at FROM agent')
      .all()
      .map((row) => [String(row['name']), Number(row['heard_at'])]),
  )

const optional = (name: string, value: SQLOutputValue | undefined): object =>
  value === null || value === undefined ? {} : { [name]: Number(value) }

const resultOf = (row: Row): Result => ({
  job: String(row['job']),
  agent: String(row['agent']),
  observedAt: Number(row['observed_at']),
  status: statusOfCode(Number(row['status'])),
  ...(row['cause'] !== null && { cause: String(row['cause']) as Cause }),
  seconds: Number(row['seconds']),
  ...optional('lossRatio', row['loss']),
  ...optional('rttSeconds', row['rtt']),
})

const rangeSql = `
SELECT job.name AS job, agent.name AS agent, observed_at, status, cause.name AS cause, seconds, loss, rtt
FROM job JOIN result ON result.job = job.id JOIN agent ON agent.id = result.agent
LEFT JOIN cause ON cause.id = result.cause
WHERE job.target = ? AND job.kind = ? AND job.vantage = ? AND day = ? AND observed_at >= ? AND observed_at < ?
ORDER BY observed_at`

const nextDay = (database: DatabaseSync, from: number): number | undefined => {
  const day = database.prepare('SELECT min(day) AS day FROM result WHERE day >= ?').get(from)?.['day']
  return day === null || day === undefined ? undefined : Number(day)
}

/** Results of a window, oldest first: one query a day, with the event loop let in between. */
export async function* readRange(
  database: DatabaseSync,
  key: ResultKey,
  { from, to }: TimeWindow,
): AsyncIterable<Result> {
  const query = database.prepare(rangeSql)
  const last = dayOf(to)
  for (let day = nextDay(database, dayOf(from)); day !== undefined && day <= last;) {
    yield* query.all(key.target, key.kind, key.vantage, day, from, to).map(resultOf)
    day = nextDay(database, day + 1)
    await setImmediate()
  }
}

const rollupOf = (row: Row): Rollup => ({
  job: String(row['name']),
  target: String(row['target']),
  kind: String(row['kind']),
  vantage: String(row['vantage']) as Vantage,
  hour: Number(row['hour']),
  up: Number(row['up']),
  down: Number(row['down']),
  unknown: Number(row['unknown']),
  secondsSum: Number(row['seconds_sum']),
  lossSum: Number(row['loss_sum']),
  lossCount: Number(row['loss_count']),
  histogram: bucketColumns.map((column) => Number(row[column])),
})

const rollupSql = (where: string): string => `
SELECT job.name, job.target, job.kind, job.vantage, rollup.*
FROM rollup JOIN job ON job.id = rollup.job WHERE hour = ? ${where} ORDER BY rollup.job`

const nextHour = (database: DatabaseSync, from: number): number | undefined => {
  const hour = database.prepare('SELECT min(hour) AS hour FROM rollup WHERE hour >= ?').get(from)?.['hour']
  return hour === null || hour === undefined ? undefined : Number(hour)
}

/** Hours that begin in the window, oldest first: one query an hour, with the event loop let in between. */
export async function* readRollups(
  database: DatabaseSync,
  { from, to }: TimeWindow,
  target?: TargetId,
): AsyncIterable<Rollup> {
  const query = database.prepare(rollupSql(target === undefined ? '' : 'AND job.target = ?'))
  const parameters = target === undefined ? [] : [target]
  for (let hour = nextHour(database, from); hour !== undefined && hour < to;) {
    yield* query.all(hour, ...parameters).map(rollupOf)
    hour = nextHour(database, hour + 1)
    await setImmediate()
  }
}
