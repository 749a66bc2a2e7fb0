import { EnvironmentFault, type Problem, UsageFault } from '../../src/core/fault.ts'
import type { AnyRecord } from '../audit/changes.ts'
import { type Collection, collectionNames } from '../model.ts'
import { referenceProblems } from '../references.ts'
import type { Inventory } from '../store.ts'
import { editedShards, findShards, type FoundShards, parseShards, type Shard, type Shards } from './shards.ts'
import { readState, type State, tokenOf } from './state.ts'

/** A consistent view of the store, and what is needed to see the next one cheaply. */
export interface Snapshot {
  readonly state: State
  readonly shards: Shards
  /** Paths of shards that were changed, added or deleted by hand and not yet adopted. */
  readonly edited: readonly string[]
  readonly inventory: Inventory
}

type Records = ReadonlyMap<string, AnyRecord>

const shardsOf = (shards: Shards, collection: Collection): readonly (readonly [string, Shard])[] =>
  [...shards].filter(([path]) => path.startsWith(`${collection}/`))

const twice = (shards: readonly (readonly [string, Shard])[]): readonly Problem[] => {
  const places = new Map<string, string>()
  return shards.flatMap(([path, { records }]) =>
    records.flatMap(({ id }) => {
      const first = places.get(id)
      places.set(id, path)
      return first === undefined
        ? []
        : [{ where: path, message: `expected ${id} once, it is in ${first} too` }]
    }),
  )
}

const byId = (left: AnyRecord, right: AnyRecord): number => (left.id < right.id ? -1 : 1)

const collect = (shards: readonly (readonly [string, Shard])[]): Records => {
  const records = shards.flatMap(([, shard]) => shard.records).sort(byId)
  const collected = new Map<string, AnyRecord>()
  for (const record of records) collected.set(record.id, record)
  if (collected.size < records.length) throw new UsageFault(twice(shards))
  return collected
}

const isSame = (
  shards: readonly (readonly [string, Shard])[],
  previous: readonly (readonly [string, Shard])[],
): boolean =>
  shards.length === previous.length && shards.every(([, shard], index) => shard === previous[index]?.[1])

const collectionFrom = (collection: Collection, shards: Shards, previous: Snapshot | undefined): Records => {
  const own = shardsOf(shards, collection)
  return previous !== undefined && isSame(own, shardsOf(previous.shards, collection))
    ? previous.inventory[collection]
    : collect(own)
}

const build = (revision: number, shards: Shards, previous: Snapshot | undefined): Inventory =>
  Object.freeze({
    revision,
    ...Object.fromEntries(
      collectionNames.map((collection) => [collection, collectionFrom(collection, shards, previous)]),
    ),
  }) as Inventory

/** Throws `UsageFault` with everything that is wrong among records of which some were edited by hand. */
const checkAll = (inventory: Inventory): void => {
  const touched = new Map(collectionNames.map((collection) => [collection, inventory[collection]] as const))
  const problems = referenceProblems(inventory, touched)
  if (problems.length > 0) throw new UsageFault(problems)
}

const assemble = (state: State, found: FoundShards, previous: Snapshot | undefined): Snapshot => {
  const shards = parseShards(found, state, previous?.shards ?? new Map())
  const isUnchanged = previous?.state.token === state.token && isSame([...shards], [...previous.shards])
  if (isUnchanged) return previous
  const edited = editedShards(shards, state)
  const inventory = build(state.meta.revision, shards, previous)
  if (edited.length > 0) checkAll(inventory)
  return { state, shards, edited, inventory }
}

const maxAttempts = 20

const older = (folder: string, { meta }: State): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${folder} has become one of schema version ${meta.schemaVersion}`, {
    suggestion: 'start again: an older store is brought forward when it is opened',
  })

/**
 * Reads the store without its lock: what was read counts if meta file and journal are the same afterwards.
 * Each attempt keeps what it read, so the next is short. Returns `previous` itself if nothing changed,
 * and undefined where the store changes faster than it can be read: then it takes the lock.
 */
export const loadSnapshot = async (
  folder: string,
  newest: number,
  previous: Snapshot | undefined,
): Promise<Snapshot | undefined> => {
  let found: FoundShards = previous?.shards ?? new Map()
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const state = await readState(folder, newest, previous?.state)
    if (state.meta.schemaVersion < newest) throw older(folder, state)
    found = await findShards(folder, state, found)
    if (tokenOf(folder) === state.token) return assemble(state, found, previous)
  }
  return undefined
}
