import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { historyFault } from './fault.ts'
import { openForReading } from './schema.ts'

/**
 * Copies a history as it is at one moment to a file that is not there yet, while a collector may be writing it.
 * Throws `EnvironmentFault`.
 */
export const copyHistory = (from: string, to: string): void => {
  const database = openForReading(from)
  try {
    mkdirSync(path.dirname(to), { recursive: true })
    database.prepare('VACUUM INTO ?').run(to)
  } catch (error) {
    throw historyFault(to, error)
  } finally {
    database.close()
  }
}
