import { type AnyRecord, type Fields, beforeChange } from './audit/changes.ts'
import { type Collection, collectionNames } from './model.ts'
import { parseRecord } from './record-problems.ts'
import { referencesOf } from './references.ts'
import type { AuditChange, AuditEntry, Inventory } from './store.ts'

/** The inventory as it was at an instant, by its audit log. */

/** Records that say themselves when what was so: they are read by their own dates. */
const dated: ReadonlySet<Collection> = new Set(['claim', 'progress', 'roster', 'migration', 'bulletin'])

export type Past =
  /** Nothing was changed since. */
  | { readonly kind: 'unchanged' }
  /** The log begins later: what was so then is not known. */
  | { readonly kind: 'unknown'; readonly firstAt: string }
  | {
      readonly kind: 'restored'
      /** Revision that it had then. */
      readonly revision: number
      /** Records that are as they were then, and not as they are now. */
      readonly restored: number
      /** Records that should be, but stay as they are: dated ones refer to them, or they are of a form that is no more. */
      readonly kept: number
    }

interface Later {
  /** Revision before the first of the changes. */
  readonly revision: number
  readonly changes: readonly AuditChange[]
}

type Read = Exclude<Past, { readonly kind: 'restored' }> | ({ readonly kind: 'restored' } & Later)

/** What the log says happened after an instant, up to a revision. */
const readLater = async (entries: AsyncIterable<AuditEntry>, at: number, newest: number): Promise<Read> => {
  let known: number | undefined
  let isLater = false
  const changes: AuditChange[] = []
  for await (const entry of entries) {
    if (entry.revision > newest) break
    isLater ||= Date.parse(entry.at) > at
    if (isLater && known === undefined) return { kind: 'unknown', firstAt: entry.at }
    if (isLater) changes.push(...entry.changes.filter(({ collection }) => !dated.has(collection)))
    else known = entry.revision
  }
  return changes.length === 0 ? { kind: 'unchanged' } : { kind: 'restored', revision: known ?? 0, changes }
}

type Records = Map<string, AnyRecord>
type Drawn = Record<Collection, Records>

const keyOf = ({ collection, id }: Pick<AuditChange, 'collection' | 'id'>): string => `${collection}/${id}`

/** The touched records, taken back change by change; undefined where there was none. */
const takenBack = (
  inventory: Inventory,
  changes: readonly AuditChange[],
): ReadonlyMap<string, Fields | undefined> => {
  const records = new Map<string, Fields | undefined>()
  for (const change of changes.toReversed()) {
    const key = keyOf(change)
    const now = records.has(key) ? records.get(key) : inventory[change.collection].get(change.id)
    records.set(key, beforeChange(now, change))
  }
  return records
}

/** Puts back what records refer to that are not taken back themselves. */
const keepReferred = (past: Drawn, inventory: Inventory): number => {
  let kept = 0
  const open = [...dated].flatMap((collection) =>
    [...inventory[collection].values()].map((record: AnyRecord) => ({ collection, record })),
  )
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const { to, id } of referencesOf(next.collection, next.record)) {
      if (to.some((collection) => past[collection].has(id))) continue
      const collection = to.find((each) => inventory[each].has(id))
      const record = collection && inventory[collection].get(id)
      if (record === undefined) continue
      past[collection as Collection].set(id, record)
      open.push({ collection: collection as Collection, record })
      kept += 1
    }
  return kept
}

/** As a store has them: in the order of their ids. */
const inOrder = (past: Drawn): Drawn =>
  Object.fromEntries(
    Object.entries(past).map(([collection, records]) => [
      collection,
      new Map([...records].sort(([left], [right]) => (left < right ? -1 : 1))),
    ]),
  ) as Drawn

const restore = (inventory: Inventory, { revision, changes }: Later) => {
  const past = Object.fromEntries(
    collectionNames.map((collection) => [collection, new Map<string, AnyRecord>(inventory[collection])]),
  ) as Drawn
  let unreadable = 0
  const records = takenBack(inventory, changes)
  for (const { collection, id } of new Map(changes.map((change) => [keyOf(change), change])).values()) {
    const fields = records.get(`${collection}/${id}`)
    if (fields === undefined) {
      past[collection].delete(id)
      continue
    }
    const parsed = parseRecord(collection, fields, id)
    if (parsed.ok) past[collection].set(id, parsed.record)
    else unreadable += 1
  }
  const kept = unreadable + keepReferred(past, inventory)
  return {
    inventory: { ...inOrder(past), revision: inventory.revision } as unknown as Inventory,
    past: { kind: 'restored', revision, restored: records.size - kept, kept } as const,
  }
}

/**
 * The inventory with its records as they were at an instant (milliseconds since the epoch), as far as the audit log
 * tells; those that have dates of their own, claims, progress, rosters and migrations, are left to be read by them. Its
 * revision stays that of today.
 */
export const inventoryAt = async (
  inventory: Inventory,
  entries: AsyncIterable<AuditEntry>,
  at: number,
): Promise<{ readonly inventory: Inventory; readonly past: Past }> => {
  const read = await readLater(entries, at, inventory.revision)
  return read.kind === 'restored' ? restore(inventory, read) : { inventory, past: read }
}
