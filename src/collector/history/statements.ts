import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { bucketColumns } from './schema.ts'

export interface Statements {
  readonly addJob: StatementSync
  readonly findAgent: StatementSync
  readonly heard: StatementSync
  readonly ranges: StatementSync
  readonly forgetRanges: StatementSync
  readonly addRange: StatementSync
  readonly addResult: StatementSync
  readonly latest: StatementSync
  readonly putLatest: StatementSync
  readonly putEnding: StatementSync
  /** By bucket of the histogram. */
  readonly countUp: readonly StatementSync[]
  readonly countDown: StatementSync
  /** Down, and something answered. */
  readonly countAnswered: StatementSync
  readonly countUnknown: StatementSync
  readonly pruneResults: StatementSync
  readonly pruneRollups: StatementSync
  readonly pruneFolded: StatementSync
  readonly pruneEndings: StatementSync
}

const sums = ['seconds_sum', 'loss_sum', 'loss_count'] as const
const counts = ['up', 'down', 'unknown', 'answered', ...bucketColumns] as const

/** Adds one run: 1 to these counts, and to the sums what is given. A number in the statement costs less than one bound. */
const countSql = (...counted: readonly string[]): string => `
INSERT INTO rollup (hour, job, ${sums.join(', ')}, ${counts.join(', ')})
VALUES (?, ?, ?, ?, ?, ${counts.map((name) => Number(counted.includes(name))).join(', ')})
ON CONFLICT DO UPDATE SET ${[
  ...sums.map((name) => `${name} = ${name} + excluded.${name}`),
  ...counted.map((name) => `${name} = ${name} + 1`),
].join(', ')}`

/** Of two that are given for a day the later one; a status lasts since the earlier one where both have the same. */
const endingSql = `
INSERT INTO ending (day, job, agent, since, observation) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET observation = excluded.observation,
  since = iif(observation ->> 'status' = excluded.observation ->> 'status', since, excluded.since)
WHERE excluded.observation ->> 'observedAt' > observation ->> 'observedAt'`

const rowsAPrune = 5000

const pruneSql = (table: string, key: string, column: string): string =>
  `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${column} < ? LIMIT ${String(rowsAPrune)})`

/** Prepares everything that writing needs, once. */
export const prepareStatements = (database: DatabaseSync): Statements => ({
  addJob: database.prepare('INSERT INTO job (name, target, kind, vantage) VALUES (?, ?, ?, ?)'),
  findAgent: database.prepare('SELECT id FROM agent WHERE name = ?'),
  heard: database.prepare(
    `INSERT INTO agent (name, heard_at) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET heard_at = max(heard_at, excluded.heard_at)`,
  ),
  ranges: database.prepare('SELECT first, last FROM received WHERE agent = ? AND stream = ? ORDER BY first'),
  forgetRanges: database.prepare('DELETE FROM received WHERE agent = ? AND stream = ?'),
  addRange: database.prepare('INSERT INTO received (agent, stream, first, last) VALUES (?, ?, ?, ?)'),
  addResult: database.prepare(
    `INSERT INTO result (day, job, observed_at, agent, status, cause, seconds, loss, rtt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  ),
  latest: database.prepare('SELECT observation FROM latest WHERE job = ? AND agent = ?'),
  putLatest: database.prepare(
    `INSERT INTO latest (job, agent, since, observation) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET since = excluded.since, observation = excluded.observation`,
  ),
  putEnding: database.prepare(endingSql),
  countUp: bucketColumns.map((bucket) => database.prepare(countSql('up', bucket))),
  countDown: database.prepare(countSql('down')),
  countAnswered: database.prepare(countSql('down', 'answered')),
  countUnknown: database.prepare(countSql('unknown')),
  pruneResults: database.prepare(pruneSql('result', 'day, job, observed_at, agent', 'day')),
  pruneRollups: database.prepare(pruneSql('rollup', 'hour, job', 'hour')),
  pruneFolded: database.prepare(pruneSql('folded', 'third, block', 'third')),
  pruneEndings: database.prepare(pruneSql('ending', 'day, job, agent', 'day')),
})
