import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentFault } from '../core/fault.ts'
import { databaseFaultOf, inTransaction, isMalformed, versionOf } from '../database/sqlite.ts'
import { rowOverheadBytes } from './spool.ts'

const schemaVersion = 1

const schema = `
  CREATE TABLE stream (id TEXT NOT NULL) STRICT;
  CREATE TABLE observation (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes INTEGER NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};
`

export interface Row {
  readonly sequence: number
  readonly bytes: number
  readonly payload: string
}

export interface Totals {
  readonly depth: number
  readonly bytes: number
}

/** The spool's file, opened; every method is one transaction. */
export interface SpoolDatabase {
  readonly stream: () => string
  readonly renameStream: () => void
  readonly totals: () => Totals
  /** Of what has that sequence or a lower one. */
  readonly totalsUpTo: (sequence: number) => Totals
  readonly nextSequence: () => number
  readonly oldest: (limit: number) => Iterable<Row>
  readonly insert: (payloads: readonly string[]) => void
  readonly removeUpTo: (sequence: number) => void
  readonly close: () => void
}

/** The file's content is no spool any more: SQLite says so, or a row is no JSON. */
export const isBroken = (error: unknown): boolean =>
  isMalformed(error) ||
  (error instanceof EnvironmentFault && isMalformed(error.cause)) ||
  error instanceof SyntaxError

/** What SQLite rejected, as a fault of the surroundings; anything else as it is. */
export const spoolFault = (file: string, error: unknown): unknown => {
  const code = databaseFaultOf(error)
  if (code === undefined) return error
  return new EnvironmentFault(code, `spool ${file}: ${(error as Error).message}`, {
    cause: error,
    ...(code === 'STORE_LOCKED' && { suggestion: 'another agent runs on this folder: stop it first' }),
  })
}

const prepareSchema = (db: DatabaseSync, file: string): void => {
  const version = versionOf(db)
  if (version > schemaVersion)
    throw new EnvironmentFault(
      'STORE_NEWER',
      `spool ${file}: expected version ${schemaVersion}, got ${version}`,
      {
        suggestion: 'run the yiwang that wrote it, until it is empty',
      },
    )
  if (version === 0)
    inTransaction(db, () => {
      db.exec(schema)
      db.prepare('INSERT INTO stream (id) VALUES (?)').run(randomUUID())
    })
}

const connect = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // EXCLUSIVE: one process a spool; the lock ends with the process. FULL: a commit is on the disk.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('PRAGMA journal_size_limit = 16777216')
    prepareSchema(db, file)
    const verdict = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (verdict !== 'ok') throw Object.assign(new Error(String(verdict)), { errcode: 11 })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const queries = (db: DatabaseSync) => ({
  stream: db.prepare('SELECT id FROM stream'),
  renameStream: db.prepare('UPDATE stream SET id = ?'),
  totals: db.prepare(
    'SELECT count(*) AS depth, coalesce(sum(bytes), 0) AS bytes FROM observation WHERE sequence <= ?',
  ),
  next: db.prepare(
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'observation'), 0) + 1 AS next",
  ),
  oldest: db.prepare('SELECT sequence, bytes, payload FROM observation ORDER BY sequence LIMIT ?'),
  insert: db.prepare('INSERT INTO observation (bytes, payload) VALUES (?, ?)'),
  remove: db.prepare('DELETE FROM observation WHERE sequence <= ?'),
})

/** Opens the spool's file, or makes it with a stream of its own. Throws what SQLite throws; see `spoolFault`. */
export const openSpoolDatabase = (file: string): SpoolDatabase => {
  const db = connect(file)
  const { stream, renameStream, totals, next, oldest, insert, remove } = queries(db)
  const totalsUpTo = (sequence: number): Totals => totals.get(sequence) as unknown as Totals
  return {
    stream: () => String(stream.get()?.['id']),
    renameStream: () => void renameStream.run(randomUUID()),
    totals: () => totalsUpTo(Number.MAX_SAFE_INTEGER),
    totalsUpTo,
    nextSequence: () => Number(next.get()?.['next']),
    oldest: (limit) => oldest.iterate(limit) as unknown as Iterable<Row>,
    insert: (payloads) =>
      inTransaction(db, () => {
        for (const payload of payloads) insert.run(sizeOf(payload), payload)
      }),
    removeUpTo: (sequence) => void remove.run(sequence),
    close: () => db.close(),
  }
}

/** What a payload counts against the spool's bound. */
export const sizeOf = (payload: string): number => Buffer.byteLength(payload) + rowOverheadBytes
