import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { syncFolder, writeDurably } from '../../inventory/lowdb/durable.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { jsonOf } from '../core/json.ts'
import { checkDatabase } from '../database/check.ts'
import { copyDatabase } from '../database/copy.ts'
import { databaseFaultOf } from '../database/sqlite.ts'
import { openLedger } from '../security/ledger/ledger.ts'
import { historyFile } from './host-evidence.ts'
import { deliveryFile } from './notify.ts'
import { ledgerFile } from './security.ts'
import { logFile } from './syslog.ts'
import { outboxFile } from './upward.ts'
import { readVerdicts, verdictFile } from './verdict-log.ts'

/**
 * Copies of the stores beside the inventory: incidents, log messages, deliveries, what goes upward, verdicts, history.
 * An agent's spool is none of them: it lies on the agent's machine, holds what its collector has not taken yet, and is
 * empty a second after the line is up again. What it held when it was copied has been delivered long since.
 */

export const storeNames = ['incidents', 'log', 'deliveries', 'upward', 'verdicts', 'history'] as const
export type StoreName = (typeof storeNames)[number]

/** Where each belongs in a data folder. */
export const placeOf: Readonly<Record<StoreName, (dataFolder: string) => string>> = {
  incidents: ledgerFile,
  log: logFile,
  deliveries: deliveryFile,
  upward: outboxFile,
  verdicts: verdictFile,
  history: historyFile,
}

const copyOf = z.strictObject({
  name: z.enum(storeNames),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  bytes: z.int().nonnegative(),
})
const manifest = z.strictObject({
  version: z.literal(1),
  /** Of the inventory beside it; absent in older ones. */
  revision: z.int().optional(),
  stores: z.array(copyOf).readonly(),
})

export type StoreCopy = z.output<typeof copyOf>

const manifestName = 'stores.json'
/** The one that is no database: lines, which are only ever added. */
export const isLines = (name: StoreName): boolean => name === 'verdicts'
export const fileOf = (folder: string, name: StoreName): string =>
  path.join(folder, `${name}.${isLines(name) ? 'jsonl' : 'sqlite'}`)

/** A database itself, and the files that SQLite keeps beside it while it is open. */
export const companions = ['', '-wal', '-shm'] as const
export const withCompanions = (file: string): readonly string[] => companions.map((ending) => file + ending)

/** Beside the backup file, and its own. */
export const storeFolder = (backupFile: string): string => `${path.resolve(backupFile)}.stores`
const unsettledFolder = (backupFile: string): string => `${storeFolder(backupFile)}.part`

/**
 * Told what is being done, and how many bytes of it are, of how many. What it throws breaks the work off, of which
 * nothing is left then.
 */
export type OnProgress = (what: string, bytes: number, total: number) => void

const chunkBytes = 1_048_576

const hashOf = async (name: StoreName, file: string, onProgress: OnProgress): Promise<string> => {
  const hash = createHash('sha256')
  const { size } = await stat(file)
  let done = 0
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    onProgress(`${name}: reading`, (done += chunk.length), size)
  }
  return hash.digest('hex')
}

const flush = async (file: string): Promise<void> => {
  await using handle = await open(file, 'r+')
  await handle.sync()
}

/** A copy, and what it is one of. */
export interface Way {
  readonly from: string
  readonly to: string
}

