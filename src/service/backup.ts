import { rename, rm } from 'node:fs/promises'
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
import {
  copyStores,
  discardStores,
  type OnCopied,
  settleStores,
  type StoreCopy,
  storesOfBackup,
} from './store-copies.ts'
import { expectPlaces, placeStores } from './store-places.ts'

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

export interface BackupOptions {
  readonly withoutHistory?: boolean
  readonly onCopied?: OnCopied
}

/**
 * Backs up inventory, audit log, attachments, incidents, log messages, deliveries, what goes upward, recorded verdicts
 * and the history. An attachment that is missing or was altered is left out, and named. An earlier backup of that name
 * stays as it is until this one is whole.
 */
export const backupAll = async (
  dataFolder: string,
  file: string,
  { withoutHistory = false, onCopied = () => undefined }: BackupOptions = {},
): Promise<BackedUp> => {
  const part = `${file}.part`
  const copy = async (): Promise<BackedUp> => {
    const result = await backupInventory(inventoryIn(dataFolder), part)
    const folder = folderBeside(file)
    const attachments = await copyAll(await inventoryOfBackup(part), attachmentFolder(dataFolder), folder)
    const without = withoutHistory ? (['history'] as const) : []
    const stores = await copyStores(dataFolder, file, { revision: result.revision, without, onCopied })
    return { ...result, attachments: { folder, ...attachments }, stores }
  }
  const backedUp = await copy().catch(async (error: unknown) => {
    await rm(part, { force: true })
    await discardStores(file)
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

/** Restores the same: attachments first, so that no record comes back before what it speaks of. */
export const restoreAll = async (
  file: string,
  dataFolder: string,
  options: RestoreOptions,
): Promise<Restored> => {
  const folder = folderBeside(file)
  const inventory = await inventoryOfBackup(file)
  const stores = await storesOfBackup(file, inventory)
  const place = { force: options.force ?? false, now: options.clock() }
  expectPlaces(stores, dataFolder, place)
  const copied = await copyAll(inventory, folder, attachmentFolder(dataFolder))
  const result = await restoreInventory(file, inventoryIn(dataFolder), options)
  const kept = await placeStores(stores, file, dataFolder, place)
  return { ...result, attachments: { folder, ...copied }, stores, kept }
}
