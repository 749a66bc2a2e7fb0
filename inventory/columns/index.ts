import { z } from 'zod'
import { type Collection, collections, type RecordOf } from '../model.ts'
import { type Format, type Parsed, parseCell, showCell, writeCell } from './cell.ts'
import { halfWidth } from './half-width.ts'
import type { Label } from './label.ts'
import { labels, nestedLabels } from './labels.ts'

export { collectionLabels } from './sheet-names.ts'
export { type Format, type Parsed } from './cell.ts'
export { halfWidth } from './half-width.ts'
export { allSpellings, codeMeant, listed, type Spelled } from './words.ts'

/** A record of whatever collection. */
export type AnyRecord = RecordOf<Collection>

/**
 * One column of a collection's table. Columns are derived from the model: each field is one, a list of
 * records is a numbered group of them (`uplinks.1.to`, 上联1 上级节点), a record inside is one a field.
 */
export interface Column {
  /** Where the value stands in the record: `['uplinks', 0, 'to']`. */
  readonly path: readonly (string | number)[]
  /** English header: the path, counted from 1. */
  readonly header: string
  /** Chinese header. */
  readonly label: string
  /** Normalised spellings under which the column is found. */
  readonly keys: readonly string[]
  readonly format: Format
  /** The value, or each of them, is the id of a record there. */
  readonly references?: Collection
  /** The command that alone changes it: tables and `set` do not. */
  readonly writtenBy?: string
  /** The text from which `parse` makes the same value again. */
  readonly read: (record: AnyRecord) => string
  /** The text for a person. */
  readonly show: (record: AnyRecord) => string
  readonly parse: (text: string) => Parsed
}

/** Numbered groups beyond this are refused. */
export const maxGroups = 32
/** Groups that an empty table offers: dual homing is normal. */
const offeredGroups: Readonly<Record<string, number>> = { uplinks: 2, probes: 1 }

interface Field {
  readonly schema: z.ZodType
  readonly fallback: unknown
}

/** Looks through `optional` and `default`, which say what an empty cell means. */
const unwrap = (schema: z.ZodType, fallback?: unknown): Field => {
  if (schema instanceof z.ZodDefault)
    return unwrap(schema.unwrap() as z.ZodType, fallback ?? schema.parse(undefined))
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType, fallback)
  return { schema, fallback }
}

const hasFormatCheck = (schema: z.ZodString): boolean =>
  schema.def.checks?.some((check) => check._zod.def.check === 'string_format') ?? false

const formatOf = (schema: z.ZodType, label: Label): Format => {
  if (label.words !== undefined && !(schema instanceof z.ZodArray))
    return { kind: 'word', words: label.words }
  if (schema instanceof z.ZodArray)
    return { kind: 'list', of: formatOf(unwrap(schema.element as z.ZodType).schema, label) }
  if (schema instanceof z.ZodNumber) return { kind: 'number' }
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean' }
  if (schema instanceof z.ZodRecord) return { kind: 'json' }
  if (schema instanceof z.ZodString && !hasFormatCheck(schema)) return { kind: 'text' }
  return { kind: 'code' }
}

const maxHeaderLength = 100

/** Headers are the same whatever their width, case, spaces, remarks in brackets and asterisks. */
export const headerKey = (text: string): string =>
  halfWidth(text.slice(0, maxHeaderLength))
    .toLowerCase()
    .replace(/\(.*?\)|[\s*_:]/gu, '')

const valueAt = (record: unknown, path: Column['path']): unknown => {
  let value = record
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}

interface Place {
  readonly path: Column['path']
  /** Chinese header of what holds the field, with its number. */
  readonly within: string
}

const englishHeader = (path: Column['path']): string =>
  path.map((step) => (typeof step === 'number' ? step + 1 : step)).join('.')

