import { existsSync } from 'node:fs'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { applyJournal, dropJournal } from './journal.ts'
import { journalFile } from './layout.ts'
import { underLock } from './lock.ts'
import { readState } from './state.ts'

/** A store, the newest schema version that we know, and how long we wait for its lock. */
export interface LockedPlace {
  readonly folder: string
  readonly newest: number
  readonly timeoutMs: number
}

const hasJournal = (folder: string): boolean => existsSync(path.join(folder, journalFile))

/** Carries out a change that was made but cut short, and drops one that was never whole. Needs the lock. */
export const recover = async (folder: string, newest: number): Promise<void> => {
  if (!hasJournal(folder)) return
  const { journal } = await readState(folder, newest)
  if (journal === undefined) await dropJournal(folder)
  else await applyJournal(folder, journal)
}

/** Runs `task` under the lock, on a store that has no change left to carry out. */
export const withLock = <T>({ folder, newest, timeoutMs }: LockedPlace, task: () => Promise<T>): Promise<T> =>
  underLock(folder, timeoutMs, async () => {
    await recover(folder, newest)
    return task()
  })

const isWorthReading = (error: unknown): boolean =>
  error instanceof EnvironmentFault && error.code === 'STORE_LOCKED'

/**
 * The same where nobody else is at it. Who may not write, or finds another at work, reads through the journal
 * as well: for a reader this is tidiness only.
 */
export const recoverIfFree = async (folder: string, newest: number): Promise<void> => {
  if (!hasJournal(folder)) return
  try {
    await withLock({ folder, newest, timeoutMs: 0 }, () => Promise.resolve())
  } catch (error) {
    const isSystem = error instanceof Error && 'errno' in error
    if (!isSystem && !isWorthReading(error)) throw error
  }
}
