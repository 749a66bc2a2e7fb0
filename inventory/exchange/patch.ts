import type { Column } from '../columns/index.ts'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const setField = (fields: Fields, name: string, value: unknown): void => {
  if (value === undefined) Reflect.deleteProperty(fields, name)
  else fields[name] = value
}

const itemAt = (items: unknown[], index: number): Fields => {
  const item = items[index]
  if (isFields(item)) return item
  const created = {}
  items[index] = created
  return created
}

/** The object that a path's last field is in, made where it is not there yet. */
const holderOf = (record: Fields, [name, step]: Column['path']): Fields => {
  const field = String(name)
  if (step === undefined) return record
  if (typeof step === 'number') {
    const items = (record[field] ??= [])
    return itemAt(items as unknown[], step)
  }
  return (record[field] ??= {}) as Fields
}

export interface Patched {
  readonly record: Readonly<Fields>
  /** Where the items of a list of records stood before empty ones fell out. */
  readonly origins: ReadonlyMap<string, readonly number[]>
}

const isEmptyItem = (item: unknown): boolean => !isFields(item) || Object.keys(item).length === 0

/** Items without a field fall out of a list; returns where the others stood. */
const compactList = (record: Fields, field: string, items: readonly unknown[]): readonly number[] => {
  const kept = Array.from(items, (item, index) => ({ item, index })).filter(({ item }) => !isEmptyItem(item))
  record[field] = kept.map(({ item }) => item)
  return kept.map(({ index }) => index)
}

/** A group of columns that is left empty is no record. */
const compact = (record: Fields, touched: ReadonlySet<string>): Patched => {
  const origins = new Map<string, readonly number[]>()
  for (const field of touched) {
    const value = record[field]
    if (Array.isArray(value)) origins.set(field, compactList(record, field, value))
    else if (isEmptyItem(value)) Reflect.deleteProperty(record, field)
  }
  return { record, origins }
}

/**
 * A copy of a record with the values of some columns put into it; what the columns do not name stays.
 * `undefined` removes a field: an empty cell clears it, and the model's default then holds.
 */
export const patch = (base: Readonly<Fields>, values: readonly (readonly [Column, unknown])[]): Patched => {
  const record = structuredClone(base)
  for (const [{ path }, value] of values) setField(holderOf(record, path), String(path.at(-1)), value)
  const touched = values.flatMap(([{ path }]) => (path.length > 1 ? [String(path[0])] : []))
  return compact(record, new Set(touched))
}