const column = ({ path, within }: Place, { schema, fallback }: Field, label: Label): Column => {
  const format = formatOf(schema, label)
  const header = englishHeader(path)
  const prefix = within === '' ? '' : `${within} `
  const spellings = [label.header, ...(label.aliases ?? [])].map((spelling) => prefix + spelling)
  return {
    path,
    header,
    label: `${prefix}${label.header}`,
    keys: [...new Set([header, ...spellings].map(headerKey))],
    format,
    ...(label.references !== undefined && { references: label.references }),
    ...(label.writtenBy !== undefined && { writtenBy: label.writtenBy }),
    read: (record) => writeCell(format, valueAt(record, path), fallback),
    show: (record) => showCell(format, valueAt(record, path), fallback),
    parse: (text) => parseCell(format, text),
  }
}

const fieldsOf = (schema: z.ZodObject): readonly (readonly [string, z.ZodType])[] =>
  Object.entries<z.ZodType>(schema.shape)

const nestedColumns = (
  schema: z.ZodObject,
  name: string,
  place: Place,
  { writtenBy }: Label,
): readonly Column[] => {
  const nested = nestedLabels[name as keyof typeof nestedLabels] as Readonly<Record<string, Label>>
  return fieldsOf(schema).map(([field, fieldSchema]) =>
    column({ ...place, path: [...place.path, field] }, unwrap(fieldSchema), {
      ...(nested[field] ?? { header: field }),
      ...(writtenBy !== undefined && { writtenBy }),
    }),
  )
}

/** What a list of records is a list of; undefined for a field of another kind. */
const itemOf = ({ schema }: Field): z.ZodObject | undefined => {
  const element = schema instanceof z.ZodArray ? unwrap(schema.element as z.ZodType) : undefined
  return element?.schema instanceof z.ZodObject ? element.schema : undefined
}

const fieldColumns = (name: string, schema: z.ZodType, label: Label, groups: number): readonly Column[] => {
  const field = unwrap(schema)
  const item = itemOf(field)
  if (item !== undefined)
    return Array.from({ length: groups }, (_, index) =>
      nestedColumns(
        item,
        name,
        { path: [name, index], within: `${label.header}${String(index + 1)}` },
        label,
      ),
    ).flat()
  if (field.schema instanceof z.ZodObject)
    return nestedColumns(field.schema, name, { path: [name], within: label.header }, label)
  return [column({ path: [name], within: '' }, field, label)]
}

/** Columns by collection and sizes of groups: asked for again for each changed record of an import. */
const derivedColumns = new Map<string, readonly Column[]>()

const columnsWith = (collection: Collection, groupsOf: (field: string) => number): readonly Column[] => {
  const fields = fieldsOf(collections[collection]).map(([name, schema]) => ({
    name,
    schema,
    groups: itemOf(unwrap(schema)) === undefined ? 0 : groupsOf(name),
  }))
  const key = [collection, ...fields.map(({ groups }) => groups)].join()
  const known = derivedColumns.get(key)
  if (known !== undefined) return known
  const fieldLabels = labels[collection] as Readonly<Record<string, Label>>
  const columns = fields.flatMap(({ name, schema, groups }) =>
    fieldColumns(name, schema, fieldLabels[name] ?? { header: name }, groups),
  )
  derivedColumns.set(key, columns)
  return columns
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)

/** The columns that hold all of these records, in the order of the model. */
export const columnsOf = (collection: Collection, records: Iterable<AnyRecord> = []): readonly Column[] => {
  const list = [...records]
  return columnsWith(collection, (field) =>
    list.reduce(
      (most, record) => Math.max(most, lengthOf(valueAt(record, [field]))),
      offeredGroups[field] ?? 0,
    ),
  )
}

const columnIndex = new Map<Collection, ReadonlyMap<string, Column>>()

/** Every column of a collection by each of its spellings; the first of two that share one. */
export const columnsByKey = (collection: Collection): ReadonlyMap<string, Column> => {
  const known = columnIndex.get(collection)
  if (known !== undefined) return known
  const entries = columnsWith(collection, () => maxGroups).flatMap((each) =>
    each.keys.map((key) => [key, each] as const),
  )
  const index = new Map(entries.reverse())
  columnIndex.set(collection, index)
  return index
}
