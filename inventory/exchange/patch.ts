import type { Column } from '../columns/index.ts'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const setField = (fields: Fields, name: string, value: unknown): Fields => {
  const rest = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))
  return value === undefined ? rest : { ...rest, [name]: value }
}

/** `undefined` removes the field: an empty cell clears it, the model's default then holds. */
const setPath = (record: Fields, [name, ...path]: Column['path'], value: unknown): Fields => {
  const field = String(name)
  const [step, ...rest] = path
  if (step === undefined) return setField(record, field, value)
  const inner = record[field]
  if (typeof step === 'string')
    return { ...record, [field]: setPath(isFields(inner) ? inner : {}, path, value) }
  const items: unknown[] = Array.isArray(inner) ? [...(inner as unknown[])] : []
  const item = items[step]
  items[step] = setPath(isFields(item) ? item : {}, rest, value)
  return { ...record, [field]: items }
}

export interface Patched {
  readonly record: Fields
  /** Where the items of a list of records stood before empty ones fell out. */
  readonly origins: ReadonlyMap<string, readonly number[]>
}

const isEmptyItem = (item: unknown): boolean =>
  item === undefined || (isFields(item) && Object.keys(item).length === 0)

/** A group of columns that is left empty is no record: items without a field fall out. */
const compact = (record: Fields, touched: ReadonlySet<string>): Patched => {
  const origins = new Map<string, readonly number[]>()
  const entries = Object.entries(record).flatMap(([field, value]) => {
    if (!touched.has(field)) return [[field, value] as const]
    if (isFields(value)) return isEmptyItem(value) ? [] : [[field, value] as const]
    const items = Array.from(value as Iterable<unknown>, (item, index) => ({ item, index }))
    const kept = items.filter(({ item }) => !isEmptyItem(item))
    origins.set(
      field,
      kept.map(({ index }) => index),
    )
    return [[field, kept.map(({ item }) => item)] as const]
  })
  return { record: Object.fromEntries(entries), origins }
}

/** A record with the values of some columns put into it; what the columns do not name stays. */
export const patch = (base: Readonly<Fields>, values: readonly (readonly [Column, unknown])[]): Patched => {
  const touched = new Set(values.flatMap(([{ path }]) => (path.length > 1 ? [String(path[0])] : [])))
  const record = values.reduce<Fields>((fields, [{ path }, value]) => setPath(fields, path, value), {
    ...base,
  })
  return compact(record, touched)
}
