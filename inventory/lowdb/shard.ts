import { hash } from 'node:crypto'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { type Codec, readDocument, writeDocument } from './adapter.ts'
import { formatRecords, parseStoreJson } from './json.ts'

/** A shard as it is in its file: an array of whatever is there, and the hash of the file's bytes. */
export interface ShardDocument {
  readonly sha256: string
  readonly records: readonly unknown[]
}

const parseShard = (bytes: Buffer, file: string): ShardDocument => {
  const records = parseStoreJson(file, bytes)
  if (!Array.isArray(records))
    throw new EnvironmentFault('STORE_BROKEN', `${file}:1:1: expected an array of records`, {
      suggestion: 'mend the file by hand, or restore a backup',
    })
  return { sha256: hash('sha256', bytes), records: records as readonly unknown[] }
}

const codec: Codec<ShardDocument> = {
  parse: parseShard,
  format: ({ records }) => formatRecords(records as readonly object[]),
}

/** What a shard of these records will be, once written. */
export const shardDocument = (records: readonly object[]): ShardDocument => ({
  sha256: hash('sha256', formatRecords(records)),
  records,
})

/** Reads a shard, undefined where there is no file. Throws `STORE_BROKEN`, naming file and position. */
export const readShard = (folder: string, shard: string): Promise<ShardDocument | undefined> =>
  readDocument(path.join(folder, shard), codec)

export const writeShard = (folder: string, shard: string, content: ShardDocument): Promise<void> =>
  writeDocument(path.join(folder, shard), codec, content)

/** Reads a shard that lies elsewhere than in a store: in a backup. */
export const shardFrom = parseShard
