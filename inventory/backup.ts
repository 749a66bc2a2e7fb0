import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../src/core/clock.ts'
import { EnvironmentFault, UsageFault } from '../src/core/fault.ts'
import { formatEntry, seal } from './audit/chain.ts'
import { type BackupFiles, packBackup, readBackup } from './backup-file.ts'
import { requestProblems } from './change.ts'
import { copyStore, storeFiles } from './lowdb/copy.ts'
import { hasRemains } from './lowdb/create.ts'
import { broughtForward, documentsOf, inventoryFrom } from './lowdb/documents.ts'
import { makeFolder, writeDurably } from './lowdb/durable.ts'
import { deferred, guarded } from './lowdb/faults.ts'
import { applyJournal, commitJournal, dropJournal, type Journal } from './lowdb/journal.ts'
import { auditFile, metaFile } from './lowdb/layout.ts'
import { underLock } from './lowdb/lock.ts'
import { emptyMeta, type Meta, metaFrom, writeMeta } from './lowdb/meta.ts'
import { recover, withLock } from './lowdb/recover.ts'
import { shardDocument, type ShardDocument, shardFrom } from './lowdb/shard.ts'
import { listShards } from './lowdb/shards.ts'
import { loadSnapshot } from './lowdb/snapshot.ts'
import { readState } from './lowdb/state.ts'
import { inventorySchema } from './schema.ts'
import type { AuditHead, Inventory } from './store.ts'

const newest = inventorySchema.version
const defaultTimeoutMs = 10_000

export interface BackupResult {
  readonly revision: number
  /** Last entry of the audit log in it. */
  readonly head: AuditHead
  readonly files: number
  readonly bytes: number
}

const filesOf = (folder: string): BackupFiles =>
  new Map(storeFiles(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]))

/**
 * Writes the inventory in `folder`, audit log included, to one compressed file, durably and at one revision.
 * A store that cannot be read is not backed up: its fault is thrown.
 */
export const backupInventory = (
  folder: string,
  file: string,
  { lockTimeoutMs = defaultTimeoutMs }: { readonly lockTimeoutMs?: number } = {},
): Promise<BackupResult> =>
  guarded(folder, async () => {
    await readState(folder, newest)
    const [meta, files] = await withLock({ folder, newest, timeoutMs: lockTimeoutMs }, async () => {
      const state = await readState(folder, newest)
      if (state.meta.schemaVersion === newest) await loadSnapshot(folder, newest, undefined)
      return [state.meta, filesOf(folder)] as const
    })
    const packed = await packBackup(files)
    await writeDurably(file, packed)
    return { revision: meta.revision, head: meta.audit, files: files.size, bytes: packed.length }
  })

interface Backup {
  readonly inventory: Inventory
  readonly meta: Meta
  readonly shards: ReadonlyMap<string, ShardDocument>
  readonly audit: string
}

/** Reads a backup and proves that a store can be made of it. */
const openBackup = async (file: string): Promise<Backup> => {
  const files = await readBackup(file)
  const bytesOf = (name: string): Buffer => Buffer.from(files.get(name) ?? '')
  const meta = metaFrom(bytesOf(metaFile), `${file}: ${metaFile}`, newest)
  const shards = new Map(
    [...files.keys()]
      .filter((name) => name !== metaFile && name !== auditFile)
      .map((name) => [name, shardFrom(bytesOf(name), `${file}: ${name}`)]),
  )
  const documents = broughtForward(documentsOf(shards), meta.schemaVersion, inventorySchema)
  const inventory = inventoryFrom(documents, meta.revision)
  return { inventory, meta, shards, audit: files.get(auditFile) ?? '' }
}

/** The inventory in a backup. Throws `UsageFault` for one that is damaged. */
export const inventoryOfBackup = async (file: string): Promise<Inventory> =>
  (await openBackup(file)).inventory

export interface RestoreOptions {
  readonly actor: string
  readonly reason: string
  readonly clock: Clock
  /** Replaces a store that is not empty; a copy of it is kept. */
  readonly force?: boolean
  readonly lockTimeoutMs?: number
}

export interface RestoreResult {
  readonly revision: number
  /** Folder in the store that keeps what was there before. */
  readonly copy?: string
}

