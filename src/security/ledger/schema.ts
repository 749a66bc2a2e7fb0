import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentFault } from '../../core/fault.ts'
import { databaseFaultOf, inTransaction, versionOf } from '../../database/sqlite.ts'

const schemaVersion = 1

/** The collector and the commands of people write in turn: each waits so long for the other. */
const busyMs = 10_000

/**
 * `event` is only ever added to, and each row's hash covers the one before: who did what when is found out if it is
 * altered. `anchor` is the hash before the oldest event that is kept.
 */
const tables = `
CREATE TABLE finding (id TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER, document TEXT NOT NULL,
  PRIMARY KEY (id, opened_at)) STRICT, WITHOUT ROWID;
CREATE INDEX finding_open ON finding (id) WHERE closed_at IS NULL;
CREATE TABLE incident (id TEXT PRIMARY KEY, closed_at INTEGER, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX incident_live ON incident (closed_at);
CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL,
  document TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX event_by_subject ON event (subject, sequence);
CREATE TABLE anchor (sequence INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
INSERT INTO anchor VALUES (0, '');
PRAGMA user_version = ${schemaVersion};
`

/** What SQLite rejected, as a fault of the surroundings; anything else as it is. */
export const ledgerFault = (file: string, error: unknown): unknown => {
  const code = databaseFaultOf(error)
  return code === undefined
    ? error
    : new EnvironmentFault(code, `incidents ${file}: ${(error as Error).message}`, { cause: error })
}

const prepare = (database: DatabaseSync, file: string): void => {
  // FULL: a commit is on the disk.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  if (versionOf(database) === 0)
    inTransaction(database, () => {
      if (versionOf(database) === 0) database.exec(tables)
    })
  const version = versionOf(database)
  if (version > schemaVersion)
    throw new EnvironmentFault(
      'STORE_NEWER',
      `incidents ${file}: expected version ${schemaVersion}, got ${version}`,
      { suggestion: 'run the yiwang that wrote it, or a newer one' },
    )
}

/** Opens the file, or makes it. Throws `EnvironmentFault`. */
export const openDatabase = (file: string): DatabaseSync => {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file, { timeout: busyMs })
    try {
      prepare(database, file)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw ledgerFault(file, error)
  }
}
