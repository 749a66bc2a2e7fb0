import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentFault } from '../../core/fault.ts'
import { agentCauses, answeringCauses, targetCauses } from '../../core/outcome.ts'
import { inTransaction, versionOf, writeAhead } from '../../database/sqlite.ts'
import { historyFault } from './fault.ts'
import { histogramEdgesSeconds } from './port.ts'
import { hourMs } from './rollup.ts'

/** 2: hours count the failures that answered. 3: folded hours, ends of days. */
const schemaVersion = 3
/** Nobody else writes; who does all the same must not stop the event loop for long. */
const busyMs = 500

/** Columns of the histogram: one an edge and one for what is slower than the last edge. */
export const bucketColumns = Array.from(
  { length: histogramEdgesSeconds.length + 1 },
  (_, at) => `b${String(at)}`,
)

/** What a roll-up has beside the counts; answers among `down` are counted in it too. */
const answeredColumn = 'answered INTEGER NOT NULL DEFAULT 0'

/** What version 3 came with: `folded` is empty until somebody folds, and `ending` until a day ends. */
const foldedTables = `
CREATE TABLE folded (third INTEGER NOT NULL, block INTEGER NOT NULL, hours BLOB,
  PRIMARY KEY (third, block)) STRICT;
CREATE INDEX folded_due ON folded (third, block) WHERE hours IS NULL;
CREATE TABLE ending (day INTEGER NOT NULL, job INTEGER NOT NULL, agent INTEGER NOT NULL, since INTEGER NOT NULL,
  observation TEXT NOT NULL, PRIMARY KEY (day, job, agent)) STRICT, WITHOUT ROWID;
`

/**
 * `result` is clustered by day, then job: a day is one region of the file, so that inserting touches
 * few pages and pruning frees whole ones. Identity of a result is job, time and agent.
 */
const tables = `
CREATE TABLE job (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  target TEXT NOT NULL, kind TEXT NOT NULL, vantage TEXT NOT NULL) STRICT;
CREATE INDEX job_by_target ON job (target, kind, vantage);
CREATE TABLE agent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, heard_at INTEGER NOT NULL) STRICT;
CREATE TABLE cause (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE received (agent INTEGER NOT NULL, stream TEXT NOT NULL, first INTEGER NOT NULL,
  last INTEGER NOT NULL, PRIMARY KEY (agent, stream, first)) STRICT, WITHOUT ROWID;
CREATE TABLE latest (job INTEGER NOT NULL, agent INTEGER NOT NULL, since INTEGER NOT NULL,
  observation TEXT NOT NULL, PRIMARY KEY (job, agent)) STRICT;
CREATE TABLE result (day INTEGER NOT NULL, job INTEGER NOT NULL, observed_at INTEGER NOT NULL,
  agent INTEGER NOT NULL, status INTEGER NOT NULL, cause INTEGER, seconds REAL NOT NULL, loss REAL, rtt REAL,
  PRIMARY KEY (day, job, observed_at, agent)) STRICT, WITHOUT ROWID;
CREATE TABLE rollup (hour INTEGER NOT NULL, job INTEGER NOT NULL, up INTEGER NOT NULL, down INTEGER NOT NULL,
  unknown INTEGER NOT NULL, seconds_sum REAL NOT NULL, loss_sum REAL NOT NULL, loss_count INTEGER NOT NULL,
  ${bucketColumns.map((column) => `${column} INTEGER NOT NULL`).join(', ')}, ${answeredColumn},
  PRIMARY KEY (hour, job)) STRICT, WITHOUT ROWID;
`

const addCauses = (database: DatabaseSync): void => {
  const insert = database.prepare('INSERT INTO cause (name) VALUES (?) ON CONFLICT DO NOTHING')
  for (const cause of [...targetCauses, ...agentCauses]) insert.run(cause)
}

/** From version 1: of the answers those are known whose single results are kept. */
const countAnswers = `
ALTER TABLE rollup ADD COLUMN ${answeredColumn};
UPDATE rollup SET answered = found.answers FROM (
  SELECT observed_at / ${hourMs} * ${hourMs} AS at, job AS of, count(*) AS answers
  FROM result JOIN cause ON cause.id = result.cause
  WHERE cause.name IN (${[...answeringCauses].map((cause) => `'${cause}'`).join(', ')}) GROUP BY 1, 2
) AS found WHERE hour = found.at AND job = found.of;
`

const bringForward = (database: DatabaseSync): void => {
  inTransaction(database, () => {
    // Asked again under the lock: another process may have been first.
    const version = versionOf(database)
    if (version >= schemaVersion) return
    if (version === 0) database.exec(tables)
    if (version === 1) database.exec(countAnswers)
    database.exec(foldedTables)
    database.exec(`PRAGMA user_version = ${String(schemaVersion)}`)
  })
}

const refuseNewer = (file: string, version: number): void => {
  if (version > schemaVersion)
    throw new EnvironmentFault(
      'STORE_NEWER',
      `${file}: written by a newer yiwang (schema ${String(version)})`,
      {
        suggestion: 'run the newer version, or name another file',
      },
    )
}

const prepareSchema = (database: DatabaseSync, file: string): void => {
  // WAL first: it cannot be changed for cheap once tables are there.
  writeAhead(database, busyMs)
  database.exec('PRAGMA cache_size = -8000')
  if (versionOf(database) < schemaVersion) bringForward(database)
  refuseNewer(file, versionOf(database))
  addCauses(database)
}

/** Opens the history for writing; makes file and folder where there is none. Throws `EnvironmentFault`. */
export const openForWriting = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    database = new DatabaseSync(file, { timeout: busyMs })
    prepareSchema(database, file)
    return database
  } catch (error) {
    database?.close()
    throw historyFault(file, error)
  }
}

/**
 * Opens a history that another process may be writing, to read from it; an older one is brought forward first. Throws
 * `EnvironmentFault`.
 */
export const openForReading = (file: string): DatabaseSync => {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: busyMs })
    const version = versionOf(database)
    if (version < schemaVersion) {
      database.close()
      openForWriting(file).close()
      return openForReading(file)
    }
    refuseNewer(file, version)
    return database
  } catch (error) {
    throw historyFault(file, error)
  }
}
