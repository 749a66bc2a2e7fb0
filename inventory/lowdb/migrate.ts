import { EnvironmentFault } from '../../src/core/fault.ts'
import { changeOf } from '../audit/changes.ts'
import { collectionNames } from '../model.ts'
import type { Documents, InventorySchema } from '../schema.ts'
import type { AuditChange, Inventory } from '../store.ts'
import { commit, rewriteShards } from './commit.ts'
import { copyStore } from './copy.ts'
import { broughtForward, documentsOf, inventoryFrom } from './documents.ts'
import { findShards } from './shards.ts'
import { readState } from './state.ts'

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

const everything = (inventory: Inventory): readonly AuditChange[] =>
  collectionNames.flatMap((collection) =>
    [...inventory[collection].keys()].map((id) => ({ op: 'replace' as const, collection, id })),
  )

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
  const next = inventoryFrom(broughtForward(before, from, schema), state.meta.revision)
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