/** Revision of the store that is there; 0 for none, undefined for one that cannot be read. */
const standingRevision = async (folder: string): Promise<number | undefined> => {
  if (!existsSync(path.join(folder, metaFile))) return hasRemains(folder) ? undefined : 0
  try {
    await recover(folder, newest)
    return (await readState(folder, newest)).meta.revision
  } catch (error) {
    if (error instanceof EnvironmentFault && error.code.startsWith('STORE_')) return undefined
    throw error
  }
}

const notEmpty = (folder: string): UsageFault =>
  new UsageFault([
    {
      where: folder,
      message: 'expected an empty store to restore into, found one with records',
      suggestion: 'restore with --force: a copy of what is there is kept',
    },
  ])

/** Keeps a copy of what is there, and leaves a store whose meta file can be read. */
const makeRoom = async (folder: string, isBroken: boolean, stamp: string): Promise<string> => {
  const copy = await copyStore(folder, `backup-before-restore-${stamp.replaceAll(/[-:]|\.\d+/gu, '')}`)
  if (isBroken) {
    await dropJournal(folder)
    await writeMeta(folder, emptyMeta(newest))
  }
  return copy
}

// What was edited by hand, and is not in the audit log yet, must be found as such in the new store too.
const hashOf = ({ meta }: Backup, name: string, found: ShardDocument): string | undefined =>
  meta.shards[name] === found.sha256 ? shardDocument(found.records as object[]).sha256 : meta.shards[name]

const hashesOf = (backup: Backup): Meta['shards'] => {
  const hashes = [...backup.shards].map(([name, found]) => [name, hashOf(backup, name, found)] as const)
  return {
    ...backup.meta.shards,
    ...Object.fromEntries(hashes.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)),
  }
}

const endedByNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

const journalOf = (
  folder: string,
  backup: Backup,
  revision: number,
  note: { readonly at: string; readonly actor: string; readonly reason: string },
): Journal => {
  const entry = seal(backup.meta.audit, { ...note, revision, changes: [] })
  const gone = listShards(folder).filter((name) => !backup.shards.has(name))
  const kept = [...backup.shards].map(
    ([name, { records }]) => [name, shardDocument(records as object[])] as const,
  )
  return {
    meta: {
      schemaVersion: backup.meta.schemaVersion,
      revision,
      audit: { sequence: entry.sequence, hash: entry.hash },
      shards: hashesOf(backup),
    },
    shards: Object.fromEntries([...gone.map((name) => [name, null] as const), ...kept]),
    audit: { mode: 'replace', text: `${endedByNewline(backup.audit)}${formatEntry(entry)}` },
  }
}

const replaceBy = async (
  backup: Backup,
  folder: string,
  { actor, reason, clock, force = false }: RestoreOptions,
): Promise<RestoreResult> => {
  const standing = await standingRevision(folder)
  const isEmpty = standing === 0 && listShards(folder).length === 0
  if (!isEmpty && !force) throw notEmpty(folder)
  const at = new Date(clock()).toISOString()
  const copy = isEmpty ? undefined : await makeRoom(folder, standing === undefined, at)
  if (!existsSync(path.join(folder, metaFile))) await writeMeta(folder, emptyMeta(newest))
  const revision = Math.max(standing ?? 0, backup.meta.revision) + 1
  const why = `${reason} (restored from a backup of revision ${backup.meta.revision})`
  const journal = journalOf(folder, backup, revision, { at, actor, reason: why })
  await commitJournal(folder, journal)
  await deferred(() => applyJournal(folder, journal))
  return { revision, ...(copy !== undefined && { copy }) }
}

/**
 * Makes the store in `folder` the one of the backup, audit log included, and notes that in the log; its revision
 * is above that of both. Throws `UsageFault`, and leaves everything as it was, for a damaged backup and, unless
 * `force` is given, for a store that is not empty. With `force` a copy of that is kept in `backup-before-restore-…`.
 */
export const restoreInventory = (
  file: string,
  folder: string,
  options: RestoreOptions,
): Promise<RestoreResult> =>
  guarded(folder, async () => {
    const problems = requestProblems(options)
    if (problems.length > 0) throw new UsageFault(problems)
    const backup = await openBackup(file)
    await makeFolder(folder)
    return underLock(folder, options.lockTimeoutMs ?? defaultTimeoutMs, () =>
      replaceBy(backup, folder, options),
    )
  })
