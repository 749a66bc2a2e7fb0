import { openDatabase } from './open.ts'

const sqliteBusy = 5

/**
 * Takes a file for this process until it is disposed, or until the process ends, however it ends. Undefined where
 * another has it. Throws `EnvironmentFault`.
 */
export const tryHold = (file: string): Disposable | undefined => {
  const { sql, [Symbol.dispose]: close } = openDatabase(file, { schema: 'SELECT 1' })
  try {
    sql.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE')
    return { [Symbol.dispose]: close }
  } catch (error) {
    close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined
    throw error
  }
}
