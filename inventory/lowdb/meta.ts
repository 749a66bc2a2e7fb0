import path from 'node:path'
import { z } from 'zod'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { genesis } from '../audit/chain.ts'
import type { AuditHead } from '../store.ts'
import { type Codec, readDocument, writeDocument } from './adapter.ts'
import { parseStoreJson } from './json.ts'
import { metaFile, shardPattern } from './layout.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u)

/** What holds the shards together: written last, so that it is the state that was reached. */
export interface Meta {
  readonly schemaVersion: number
  readonly revision: number
  /** Last entry of the audit log. */
  readonly audit: AuditHead
  /** SHA-256 of each shard as we wrote it; one that differs was edited by hand. */
  readonly shards: Readonly<Record<string, string>>
}

const format = 'yiwang-inventory'

// Looked at before all else: a newer version may have other fields.
const versioned = z.looseObject({ format: z.literal(format), schemaVersion: z.int().min(0) })

const metaSchema = z.strictObject({
  format: z.literal(format),
  schemaVersion: z.int().min(0),
  revision: z.int().min(0),
  audit: z.strictObject({ sequence: z.int().min(0), hash: sha256 }),
  shards: z.record(z.string().regex(shardPattern), sha256),
})

const broken = (file: string, error: z.ZodError): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: ${z.prettifyError(error)}`, { cause: error })

const parseMeta = (bytes: Buffer, file: string, newest: number): Meta => {
  const json = parseStoreJson(file, bytes)
  const version = versioned.safeParse(json)
  if (!version.success) throw broken(file, version.error)
  const { schemaVersion } = version.data
  if (schemaVersion > newest)
    throw new EnvironmentFault(
      'STORE_NEWER',
      `${file}: expected schema version ${newest} or older, got ${schemaVersion}`,
      { suggestion: 'a newer yiwang wrote this store: update this one' },
    )
  const parsed = metaSchema.safeParse(json)
  if (!parsed.success) throw broken(file, parsed.error)
  const { revision, audit, shards } = parsed.data
  return { schemaVersion, revision, audit, shards }
}

const sorted = (shards: Meta['shards']): Meta['shards'] =>
  Object.fromEntries(Object.entries(shards).sort(([left], [right]) => (left < right ? -1 : 1)))

const codecFor = (newest: number): Codec<Meta> => ({
  parse: (bytes, file) => parseMeta(bytes, file, newest),
  format: (meta) => `${JSON.stringify({ format, ...meta, shards: sorted(meta.shards) }, undefined, 2)}\n`,
})

/** The meta file, undefined where there is none. Throws `STORE_BROKEN` or `STORE_NEWER`. */
export const readMeta = (folder: string, newest: number): Promise<Meta | undefined> =>
  readDocument(path.join(folder, metaFile), codecFor(newest))

export const writeMeta = (folder: string, meta: Meta): Promise<void> =>
  writeDocument(path.join(folder, metaFile), codecFor(meta.schemaVersion), meta)

/** Reads a meta file that lies elsewhere than in a store: in a backup. */
export const metaFrom = (bytes: Buffer, file: string, newest: number): Meta => parseMeta(bytes, file, newest)

export const emptyMeta = (schemaVersion: number): Meta => ({
  schemaVersion,
  revision: 0,
  audit: genesis,
  shards: {},
})
