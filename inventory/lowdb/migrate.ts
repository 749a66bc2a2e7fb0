import { EnvironmentFault, type Problem, UsageFault } from '../../src/core/fault.ts'
import { type AnyRecord, changeOf } from '../audit/changes.ts'
import { type Collection, collectionNames } from '../model.ts'
import { parseRecord } from '../record-problems.ts'
import { referenceProblems } from '../references.ts'
import type { Documents, InventorySchema } from '../schema.ts'
import type { AuditChange, Inventory } from '../store.ts'
import { commit, rewriteShards } from './commit.ts'
import { copyStore } from './copy.ts'
import { collectionOf } from './layout.ts'
import { findShards, type FoundShards } from './shards.ts'
import { readState } from './state.ts'

const documentsOf = (shards: FoundShards): Documents =>
  Object.fromEntries(
    collectionNames.map((collection) => [
      collection,
      [...shards].flatMap(([path, { records }]) => (collectionOf(path) === collection ? records : [])),
    ]),
  )

const migrated = (documents: Documents, from: number, { version, migrations }: InventorySchema): Documents =>
  migrations.slice(from, version).reduce((older, migration) => migration(older), documents)

const parseAll = (documents: Documents, revision: number): Inventory => {
  const problems: Problem[] = []
  const parse = (collection: Collection, value: unknown, index: number): readonly AnyRecord[] => {
    const parsed = parseRecord(collection, value, `${collection}[${index}]`)
    if (parsed.ok) return [parsed.record]
    problems.push(...parsed.problems)
    return []
  }
  const collected = collectionNames.map((collection) => {
    const records = (documents[collection] ?? []).flatMap((value, index) => parse(collection, value, index))
    return [collection, new Map(records.map((record) => [record.id, record]))] as const
  })
  const inventory = { revision, ...Object.fromEntries(collected) } as unknown as Inventory
  problems.push(...referenceProblems(inventory, new Map(collected)))
  if (problems.length > 0) throw new UsageFault(problems)
  return inventory
}

const idOf = (value: unknown): string => String((value as { readonly id?: unknown } | null)?.id)

const differences = (before: Documents, after: Inventory): readonly AuditChange[] =>
  collectionNames.flatMap((collection) => {
    const old = new Map((before[collection] ?? []).map((value) => [idOf(value), value as object]))
    const ids = new Set([...old.keys(), ...after[collection].keys()])
    return [...ids].flatMap((id) => changeOf(collection, id, old.get(id), after[collection].get(id)) ?? [])
  })

const needsWay = (from: number, { version, migrations }: InventorySchema): void => {
  if (migrations.length >= version && from < version) return
  throw new EnvironmentFault(
    'STORE_BROKEN',
    `expected a way from schema version ${from} to ${version}, found none`,
  )
}

/**
 * Brings a store of an older schema version forward, in one change; a copy of it is kept beside
 * (`backup-schema-<version>`). Throws `UsageFault` with every record that cannot come along; the store is then as it was.
 * Needs the lock.
 */
export const migrateStore = async (folder: string, schema: InventorySchema, at: string): Promise<void> => {
  const state = await readState(folder, schema.version)
  const from = state.meta.schemaVersion
  if (from === schema.version) return
  needsWay(from, schema)
  const found = await findShards(folder, state, new Map())
  const before = documentsOf(found)
  const next = parseAll(migrated(before, from, schema), state.meta.revision)
  const changes = differences(before, next)
  const copy = await copyStore(folder, `backup-schema-${from}`)
  const shards = rewriteShards({ shards: new Map(), edited: [...found.keys()] }, everything(next), next)
  await commit(folder, { ...state.meta, schemaVersion: schema.version }, shards, {
    at,
    actor: 'yiwang',
    reason: `schema version ${from} to ${schema.version}; the store as it was is in ${copy}`,
    changes,
  })
}

const everything = (inventory: Inventory): readonly AuditChange[] =>
  collectionNames.flatMap((collection) =>
    [...inventory[collection].keys()].map((id) => ({ op: 'replace' as const, collection, id })),
  )
