import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentFault } from '../core/fault.ts'
import { databaseFaultOf, inTransaction, versionOf, writeAhead } from './sqlite.ts'

const faultOf = (file: string, error: unknown): unknown => {
  const code = databaseFaultOf(error)
  if (code === undefined) return error
  return new EnvironmentFault(code, `${file}: ${(error as Error).message}`, {
    cause: error,
    ...(code === 'STORE_BROKEN' && { suggestion: 'move the file away; a new one is begun' }),
  })
}

export interface DatabaseOptions {
  /** Statements that make the tables of version 1. */
  readonly schema: string
  /** Opens what is there, for reading beside a process that writes. */
  readonly readOnly?: boolean
  /** How long who writes waits for another that does; default: two seconds. */
  readonly busyMs?: number
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
const defaultBusyMs = 2000

const prepare = (
  sql: DatabaseSync,
  { schema, readOnly = false, busyMs = defaultBusyMs }: DatabaseOptions,
  file: string,
): void => {
  const found = versionOf(sql)
  if (found > version)
    throw new EnvironmentFault('STORE_NEWER', `${file}: expected version ${version}, got ${found}`, {
      suggestion: 'run the yiwang that wrote it, or a newer one',
    })
  if (readOnly) return
  writeAhead(sql, busyMs)
  sql.exec('PRAGMA journal_size_limit = 16777216')
  if (found > 0) return
  inTransaction(sql, () => {
    // Another process may have been first.
    if (versionOf(sql) === 0) sql.exec(`${schema}; PRAGMA user_version = ${version}`)
  })
}

const connect = (file: string, options: DatabaseOptions): DatabaseSync => {
  const { readOnly = false, busyMs = defaultBusyMs } = options
  if (!readOnly) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    // Nobody else's from its first moment. SQLite gives its other files the mode of this one.
    closeSync(openSync(file, 'a', 0o600))
  }
  const sql = new DatabaseSync(file, { readOnly, timeout: busyMs })
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
    change: (work) => guarded(() => inTransaction(sql, work)),
    [Symbol.dispose]: () => sql.close(),
  }
}
