import { existsSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder, syncFolder } from '../../inventory/lowdb/durable.ts'
import {
  fileOf,
  isLines,
  makeCopy,
  placeOf,
  refused,
  type StoreCopy,
  storeFolder,
  type StoreName,
} from './store-copies.ts'

/** Stores of a backup, put where they belong. */

/** Throws `UsageFault` where a process has the store open. */
const expectUnused = (file: string): void => {
  try {
    using database = new DatabaseSync(file, { timeout: 100 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK')
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === 5)
      throw refused(file, 'expected nobody to use this store', 'stop the collector, then restore')
    // One that is broken is kept aside as it is.
  }
}

export interface PlaceOptions {
  readonly force: boolean
  /** Milliseconds since the epoch; it names what is kept aside. */
  readonly now: number
}

/** Refuses what `placeStores` would: stores that are there without `force`, or that somebody uses. Throws `UsageFault`. */
export const expectPlaces = (
  stores: readonly StoreCopy[],
  dataFolder: string,
  { force }: Pick<PlaceOptions, 'force'>,
): void => {
  for (const { name } of stores) {
    const file = placeOf[name](dataFolder)
    if (!existsSync(file)) continue
    if (!force)
      throw refused(
        file,
        'expected no store here, found one',
        'restore with --force: what is there is kept beside it',
      )
    if (!isLines(name)) expectUnused(file)
  }
}

const companions = ['', '-wal', '-shm'] as const

const placeStore = async (
  name: StoreName,
  from: string,
  to: string,
  now: number,
): Promise<string | undefined> => {
  await makeFolder(path.dirname(to))
  const part = `${to}.restoring`
  await makeCopy(name, { from, to: part }, () => copyFile(from, part))
  const aside = `${to}.before-${new Date(now).toISOString().replaceAll(':', '')}`
  const isThere = existsSync(to)
  for (const companion of companions)
    if (existsSync(`${to}${companion}`)) await rename(`${to}${companion}`, `${aside}${companion}`)
  await rename(part, to)
  await syncFolder(path.dirname(to))
  return isThere ? aside : undefined
}

/** Puts the stores of a backup where they belong; what was there is kept aside. Gives where. Throws `EnvironmentFault`. */
export const placeStores = async (
  stores: readonly StoreCopy[],
  backupFile: string,
  dataFolder: string,
  { now }: PlaceOptions,
): Promise<readonly string[]> => {
  const kept: (string | undefined)[] = []
  for (const { name } of stores)
    kept.push(await placeStore(name, fileOf(storeFolder(backupFile), name), placeOf[name](dataFolder), now))
  return kept.filter((file) => file !== undefined)
}
