import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { bucketColumns } from './schema.ts'

export interface Statements {
  readonly findJob: StatementSync
  readonly addJob: StatementSync
  readonly findAgent: StatementSync
  readonly heard: StatementSync
  readonly ranges: StatementSync
  readonly forgetRanges: StatementSync
  readonly addRange: StatementSync
  readonly addResult: StatementSync
  readonly putLatest: StatementSync
  readonly addRollup: StatementSync
}

const rollupColumns = ['up', 'down', 'unknown', 'seconds_sum', 'loss_sum', 'loss_count', ...bucketColumns]

const rollupSql = (): string => `
INSERT INTO rollup (hour, job, ${rollupColumns.join(', ')})
VALUES (?, ?, ${rollupColumns.map(() => '?').join(', ')})
ON CONFLICT DO UPDATE SET ${rollupColumns.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`

/** Prepares everything that a delivery needs, once. */
export const prepareStatements = (database: DatabaseSync): Statements => ({
  findJob: database.prepare('SELECT id FROM job WHERE name = ?'),
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
  putLatest: database.prepare(
    `INSERT INTO latest (job, agent, since, observation) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET since = excluded.since, observation = excluded.observation`,
  ),
  addRollup: database.prepare(rollupSql()),
})
