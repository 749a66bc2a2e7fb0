import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import type { AnyRecord } from '../audit/changes.ts'
import { collectionNames } from '../model.ts'
import { deepFreeze, parseRecord } from '../record-problems.ts'
import { collectionOf, shardName } from './layout.ts'
import { readShard, type ShardDocument } from './shard.ts'
import type { State } from './state.ts'

/** A shard in memory; its records are valid and frozen. */
export interface Shard {
  /** Identity, size and times of the file when it was read. */
  readonly signature: string
  readonly sha256: string
  readonly records: readonly AnyRecord[]
}

/** A shard as it was found, not yet believed. */
export interface FoundShard extends ShardDocument {
  readonly signature: string
}

export type Shards = ReadonlyMap<string, Shard>
export type FoundShards = ReadonlyMap<string, Shard | FoundShard>

const listFolder = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Paths of the shards in the folder, in order. Other files (an editor's, ours on the way) are none. */
export const listShards = (folder: string): readonly string[] =>
  collectionNames.flatMap((collection) =>
    listFolder(path.join(folder, collection))
      .filter((name) => shardName.test(name))
      .sort()
      .map((name) => `${collection}/${name}`),
  )

const signatureOf = (file: string): string | undefined => {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat && [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
}

const fromFile = async (
  folder: string,
  shard: string,
  cached: Shard | FoundShard | undefined,
  expected: string | undefined,
): Promise<Shard | FoundShard | undefined> => {
  const signature = signatureOf(path.join(folder, shard))
  if (signature === undefined) return undefined
  // Times of files are coarse: the signature is believed only where the content is also the expected one.
  if (cached?.signature === signature && cached.sha256 === expected) return cached
  const found = await readShard(folder, shard)
  if (found === undefined) return undefined
  return cached?.signature === signature && cached.sha256 === found.sha256 ? cached : { signature, ...found }
}

const fromJournal = (found: ShardDocument, cached: Shard | FoundShard | undefined): Shard | FoundShard => {
  const signature = `journal ${found.sha256}`
  return cached?.signature === signature ? cached : { signature, ...found }
}

/** So long the event loop may be held by looking at files. */
const sliceMs = 10

/** Every shard as the state has it; those of `cache` that did not change are the same objects. */
export const findShards = async (
  folder: string,
  { meta, journal }: State,
  cache: FoundShards,
): Promise<FoundShards> => {
  const pending = journal?.shards ?? {}
  const paths = new Set([...listShards(folder), ...Object.keys(pending)])
  const found = new Map<string, Shard | FoundShard>()
  let pauseAt = performance.now() + sliceMs
  for (const shard of [...paths].sort()) {
    if (performance.now() > pauseAt) {
      await setImmediate()
      pauseAt = performance.now() + sliceMs
    }
    const [content, cached] = [pending[shard], cache.get(shard)]
    const next = content
      ? fromJournal(content, cached)
      : content === null
        ? undefined
        : await fromFile(folder, shard, cached, meta.shards[shard])
    if (next !== undefined) found.set(shard, next)
  }
  return found
}

const believe = ({ signature, sha256, records }: FoundShard): Shard =>
  deepFreeze({ signature, sha256, records: records as readonly AnyRecord[] })

const parse = (shard: string, found: FoundShard, problems: Problem[]): Shard => {
  const records = found.records.flatMap((value, index) => {
    const parsed = parseRecord(collectionOf(shard), value, `${shard}[${index}]`)
    if (parsed.ok) return parsed.record
    problems.push(...parsed.problems)
    return []
  })
  return { signature: found.signature, sha256: found.sha256, records }
}

const isKnown = (shard: Shard | FoundShard, cached: Shard | undefined): shard is Shard => shard === cached

/**
 * Believes the shards that are as we wrote them and parses the others.
 * Throws `UsageFault` with every problem of those that were edited by hand.
 */
export const parseShards = (found: FoundShards, { meta }: State, cache: Shards): Shards => {
  const problems: Problem[] = []
  const shards = new Map<string, Shard>()
  for (const [shard, content] of found) {
    if (isKnown(content, cache.get(shard))) shards.set(shard, content)
    else if (content.sha256 === meta.shards[shard]) shards.set(shard, believe(content))
    else shards.set(shard, parse(shard, content, problems))
  }
  if (problems.length > 0) throw new UsageFault(problems)
  return shards
}

/** Paths of shards that are not as we wrote them: changed, added or deleted by hand. */
export const editedShards = (shards: Shards, { meta }: State): readonly string[] =>
  [...new Set([...shards.keys(), ...Object.keys(meta.shards)])].filter(
    (shard) => shards.get(shard)?.sha256 !== meta.shards[shard],
  )
