import { chmodSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type EnvironmentCode, EnvironmentFault } from '../core/fault.ts'

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that are about the surroundings. */
const codeByResult: Readonly<Record<number, EnvironmentCode>> = {
  5: 'STORE_LOCKED',
  6: 'STORE_LOCKED',
  8: 'FILE_UNREADABLE',
  10: 'STORE_BROKEN',
  11: 'STORE_BROKEN',
  13: 'DISK_FULL',
  14: 'FILE_UNREADABLE',
  26: 'STORE_BROKEN',
}

const faultOf = (file: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  const result = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0
  const errno = 'code' in error ? error.code : undefined
  const code =
    errno === 'ENOSPC'
      ? 'DISK_FULL'
      : (codeByResult[result] ?? (errno === 'EACCES' ? 'FILE_UNREADABLE' : undefined))
  if (code === undefined) return error
  return new EnvironmentFault(code, `${file}: ${error.message}`, {
    cause: error,
    ...(code === 'STORE_BROKEN' && { suggestion: 'move the file away; a new one is begun' }),
  })
}

export interface DatabaseOptions {
  /** Statements that make the tables of version 1. */
  readonly schema: string
  /** Opens what is there, for reading beside a process that writes. */
  readonly readOnly?: boolean
}

/** A database file of one writer; what SQLite rejects is thrown as `EnvironmentFault`. */
export interface Database extends Disposable {
  readonly file: string
  readonly sql: DatabaseSync
  /** One transaction: wholly on the disk when it returns, or not at all. */
  readonly change: <Result>(work: () => Result) => Result
  readonly read: <Result>(work: () => Result) => Result
}

const version = 1

const prepare = (sql: DatabaseSync, { schema, readOnly = false }: DatabaseOptions, file: string): void => {
  const found = Number(sql.prepare('PRAGMA user_version').get()?.['user_version'])
  if (found > version)
    throw new EnvironmentFault('STORE_NEWER', `${file}: expected version ${version}, got ${found}`)
  if (readOnly) return
  sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216')
  if (found === 0) sql.exec(`BEGIN IMMEDIATE; ${schema}; PRAGMA user_version = ${version}; COMMIT`)
}

const connect = (file: string, options: DatabaseOptions): DatabaseSync => {
  const { readOnly = false } = options
  if (!readOnly) mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const sql = new DatabaseSync(file, { readOnly, timeout: 2000 })
  try {
    if (!readOnly) chmodSync(file, 0o600)
    prepare(sql, options, file)
    return sql
  } catch (error) {
    sql.close()
    throw error
  }
}

/** Opens a database, or makes it (mode 0600). Throws `EnvironmentFault`. */
export const openDatabase = (file: string, options: DatabaseOptions): Database => {
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      throw faultOf(file, error)
    }
  }
  const sql = guarded(() => connect(file, options))
  return {
    file,
    sql,
    read: guarded,
    change: (work) =>
      guarded(() => {
        sql.exec('BEGIN IMMEDIATE')
        try {
          const result = work()
          sql.exec('COMMIT')
          return result
        } catch (error) {
          // SQLite has already rolled back by itself where the disk was full.
          if (sql.isTransaction) sql.exec('ROLLBACK')
          throw error
        }
      }),
    [Symbol.dispose]: () => sql.close(),
  }
}
