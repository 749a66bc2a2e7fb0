import { hash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { UsageFault } from '../../src/core/fault.ts'
import { maxBytes, readBounded, readStart } from './adapter.ts'
import { type AuditAppend, recordAudit } from './audit-log.ts'
import { inParallel, makeFolder, removeDurably, writeDurably } from './durable.ts'
import { journalFile } from './layout.ts'
import { type Meta, writeMeta } from './meta.ts'
import { type ShardDocument, writeShard } from './shard.ts'

/**
 * A whole change. Once it is on disk the change is made: whoever finds it reads through it,
 * and whoever holds the lock carries it out, as often as it takes.
 */
export interface Journal {
  /** As it is after the change. */
  readonly meta: Meta
  /** New contents; null: the shard goes. */
  readonly shards: Readonly<Record<string, ShardDocument | null>>
  readonly audit: AuditAppend
}

const checksumLength = 64

/** The checksum that a journal begins with, whether it is whole or not; undefined where there is none. */
export const journalChecksum = (folder: string): string | undefined =>
  readStart(path.join(folder, journalFile), checksumLength)

/** Reads the journal; undefined where there is none, or not a whole one: nothing came of that change. */
export const readJournal = (folder: string): Journal | undefined => {
  const bytes = readBounded(path.join(folder, journalFile))
  if (bytes === undefined) return undefined
  const checksum = bytes.subarray(0, checksumLength).toString('latin1')
  const body = bytes.subarray(checksumLength + 1)
  return hash('sha256', body) === checksum ? (JSON.parse(body.toString()) as Journal) : undefined
}

/** The commit point: when it resolves the change is made, durably, although not yet carried out. */
export const commitJournal = async (folder: string, journal: Journal): Promise<void> => {
  const body = JSON.stringify(journal)
  if (Buffer.byteLength(body) > maxBytes - checksumLength - 1)
    throw new UsageFault(`expected a change of at most ${maxBytes} bytes: make it in parts`)
  await writeDurably(path.join(folder, journalFile), `${hash('sha256', body)}\n${body}`)
}

/** Drops the journal. Not synced: one that comes back after a power cut is older than the meta file. */
export const dropJournal = (folder: string): Promise<void> =>
  rm(path.join(folder, journalFile), { force: true })

/** Carries a journal out. May be done again from the start, wherever it was cut. */
export const applyJournal = async (folder: string, { meta, shards, audit }: Journal): Promise<void> => {
  const folders = new Set(Object.keys(shards).map((shard) => path.join(folder, path.dirname(shard))))
  for (const collection of folders) await makeFolder(collection)
  await inParallel(Object.entries(shards), ([shard, content]) =>
    content === null ? removeDurably(path.join(folder, shard)) : writeShard(folder, shard, content),
  )
  await recordAudit(folder, audit)
  await writeMeta(folder, meta)
  await dropJournal(folder)
}
