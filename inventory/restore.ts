import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../src/core/clock.ts'
import { EnvironmentFault, UsageFault } from '../src/core/fault.ts'
import { formatEntry, seal } from './audit/chain.ts'
import { mostRecordBytes, type OnBytes, readBackup } from './backup-file.ts'
import { requestProblems } from './change.ts'
import { stageAudit } from './lowdb/audit-log.ts'
import { copyStore } from './lowdb/copy.ts'
import { hasRemains } from './lowdb/create.ts'
import { broughtForward, documentsOf, inventoryFrom } from './lowdb/documents.ts'
import { makeFolder } from './lowdb/durable.ts'
import { deferred, guarded } from './lowdb/faults.ts'
import { applyJournal, commitJournal, dropJournal, type Journal } from './lowdb/journal.ts'
import { auditFile, metaFile } from './lowdb/layout.ts'
import { underLock } from './lowdb/lock.ts'
import { emptyMeta, type Meta, metaFrom, writeMeta } from './lowdb/meta.ts'
import { recover } from './lowdb/recover.ts'
import { shardDocument, type ShardDocument, shardFrom } from './lowdb/shard.ts'
import { listShards } from './lowdb/shards.ts'
import { readState } from './lowdb/state.ts'
import { inventorySchema } from './schema.ts'
import type { AuditEntry, Inventory } from './store.ts'

const newest = inventorySchema.version
const defaultTimeoutMs = 10_000

interface Backup {
  readonly file: string
  readonly inventory: Inventory
  readonly meta: Meta
  readonly shards: ReadonlyMap<string, ShardDocument>
}

/** The texts of a backup's files, but for the audit log. */
const documentsInBackup = async (file: string, onBytes?: OnBytes): Promise<ReadonlyMap<string, Buffer>> => {
  const parts = new Map<string, string[]>()
  let length = 0
  for await (const { file: of, text } of readBackup(file, onBytes)) {
    if (of === auditFile) continue
    length += text.length
    if (length > mostRecordBytes)
      throw new UsageFault([
        { where: file, message: `expected records of at most ${mostRecordBytes} bytes, got more` },
      ])
    parts.set(of, [...(parts.get(of) ?? []), text])
  }
  return new Map(Array.from(parts, ([of, texts]) => [of, Buffer.from(texts.join(''))]))
}

/** Reads a backup and proves that a store can be made of it. */
const openBackup = async (file: string, onBytes?: OnBytes): Promise<Backup> => {
  const documents = await documentsInBackup(file, onBytes)
  const bytesOf = (name: string): Buffer => documents.get(name) ?? Buffer.alloc(0)
  const meta = metaFrom(bytesOf(metaFile), `${file}: ${metaFile}`, newest)
  const shards = new Map(
    [...documents.keys()]
      .filter((name) => name !== metaFile)
      .map((name) => [name, shardFrom(bytesOf(name), `${file}: ${name}`)]),
  )
  const records = broughtForward(documentsOf(shards), meta.schemaVersion, inventorySchema)
  return { file, inventory: inventoryFrom(records, meta.revision), meta, shards }
}

/** The inventory in a backup. Throws `UsageFault` for one that is damaged. */
export const inventoryOfBackup = async (file: string, onBytes?: OnBytes): Promise<Inventory> =>
  (await openBackup(file, onBytes)).inventory

export interface RestoreOptions {
  readonly actor: string
  readonly reason: string
  readonly clock: Clock
  /** Replaces a store that is not empty; a copy of it is kept. */
  readonly force?: boolean
  readonly lockTimeoutMs?: number
  readonly onBytes?: OnBytes
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

const keepCopy = (folder: string, stamp: string): Promise<string> =>
  copyStore(folder, `backup-before-restore-${stamp.replaceAll(/[-:]|\.\d+/gu, '')}`)

/** Leaves a store whose meta file can be read. */
const makeReadable = async (folder: string, isBroken: boolean): Promise<void> => {
  if (isBroken) await dropJournal(folder)
  if (isBroken || !existsSync(path.join(folder, metaFile))) await writeMeta(folder, emptyMeta(newest))
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

/** The audit log of a backup, and an entry more. */
async function* continued(file: string, entry: AuditEntry, onBytes?: OnBytes): AsyncGenerator<string> {
  let isOpen = false
  for await (const { file: of, text } of readBackup(file, onBytes)) {
    if (of !== auditFile || text === '') continue
    yield text
    isOpen = !text.endsWith('\n')
  }
  yield `${isOpen ? '\n' : ''}${formatEntry(entry)}`
}

const journalOf = (folder: string, backup: Backup, entry: AuditEntry): Journal => {
  const gone = listShards(folder).filter((name) => !backup.shards.has(name))
  const kept = [...backup.shards].map(
    ([name, { records }]) => [name, shardDocument(records as object[])] as const,
  )
  return {
    meta: {
      schemaVersion: backup.meta.schemaVersion,
      revision: entry.revision,
      audit: { sequence: entry.sequence, hash: entry.hash },
      shards: hashesOf(backup),
    },
    shards: Object.fromEntries([...gone.map((name) => [name, null] as const), ...kept]),
    audit: { mode: 'replace' },
  }
}

const replaceBy = async (
  backup: Backup,
  folder: string,
  { actor, reason, clock, force = false, onBytes }: RestoreOptions,
): Promise<RestoreResult> => {
  const standing = await standingRevision(folder)
  const isEmpty = standing === 0 && listShards(folder).length === 0
  if (!isEmpty && !force) throw notEmpty(folder)
  const at = new Date(clock()).toISOString()
  const copy = isEmpty ? undefined : await keepCopy(folder, at)
  const revision = Math.max(standing ?? 0, backup.meta.revision) + 1
  const why = `${reason} (restored from a backup of revision ${backup.meta.revision})`
  const entry = seal(backup.meta.audit, { at, actor, reason: why, revision, changes: [] })
  await stageAudit(folder, continued(backup.file, entry, onBytes))
  // What takes long is done: from here on it is moments.
  await makeReadable(folder, standing === undefined)
  const journal = journalOf(folder, backup, entry)
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
    const backup = await openBackup(file, options.onBytes)
    await makeFolder(folder)
    return underLock(folder, options.lockTimeoutMs ?? defaultTimeoutMs, () =>
      replaceBy(backup, folder, options),
    )
  })
