import type { Problem } from '../../src/core/fault.ts'
import { type Column, columnsByKey } from '../columns/index.ts'
import type { Collection } from '../model.ts'
import { isInheritedRow } from './header.ts'
import type { Located } from './locate.ts'
import { cellAt, placeOf, type TableRow } from './table.ts'

/** What a row says of one record. */
export interface Entry {
  readonly located: Located
  readonly collection: Collection
  readonly row: TableRow
  readonly id: string
}

export interface Entries {
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
}

/** Where a column of a row stands; the first cell where the table does not have it. */
export const placeIn = ({ table, columns }: Located, row: TableRow, header: string): string => {
  const position = columns.entries().find(([, column]) => column.header === header)?.[0]
  return placeOf(table, row.number, position ?? 0)
}

/** Takes the name of a record for its id, where the column refers to one. */
type ResolveId = (
  column: Column,
  value: unknown,
) => { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

interface IdColumn {
  readonly position: number
  readonly column: Column
  readonly resolve: ResolveId
}

const idOf = (located: Located, row: TableRow, { position, column, resolve }: IdColumn): Entry | Problem => {
  const cell = cellAt(row, position)
  const where = placeOf(located.table, row.number, position)
  const parsed = cell.problem === undefined ? column.parse(cell.text) : undefined
  if (parsed?.ok !== true)
    return { where, message: `${column.label} (id): ${cell.problem ?? 'not readable'}` }
  if (typeof parsed.value !== 'string') return { where, message: `${column.label} (id) is missing` }
  const resolved = resolve(column, parsed.value)
  return resolved.ok
    ? { located, collection: located.collection, row, id: String(resolved.value) }
    : { where, message: `${column.label} (id): ${resolved.message}` }
}

const entriesOf = (located: Located, resolve: ResolveId): Entries => {
  const position = located.columns.entries().find(([, column]) => column.header === 'id')?.[0]
  const column = columnsByKey(located.collection).get('id')
  if (position === undefined || column === undefined) {
    const where = placeOf(located.table, located.header.number, 0)
    return {
      entries: [],
      problems: [{ where, message: `the column ${column?.label ?? '编号'} (id) is missing` }],
    }
  }
  const found = located.rows
    .filter((row) => !isInheritedRow(row))
    .map((row) => idOf(located, row, { position, column, resolve }))
  return {
    entries: found.filter((each) => 'id' in each),
    problems: found.filter((each) => 'where' in each),
  }
}

const duplicates = (entries: readonly Entry[]): readonly Problem[] => {
  const first = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const key = `${entry.collection}/${entry.id}`
    const before = first.get(key)
    if (before === undefined) {
      first.set(key, entry)
      return []
    }
    const [where, there] = [entry, before].map(({ located, row }) => placeIn(located, row, 'id'))
    return [{ where: where ?? '', message: `duplicate id "${entry.id}", first at ${there ?? ''}` }]
  })
}

/** The rows of all tables as entries of records, with what is wrong with their ids. */
export const collectEntries = (tables: readonly Located[], resolve: ResolveId): Entries => {
  const parts = tables.map((table) => entriesOf(table, resolve))
  const entries = parts.flatMap((part) => part.entries)
  return { entries, problems: [...parts.flatMap((part) => part.problems), ...duplicates(entries)] }
}
