import type { DatabaseSync } from 'node:sqlite'
import { fileFaultOf } from '../core/file-fault.ts'

/** What every database file of ours shares: whose fault an error is, its version, one transaction. */

export type DatabaseFault = 'STORE_LOCKED' | 'STORE_BROKEN' | 'DISK_FULL' | 'FILE_UNREADABLE'

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that are about the surroundings. */
const faultByResult: Readonly<Record<number, DatabaseFault>> = {
  5: 'STORE_LOCKED',
  6: 'STORE_LOCKED',
  8: 'FILE_UNREADABLE',
  10: 'STORE_BROKEN',
  11: 'STORE_BROKEN',
  13: 'DISK_FULL',
  14: 'FILE_UNREADABLE',
  26: 'STORE_BROKEN',
}
/** The shared-memory file cannot grow: a full disk, seen through `mmap`. */
const sharedMemorySize = 4874

const extendedResultOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0

const malformed: ReadonlySet<number> = new Set([11, 26])

/** SQLite found something else than its own file, or a damaged one. */
export const isMalformed = (error: unknown): boolean => malformed.has(extendedResultOf(error) & 0xff)

/** What an error says about the surroundings; undefined for any other: our bug. */
export const databaseFaultOf = (error: unknown): DatabaseFault | undefined => {
  if (!(error instanceof Error)) return undefined
  const result = extendedResultOf(error)
  if (result === sharedMemorySize) return 'DISK_FULL'
  // What is not SQLite's is of the system, while folder and file are made.
  return faultByResult[result & 0xff] ?? fileFaultOf(error)
}

export const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)

const asleep = new Int32Array(new SharedArrayBuffer(4))
const retryMs = 5

/**
 * Write-ahead log, each commit on the disk. SQLite does not wait where two turn the same new file: each holds what the
 * other wants, so it refuses at once. The one refused tries again, for `waitMs`.
 */
export const writeAhead = (database: DatabaseSync, waitMs: number): void => {
  const end = performance.now() + waitMs
  for (;;)
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      return
    } catch (error) {
      if (databaseFaultOf(error) !== 'STORE_LOCKED' || performance.now() >= end) throw error
      Atomics.wait(asleep, 0, 0, retryMs)
    }
}

/** One transaction: wholly on the disk when it returns, or not at all. */
export const inTransaction = <Value>(database: DatabaseSync, work: () => Value): Value => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const value = work()
    database.exec('COMMIT')
    return value
  } catch (error) {
    // SQLite has already rolled back by itself where the disk was full.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
