import path from 'node:path'
import {
  attachmentFolder,
  type AttachmentState,
  attachmentState,
  copyAttachment,
} from '../../inventory/attachments/store.ts'
import { attachmentHashes } from '../../inventory/attachments/uses.ts'
import {
  backupInventory,
  type BackupResult,
  inventoryOfBackup,
  restoreInventory,
  type RestoreOptions,
  type RestoreResult,
} from '../../inventory/backup.ts'
import type { Inventory } from '../../inventory/store.ts'
import { copyStores, expectPlaces, placeStores, type StoreCopy, storesOfBackup } from './store-copies.ts'

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
  from: string,
  to: string,
): Promise<Omit<CopiedAttachments, 'folder'>> => {
  const states: (readonly [string, AttachmentState])[] = []
  for (const hash of attachmentHashes(inventory)) states.push([hash, await copyOnce(from, hash, to)])
  const those = (wanted: AttachmentState): readonly string[] =>
    states.filter(([, state]) => state === wanted).map(([hash]) => hash)
  return { intact: those('intact').length, missing: those('missing'), altered: those('altered') }
}

const inventoryIn = (dataFolder: string): string => path.join(dataFolder, 'inventory')

export interface BackedUp extends BackupResult {
  readonly attachments: CopiedAttachments
  readonly stores: readonly StoreCopy[]
}

/**
 * Backs up inventory, audit log, attachments, incidents, log messages, deliveries, what goes upward and recorded
 * verdicts. An attachment that is missing or was altered is left out, and named.
 */
export const backupAll = async (dataFolder: string, file: string): Promise<BackedUp> => {
  const result = await backupInventory(inventoryIn(dataFolder), file)
  const folder = folderBeside(file)
  const copied = await copyAll(await inventoryOfBackup(file), attachmentFolder(dataFolder), folder)
  return { ...result, attachments: { folder, ...copied }, stores: await copyStores(dataFolder, file) }
}

export interface Restored extends RestoreResult {
  readonly attachments: CopiedAttachments
  readonly stores: readonly StoreCopy[]
  /** Files that keep what was there before. */
  readonly kept: readonly string[]
}

/** Restores the same: attachments first, so that no record comes back before what it speaks of. */
export const restoreAll = async (
  file: string,
  dataFolder: string,
  options: RestoreOptions,
): Promise<Restored> => {
  const folder = folderBeside(file)
  const inventory = await inventoryOfBackup(file)
  const stores = await storesOfBackup(file)
  const place = { force: options.force ?? false, now: options.clock() }
  expectPlaces(stores, dataFolder, place)
  const copied = await copyAll(inventory, folder, attachmentFolder(dataFolder))
  const result = await restoreInventory(file, inventoryIn(dataFolder), options)
  const kept = await placeStores(stores, file, dataFolder, place)
  return { ...result, attachments: { folder, ...copied }, stores, kept }
}
