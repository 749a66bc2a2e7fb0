import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { makeFolder, syncFolder, writeDurably } from '../../inventory/lowdb/durable.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { openLedger } from '../security/ledger/ledger.ts'
import { deliveryFile } from './notify.ts'
import { ledgerFile } from './security.ts'
import { logFile } from './syslog.ts'
import { outboxFile } from './upward.ts'
import { readVerdicts, verdictFile } from './verdict-log.ts'

/** Copies of the stores beside the inventory: incidents, log messages, deliveries, what goes upward, verdicts. */

const storeNames = ['incidents', 'log', 'deliveries', 'upward', 'verdicts'] as const
type StoreName = (typeof storeNames)[number]

const placeOf: Readonly<Record<StoreName, (dataFolder: string) => string>> = {
  incidents: ledgerFile,
  log: logFile,
  deliveries: deliveryFile,
  upward: outboxFile,
  verdicts: verdictFile,
}

const copyOf = z.strictObject({
  name: z.enum(storeNames),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  bytes: z.int().nonnegative(),
})
const manifest = z.strictObject({ version: z.literal(1), stores: z.array(copyOf).readonly() })

export type StoreCopy = z.output<typeof copyOf>

const manifestName = 'stores.json'
/** The one that is no database: lines, which are only ever added. */
const isLines = (name: StoreName): boolean => name === 'verdicts'
const fileOf = (folder: string, name: StoreName): string =>
  path.join(folder, `${name}.${isLines(name) ? 'jsonl' : 'sqlite'}`)

/** Beside the backup file, and its own. */
export const storeFolder = (backupFile: string): string => `${path.resolve(backupFile)}.stores`

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const flush = async (file: string): Promise<void> => {
  await using handle = await open(file, 'r+')
  await handle.sync()
}

const broken = (file: string, what: string): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: ${what}`)

/** Rejects with `EnvironmentFault` where a store, or the chain of incidents in it, does not hold together. */
const verify = async (name: StoreName, file: string): Promise<void> => {
  if (isLines(name)) {
    await readVerdicts(file)
    return
  }
  {
    using database = new DatabaseSync(file)
    const [found] = database.prepare('PRAGMA quick_check').all()
    if (found?.['quick_check'] !== 'ok') throw broken(file, String(found?.['quick_check']))
  }
  if (name !== 'incidents') return
  using ledger = openLedger(file)
  const chain = ledger.verify()
  if (!chain.intact) throw broken(file, `the chain of events does not hold at ${chain.sequence}`)
}

/** What SQLite or the file system rejected. */
const guarded = async <Value>(file: string, work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error) throw broken(file, error.message)
    throw error
  }
}

/** As of one moment, whoever writes meanwhile. */
const copyDatabase = async (from: string, to: string): Promise<void> => {
  using source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  await backup(source, to)
}

const copyStore = async (name: StoreName, from: string, folder: string): Promise<StoreCopy> => {
  const to = fileOf(folder, name)
  const part = `${to}.part`
  await rm(part, { force: true })
  await guarded(from, async () => {
    await (isLines(name) ? copyFile(from, part) : copyDatabase(from, part))
    await verify(name, part)
  })
  await flush(part)
  await rename(part, to)
  return { name, sha256: await hashOf(to), bytes: (await stat(to)).size }
}

/** Copies every store that is there, each as of one moment, also while a collector runs. Throws `EnvironmentFault`. */
export const copyStores = async (dataFolder: string, backupFile: string): Promise<readonly StoreCopy[]> => {
  const folder = storeFolder(backupFile)
  const there = storeNames.filter((name) => existsSync(placeOf[name](dataFolder)))
  if (there.length === 0) {
    await rm(folder, { recursive: true, force: true })
    return []
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stores: StoreCopy[] = []
  for (const name of there) stores.push(await copyStore(name, placeOf[name](dataFolder), folder))
  await writeDurably(path.join(folder, manifestName), Buffer.from(JSON.stringify({ version: 1, stores })))
  return stores
}

const refused = (where: string, message: string, suggestion?: string): UsageFault =>
  new UsageFault([{ where, message, ...(suggestion !== undefined && { suggestion }) }])

/** Undefined: no JSON. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a backup has beside it, each file as it was written. Throws `UsageFault` where one is not. */
export const storesOfBackup = async (backupFile: string): Promise<readonly StoreCopy[]> => {
  const folder = storeFolder(backupFile)
  const file = path.join(folder, manifestName)
  if (!existsSync(file)) return []
  const parsed = manifest.safeParse(jsonOf(await readFile(file, 'utf8')))
  if (!parsed.success) throw refused(file, 'expected the list of a backup’s stores')
  for (const { name, sha256 } of parsed.data.stores) {
    const copy = fileOf(folder, name)
    if (!existsSync(copy)) throw refused(copy, 'expected a store of the backup, found none')
    if ((await hashOf(copy)) !== sha256)
      throw refused(copy, 'expected the store as it was backed up, it was altered')
  }
  return parsed.data.stores
}

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
  await copyFile(from, part)
  await guarded(part, async () => {
    await verify(name, part)
    await flush(part)
  })
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
