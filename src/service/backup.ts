import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  attachmentFolder,
  type AttachmentState,
  attachmentState,
  copyAttachment,
} from '../../inventory/attachments/store.ts'
import { attachmentHashes } from '../../inventory/attachments/uses.ts'
import type { OnBytes } from '../../inventory/backup-file.ts'
import { backupInventory, type BackupResult } from '../../inventory/backup.ts'
import {
  inventoryOfBackup,
  restoreInventory,
  type RestoreOptions,
  type RestoreResult,
} from '../../inventory/restore.ts'
import type { Inventory } from '../../inventory/store.ts'
import {
  copyStores,
  discardStores,
  type OnProgress,
  settleStores,
  type StoreCopy,
  storesOfBackup,
  type Way,
} from './store-copies.ts'
import { discardStaged, expectPlaces, placeStores, stageStores } from './store-places.ts'

/** What became of the attachments that the records of a backup mention, by hash. */
export interface CopiedAttachments {
  /** Where those of the backup are. */
  readonly folder: string
  /** How many are where they were to be copied to, intact. */
  readonly intact: number
  readonly missing: readonly string[]
  readonly altered: readonly string[]
}

/** Beside the backup file, shared by all backups there: an attachment never changes, and is copied once. */
const folderBeside = (file: string): string =>
  path.join(path.dirname(path.resolve(file)), 'yiwang-attachments')

const copyOnce = async (from: string, hash: string, to: string): Promise<AttachmentState> =>
  (await attachmentState(to, hash)) === 'intact' ? 'intact' : copyAttachment(from, hash, to)

const copyAll = async (
  inventory: Inventory,
  { from, to }: Way,
  onProgress: OnProgress,
): Promise<Omit<CopiedAttachments, 'folder'>> => {
  const hashes = [...attachmentHashes(inventory)]
  const states: (readonly [string, AttachmentState])[] = []
  for (const hash of hashes) {
    states.push([hash, await copyOnce(from, hash, to)])
    onProgress('attachments', states.length, hashes.length)
  }
  const those = (wanted: AttachmentState): readonly string[] =>
    states.filter(([, state]) => state === wanted).map(([hash]) => hash)
  return { intact: those('intact').length, missing: those('missing'), altered: those('altered') }
}

const inventoryIn = (dataFolder: string): string => path.join(dataFolder, 'inventory')

export interface BackedUp extends BackupResult {
  readonly attachments: CopiedAttachments
  readonly stores: readonly StoreCopy[]
}

export interface BackupOptions {
  readonly withoutHistory?: boolean
  readonly onProgress?: OnProgress
}

const silently: OnProgress = () => undefined

const bytesOf =
  (what: string, onProgress: OnProgress): OnBytes =>
  (bytes, total) =>
    onProgress(what, bytes, total)

/**
 * Backs up inventory, audit log, attachments, incidents, log messages, deliveries, what goes upward, recorded verdicts
 * and the history. An attachment that is missing or was altered is left out, and named; an audit log whose chain is broken
 * is taken as it is, and said. An earlier backup of that name
 * stays as it is until this one is whole.
 */
export const backupAll = async (
  dataFolder: string,
  file: string,
  { withoutHistory = false, onProgress = silently }: BackupOptions = {},
): Promise<BackedUp> => {
  const part = `${file}.part`
  const copy = async (): Promise<BackedUp> => {
    const result = await backupInventory(inventoryIn(dataFolder), part, {
      onBytes: bytesOf('inventory: packing', onProgress),
      onChecked: bytesOf('inventory: checking the audit chain', onProgress),
    })
    const folder = folderBeside(file)
    const inventory = await inventoryOfBackup(part, bytesOf('inventory: reading', onProgress))
    const ways = { from: attachmentFolder(dataFolder), to: folder }
    const attachments = await copyAll(inventory, ways, onProgress)
    const without = withoutHistory ? (['history'] as const) : []
    const stores = await copyStores(dataFolder, file, { revision: result.revision, without, onProgress })
    return { ...result, attachments: { folder, ...attachments }, stores }
  }
  const backedUp = await copy().catch(async (error: unknown) => {
    await Promise.allSettled([rm(part, { force: true }), discardStores(file)])
    throw error
  })
  await rename(part, file)
  await settleStores(file)
  return backedUp
}

export interface Restored extends RestoreResult {
  readonly attachments: CopiedAttachments
  readonly stores: readonly StoreCopy[]
  /** Files that keep what was there before. */
  readonly kept: readonly string[]
}

export interface RestoreAllOptions extends Omit<RestoreOptions, 'onBytes'> {
  readonly onProgress?: OnProgress
}

/**
 * Restores the same. All that takes long is done beside what is there; only then, in moments, attachments first, so that
 * no record comes back before what it speaks of, all of it takes its place.
 */
export const restoreAll = async (
  file: string,
  dataFolder: string,
  { onProgress = silently, ...options }: RestoreAllOptions,
): Promise<Restored> => {
  const folder = folderBeside(file)
  const inventory = await inventoryOfBackup(file, bytesOf('inventory: reading', onProgress))
  const stores = await storesOfBackup(file, { revision: inventory.revision, onProgress })
  const place = { force: options.force ?? false, now: options.clock() }
  expectPlaces(stores, dataFolder, place)
  await stageStores(stores, file, dataFolder, onProgress)
  const restoreRecords = async () => {
    // A collector may have been started meanwhile.
    expectPlaces(stores, dataFolder, place)
    const copied = await copyAll(inventory, { from: folder, to: attachmentFolder(dataFolder) }, onProgress)
    const onBytes = bytesOf('inventory: restoring', onProgress)
    return { copied, result: await restoreInventory(file, inventoryIn(dataFolder), { ...options, onBytes }) }
  }
  const { copied, result } = await restoreRecords().catch(async (error: unknown) => {
    await discardStaged(stores, dataFolder).catch(() => undefined)
    throw error
  })
  const kept = await placeStores(stores, dataFolder, place)
  return { ...result, attachments: { folder, ...copied }, stores, kept }
}
