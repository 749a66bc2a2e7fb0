import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder, syncFolder } from '../../inventory/lowdb/durable.ts'
import {
  companions,
  copyBytes,
  fileOf,
  isLines,
  makeCopy,
  type OnProgress,
  placeOf,
  refused,
  type StoreCopy,
  storeFolder,
  storeNames,
  withCompanions,
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

const stagedFor = (place: string): string => `${place}.restoring`

/**
 * Copies the stores of a backup to beside where they belong, each checked: `placeStores` then only renames. What it
 * rejects with leaves nothing. Rejects with `EnvironmentFault`.
 */
export const stageStores = async (
  stores: readonly StoreCopy[],
  backupFile: string,
  dataFolder: string,
  onProgress: OnProgress,
): Promise<void> => {
  try {
    // What a restore that was killed left beside a file would be taken for this one’s.
    await discardStaged(stores, dataFolder)
    for (const { name, bytes } of stores) {
      const place = placeOf[name](dataFolder)
      const way = { from: fileOf(storeFolder(backupFile), name), to: stagedFor(place) }
      await makeFolder(path.dirname(place))
      const onCopied = (done: number): void => onProgress(`${name}: copying`, done, bytes)
      await makeCopy(name, way, () => copyBytes(way, onCopied), onProgress)
    }
  } catch (error) {
    await discardStaged(stores, dataFolder).catch(() => undefined)
    throw error
  }
}

/** Removes what `stageStores` made and nobody placed. */
export const discardStaged = async (stores: readonly StoreCopy[], dataFolder: string): Promise<void> => {
  for (const { name } of stores)
    for (const file of withCompanions(stagedFor(placeOf[name](dataFolder)))) await rm(file, { force: true })
}

/** What a restore that was killed left; or what one that runs now is making. */
export const stagedIn = (dataFolder: string): readonly string[] =>
  storeNames
    .flatMap((name) => withCompanions(stagedFor(placeOf[name](dataFolder))))
    .filter((file) => existsSync(file))

/** Gives where what was there is kept. */
const placeStore = async (place: string, now: number): Promise<string | undefined> => {
  const aside = `${place}.before-${new Date(now).toISOString().replaceAll(':', '')}`
  const isThere = existsSync(place)
  for (const companion of companions)
    if (existsSync(`${place}${companion}`)) await rename(`${place}${companion}`, `${aside}${companion}`)
  await rename(stagedFor(place), place)
  await syncFolder(path.dirname(place))
  return isThere ? aside : undefined
}

/** Puts staged stores where they belong; what was there is kept aside. Gives where. */
export const placeStores = async (
  stores: readonly StoreCopy[],
  dataFolder: string,
  { now }: PlaceOptions,
): Promise<readonly string[]> => {
  const kept: (string | undefined)[] = []
  for (const { name } of stores) kept.push(await placeStore(placeOf[name](dataFolder), now))
  return kept.filter((file) => file !== undefined)
}
