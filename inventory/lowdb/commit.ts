import { formatEntry, seal } from '../audit/chain.ts'
import { type AnyRecord, changeOf, replayAudit } from '../audit/changes.ts'
import { type Collection, collectionNames } from '../model.ts'
import type { AuditChange, AuditEntry, Inventory } from '../store.ts'
import { auditEntries, auditLines, planAppend } from './audit-log.ts'
import { deferred } from './faults.ts'
import { applyJournal, commitJournal, type Journal } from './journal.ts'
import { collectionOf, shardPath } from './layout.ts'
import type { Meta } from './meta.ts'
import { shardDocument, type ShardDocument } from './shard.ts'
import type { Shards } from './shards.ts'
import type { Snapshot } from './snapshot.ts'

/** What is written to the audit log about a change, beside its place in the chain. */
export type Note = Pick<AuditEntry, 'at' | 'actor' | 'reason' | 'changes'>

type Moving = ReadonlyMap<Collection, ReadonlySet<string>>

const movingIds = (changes: readonly AuditChange[], shards: Shards, edited: readonly string[]): Moving => {
  const moving = new Map(collectionNames.map((collection) => [collection, new Set<string>()]))
  for (const { collection, id } of changes) moving.get(collection)?.add(id)
  for (const path of edited)
    for (const { id } of shards.get(path)?.records ?? []) moving.get(collectionOf(path))?.add(id)
  return moving
}

const arrivals = (moving: Moving, next: Inventory): Map<string, AnyRecord[]> => {
  const arriving = new Map<string, AnyRecord[]>()
  for (const [collection, ids] of moving)
    for (const id of ids) {
      const record = next[collection].get(id)
      if (record === undefined) continue
      const path = shardPath(collection, record, next)
      const records = arriving.get(path) ?? []
      records.push(record)
      arriving.set(path, records)
    }
  return arriving
}

const departures = (moving: Moving, shards: Shards): readonly string[] =>
  [...shards].flatMap(([path, { records }]) => {
    const ids = moving.get(collectionOf(path))
    return ids !== undefined && ids.size > 0 && records.some(({ id }) => ids.has(id)) ? [path] : []
  })

const byId = (left: AnyRecord, right: AnyRecord): number => (left.id < right.id ? -1 : 1)

/** New content of each shard that the changes touch, and of each that was edited by hand; null: the shard goes. */
export const rewriteShards = (
  { shards, edited }: Pick<Snapshot, 'shards' | 'edited'>,
  changes: readonly AuditChange[],
  next: Inventory,
): Journal['shards'] => {
  const moving = movingIds(changes, shards, edited)
  const arriving = arrivals(moving, next)
  const paths = new Set([...edited, ...departures(moving, shards), ...arriving.keys()])
  const rewrite = (path: string): ShardDocument | null => {
    const ids = moving.get(collectionOf(path))
    const staying = shards.get(path)?.records.filter(({ id }) => ids?.has(id) !== true) ?? []
    const records = [...staying, ...(arriving.get(path) ?? [])].sort(byId)
    return records.length === 0 ? null : shardDocument(records)
  }
  return Object.fromEntries([...paths].map((path) => [path, rewrite(path)]))
}

const hashesAfter = (before: Meta['shards'], shards: Journal['shards']): Meta['shards'] => {
  const hashes = new Map(Object.entries(before))
  for (const [path, content] of Object.entries(shards))
    if (content === null) hashes.delete(path)
    else hashes.set(path, content.sha256)
  return Object.fromEntries(hashes)
}

/** Writes a change: afterwards it is made, durably; where the disk fails before that, nothing is. */
export const commit = async (
  folder: string,
  before: Meta,
  shards: Journal['shards'],
  note: Note,
): Promise<void> => {
  const revision = before.revision + 1
  const { at, actor, reason, changes } = note
  const entry = seal(before.audit, { at, actor, reason, revision, changes })
  const meta: Meta = {
    schemaVersion: before.schemaVersion,
    revision,
    audit: { sequence: entry.sequence, hash: entry.hash },
    shards: hashesAfter(before.shards, shards),
  }
  const journal = { meta, shards, audit: await planAppend(folder, formatEntry(entry)) }
  await commitJournal(folder, journal)
  await deferred(() => applyJournal(folder, journal))
}

/** How the records differ from those that the audit log leads to. */
const changesByHand = async (
  folder: string,
  { state, inventory }: Snapshot,
): Promise<readonly AuditChange[]> => {
  const logged = await replayAudit(auditEntries(auditLines(folder, undefined), state.meta.audit))
  const present = new Set(
    collectionNames.flatMap((name) => [...inventory[name].keys()].map((id) => `${name}/${id}`)),
  )
  return [...new Set([...logged.keys(), ...present])].sort().flatMap((key) => {
    const [collection = '', id = ''] = key.split('/')
    const name = collection as Collection
    return changeOf(name, id, logged.get(key), inventory[name].get(id)) ?? []
  })
}

/** Takes what was edited by hand into the audit log, and puts each record into its shard. Needs the lock. */
export const adoptEdits = async (folder: string, snapshot: Snapshot, at: string): Promise<void> => {
  const { state, edited, inventory } = snapshot
  const changes = await changesByHand(folder, snapshot)
  const named = edited.slice(0, 20).join(', ')
  await commit(folder, state.meta, rewriteShards(snapshot, changes, inventory), {
    at,
    actor: 'hand-edit',
    reason: `found edited by hand: ${named}${edited.length > 20 ? ` and ${edited.length - 20} more` : ''}`,
    changes,
  })
}
