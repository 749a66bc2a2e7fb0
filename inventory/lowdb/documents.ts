import { type Problem, UsageFault } from '../../src/core/fault.ts'
import type { AnyRecord } from '../audit/changes.ts'
import { type Collection, collectionNames } from '../model.ts'
import { parseRecord } from '../record-problems.ts'
import { referenceProblems } from '../references.ts'
import type { Documents, InventorySchema } from '../schema.ts'
import type { Inventory } from '../store.ts'
import { collectionOf } from './layout.ts'

/** All records of shards, by collection, as they were found. */
export const documentsOf = (
  shards: ReadonlyMap<string, { readonly records: readonly unknown[] }>,
): Documents =>
  Object.fromEntries(
    collectionNames.map((collection) => [
      collection,
      [...shards].flatMap(([path, { records }]) => (collectionOf(path) === collection ? records : [])),
    ]),
  )

/** Documents of version `from` as those of the schema's own version. */
export const broughtForward = (
  documents: Documents,
  from: number,
  { version, migrations }: InventorySchema,
): Documents => migrations.slice(from, version).reduce((older, migration) => migration(older), documents)

const parseAll = (
  collection: Collection,
  values: readonly unknown[],
  problems: Problem[],
): ReadonlyMap<string, AnyRecord> => {
  const records = values.flatMap((value, index) => {
    const parsed = parseRecord(collection, value, `${collection}[${index}]`)
    if (parsed.ok) return parsed.record
    problems.push(...parsed.problems)
    return []
  })
  const collected = new Map(records.map((record) => [record.id, record]))
  if (collected.size < records.length)
    problems.push({ where: collection, message: 'expected each id once, got some twice' })
  return collected
}

/** The inventory that documents of today's version make. Throws `UsageFault` with everything wrong in them. */
export const inventoryFrom = (documents: Documents, revision: number): Inventory => {
  const problems: Problem[] = []
  const collected = collectionNames.map(
    (collection) => [collection, parseAll(collection, documents[collection] ?? [], problems)] as const,
  )
  const inventory = { revision, ...Object.fromEntries(collected) } as unknown as Inventory
  problems.push(...referenceProblems(inventory, new Map(collected)))
  if (problems.length > 0) throw new UsageFault(problems)
  return inventory
}
