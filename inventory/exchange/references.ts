import { type Column, halfWidth } from '../columns/index.ts'
import type { Collection } from '../model.ts'
import type { Inventory } from '../store.ts'
import type { Entry } from './entries.ts'

/** Ids and names that a cell may refer to: what the inventory has, and what the file brings. */
interface Known {
  readonly ids: ReadonlySet<string>
  readonly idsByName: ReadonlyMap<string, ReadonlySet<string>>
}

export type Resolved =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

/** Turns the value of a referring column into ids. */
export type Resolve = (column: Column, value: unknown) => Resolved

const nameIn = ({ located, row }: Entry): string => {
  const position = located.columns.entries().find(([, column]) => column.header === 'name')?.[0]
  return position === undefined ? '' : (row.cells[position]?.text ?? '')
}

const knownIn = (collection: Collection, inventory: Inventory, entries: readonly Entry[]): Known => {
  const records = inventory[collection].values() as Iterable<{ readonly id: string; readonly name?: string }>
  const named = [
    ...Array.from(records, ({ id, name }) => ({ id, name: name ?? '' })),
    ...entries
      .filter((entry) => entry.collection === collection)
      .map((entry) => ({ id: entry.id, name: nameIn(entry) })),
  ]
  const idsByName = new Map<string, Set<string>>()
  for (const { id, name } of named) {
    const key = halfWidth(name)
    if (key === '') continue
    const ids = idsByName.get(key) ?? new Set<string>()
    idsByName.set(key, ids.add(id))
  }
  return { ids: new Set(named.map(({ id }) => id)), idsByName }
}

const maxNamed = 5

const resolveOne = (collection: Collection, known: Known, text: string): Resolved => {
  if (known.ids.has(text)) return { ok: true, value: text }
  const [id, ...others] = known.idsByName.get(text) ?? []
  if (id === undefined)
    return {
      ok: false,
      message: `expected the id or name of a ${collection} that exists or is in this file, got "${text}"`,
    }
  if (others.length === 0) return { ok: true, value: id }
  const some = [id, ...others].slice(0, maxNamed).join(', ')
  return { ok: false, message: `"${text}" is the name of ${others.length + 1} (${some} …), give the id` }
}

/** Checks references and takes unique names for ids. */
export const resolver = (inventory: Inventory, entries: readonly Entry[]): Resolve => {
  const cache = new Map<Collection, Known>()
  const knownOf = (collection: Collection): Known => {
    const known = cache.get(collection) ?? knownIn(collection, inventory, entries)
    cache.set(collection, known)
    return known
  }
  return ({ references }, value) => {
    if (references === undefined || value === undefined) return { ok: true, value }
    const known = knownOf(references)
    if (!Array.isArray(value)) return resolveOne(references, known, value as string)
    const resolved = value.map((item) => resolveOne(references, known, item as string))
    const failed = resolved.find((item) => !item.ok)
    return failed ?? { ok: true, value: resolved.map((item) => (item.ok ? item.value : undefined)) }
  }
}