const broken = (file: string, what: string): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: ${what}`)

/** Rejects with `EnvironmentFault` where a copy, or the chain of incidents in it, does not hold together. */
const verify = async (name: StoreName, { from, to }: Way, onTick: () => void): Promise<void> => {
  if (isLines(name)) {
    await readVerdicts(to)
    return
  }
  const found = await checkDatabase(to, onTick)
  if (found !== 'ok') throw broken(from, found)
  if (name !== 'incidents') return
  using ledger = openLedger(to)
  const chain = ledger.verify()
  if (!chain.intact) throw broken(from, `the chain of events does not hold at ${chain.sequence}`)
}

/** What SQLite or the file system rejected, as a fault; anything else as it is. */
const faultOf = (error: unknown, { from, to }: Way): unknown => {
  const code = databaseFaultOf(error)
  if (code === undefined) return error
  return code === 'DISK_FULL'
    ? new EnvironmentFault(code, `${to}: no room for a copy of ${from}`, {
        cause: error,
        suggestion: 'free space on that disk; `yiwang backup --without-history` leaves out the largest',
      })
    : new EnvironmentFault(code, `${from}: ${(error as Error).message}`, { cause: error })
}

/** Makes a copy that holds together, is on the disk, and is nobody else’s on the machine; or none. Throws `EnvironmentFault`. */
export const makeCopy = async (
  name: StoreName,
  way: Way,
  copy: () => Promise<void>,
  onProgress: OnProgress,
): Promise<void> => {
  try {
    await copy()
    await chmod(way.to, 0o600)
    const { size } = await stat(way.to)
    const onTick = (): void => onProgress(`${name}: checking`, 0, size)
    onTick()
    await verify(name, way, onTick)
    await flush(way.to)
  } catch (error) {
    for (const file of withCompanions(way.to)) await rm(file, { force: true }).catch(() => undefined)
    throw faultOf(error, way)
  }
}

/** Copies the bytes of a file that nobody writes to. */
export const copyBytes = async ({ from, to }: Way, onCopied: (bytes: number) => void): Promise<void> => {
  await using target = await open(to, 'w', 0o600)
  let done = 0
  for await (const chunk of createReadStream(from, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    await target.writeFile(chunk)
    onCopied((done += chunk.length))
  }
}

const copyStore = async (name: StoreName, way: Way, onProgress: OnProgress): Promise<StoreCopy> => {
  const { from, to } = way
  const { size } = await stat(from)
  // What is still in its log of changes is part of the copy, not of the size.
  const onCopied = (bytes: number): void => onProgress(`${name}: copying`, Math.min(bytes, size), size)
  const copy = () => (isLines(name) ? copyBytes(way, onCopied) : copyDatabase(from, to, onCopied))
  await makeCopy(name, way, copy, onProgress)
  return { name, sha256: await hashOf(name, to, onProgress), bytes: (await stat(to)).size }
}

export interface CopyOptions {
  /** Of the inventory that they are backed up with. */
  readonly revision: number
  readonly without: readonly StoreName[]
  readonly onProgress: OnProgress
}

/**
 * Copies every store that is there, each as of one moment, also while a collector runs, beside where they belong: see
 * `settleStores`. Throws `EnvironmentFault`.
 */
export const copyStores = async (
  dataFolder: string,
  backupFile: string,
  { revision, without, onProgress }: CopyOptions,
): Promise<readonly StoreCopy[]> => {
  const folder = unsettledFolder(backupFile)
  const there = storeNames
    .filter((name) => !without.includes(name) && existsSync(placeOf[name](dataFolder)))
    .map((name) => ({ name, from: placeOf[name](dataFolder), to: fileOf(folder, name) }))
  await discardStores(backupFile)
  if (there.length === 0) return []
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stores: StoreCopy[] = []
  for (const { name, ...way } of there) stores.push(await copyStore(name, way, onProgress))
  const document = JSON.stringify({ version: 1, revision, stores })
  await writeDurably(path.join(folder, manifestName), Buffer.from(document))
  return stores
}

/** Puts what `copyStores` copied in the place of what an earlier backup of that name had. */
export const settleStores = async (backupFile: string): Promise<void> => {
  const [folder, unsettled] = [storeFolder(backupFile), unsettledFolder(backupFile)]
  await rm(folder, { recursive: true, force: true })
  if (existsSync(unsettled)) await rename(unsettled, folder)
  await syncFolder(path.dirname(folder))
}

/** Removes what `copyStores` copied and nobody settled. */
export const discardStores = (backupFile: string): Promise<void> =>
  rm(unsettledFolder(backupFile), { recursive: true, force: true })

export const refused = (where: string, message: string, suggestion?: string): UsageFault =>
  new UsageFault([{ where, message, ...(suggestion !== undefined && { suggestion }) }])

const brokenOff = (backupFile: string, message: string): UsageFault =>
  refused(
    storeFolder(backupFile),
    `${message}: a backup of this name was broken off`,
    `make another; or, where ${path.join(unsettledFolder(backupFile), manifestName)} is there, put that folder here`,
  )

/**
 * What a backup of an inventory has beside it, each file as it was written. Throws `UsageFault` where one is not, or
 * where it belongs to another backup.
 */
export const storesOfBackup = async (
  backupFile: string,
  { revision, onProgress }: Pick<CopyOptions, 'revision' | 'onProgress'>,
): Promise<readonly StoreCopy[]> => {
  const folder = storeFolder(backupFile)
  const file = path.join(folder, manifestName)
  if (!existsSync(file)) {
    if (existsSync(unsettledFolder(backupFile))) throw brokenOff(backupFile, 'expected stores, found none')
    return []
  }
  const parsed = manifest.safeParse(jsonOf(await readFile(file, 'utf8')))
  if (!parsed.success) throw refused(file, 'expected the list of a backup’s stores')
  const { revision: own = revision } = parsed.data
  if (own !== revision)
    throw brokenOff(backupFile, `expected stores of revision ${revision}, found those of revision ${own}`)
  for (const { name, sha256 } of parsed.data.stores) {
    const copy = fileOf(folder, name)
    if (!existsSync(copy)) throw refused(copy, 'expected a store of the backup, found none')
    if ((await hashOf(name, copy, onProgress)) !== sha256)
      throw refused(copy, 'expected the store as it was backed up, it was altered')
  }
  return parsed.data.stores
}
