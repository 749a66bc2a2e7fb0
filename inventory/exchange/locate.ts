import path from 'node:path'
import type { Problem } from '../../src/core/fault.ts'
import { type Column, collectionLabels, columnsByKey, columnsOf, headerKey } from '../columns/index.ts'
import { type Collection, collectionNames } from '../model.ts'
import { nearest } from '../../src/core/nearest.ts'
import { type Cell, isBlank, placeOf, type Table, type TableRow } from './table.ts'

/** A table whose collection and columns are known. */
export interface Located {
  readonly table: Table
  readonly collection: Collection
  readonly header: TableRow
  /** By position; absent where there is no header or one that is for people only. */
  readonly columns: ReadonlyMap<number, Column>
  /** The rows below the header. */
  readonly rows: readonly TableRow[]
}

export type Location =
  | { readonly kind: 'located'; readonly located: Located; readonly problems: readonly Problem[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly problem: Problem }

/** Titles, dates and the like may stand above the header. */
const headerWithin = 20
/** Columns and sheets for people: counted, explained, never read. */
const serialHeaders = new Set(['序号', '行号', 'no.', 'no', '#'])
const notesSheets = new Set(['说明', '填写说明', '填表说明', 'readme', 'notes'])

const collectionByName = new Map(
  collectionNames.flatMap((collection) =>
    [collection, ...collectionLabels[collection]].map((name) => [headerKey(name), collection] as const),
  ),
)

/** By the name of the sheet or file, or by one word of it: `kaifeng-node.csv`, `节点 2025`. */
const namedCollection = ({ file, sheet }: Table): Collection | undefined => {
  const name = sheet ?? path.parse(file).name
  const words = [name, ...name.split(/[\s._-]+/u)]
  return words
    .map((word) => collectionByName.get(headerKey(word)))
    .find((collection) => collection !== undefined)
}

/** A header over several columns names the first of them only. */
const isContinuation = (header: TableRow, cell: Cell): boolean => cell.mergedInto?.row === header.number

const columnsIn = (collection: Collection, row: TableRow): ReadonlyMap<number, Column> => {
  const index = columnsByKey(collection)
  return new Map(
    row.cells.flatMap((cell, position) => {
      const column = isContinuation(row, cell) ? undefined : index.get(headerKey(cell.text))
      return column === undefined ? [] : [[position, column] as const]
    }),
  )
}

interface Candidate {
  readonly collection: Collection
  readonly header: TableRow
  readonly columns: ReadonlyMap<number, Column>
}

const candidatesOf = (table: Table, among: readonly Collection[]): readonly Candidate[] =>
  among
    .flatMap((collection) =>
      table.rows
        .slice(0, headerWithin)
        .map((header) => ({ collection, header, columns: columnsIn(collection, header) })),
    )
    .filter(({ columns }) => columns.size >= 2)
    .sort((left, right) => right.columns.size - left.columns.size)

const notLocated = (table: Table, tied: readonly Candidate[]): Problem => {
  const names = collectionNames.map((collection) => collectionLabels[collection][0]).join(', ')
  return {
    where: placeOf(table, tied[0]?.header.number ?? table.rows[0]?.number ?? 1, 0),
    message:
      tied.length > 1
        ? `the headers fit several tables: ${tied.map(({ collection }) => collectionLabels[collection][0]).join(', ')}`
        : `expected a header row with the columns of a table within the first ${headerWithin} rows`,
    suggestion: `name the sheet or file after its table: ${names}`,
  }
}

const unknownHeader = (collection: Collection, text: string): Omit<Problem, 'where'> => {
  const columns = columnsOf(collection)
  const keys = columns.flatMap((column) => column.keys)
  const near = nearest(headerKey(text), keys)
  const meant = columns.find((column) => near !== undefined && column.keys.includes(near))
  return {
    message: `unknown header "${text.trim()}"`,
    suggestion:
      meant === undefined
        ? `the columns are ${columns.map(({ label }) => label).join(', ')}`
        : `did you mean ${meant.label} (${meant.header})?`,
  }
}

const headerProblems = (table: Table, { collection, header, columns }: Candidate): readonly Problem[] => {
  const seen = new Set<string>()
  return header.cells.flatMap((cell, position) => {
    const where = placeOf(table, header.number, position)
    if (isBlank(cell) || isContinuation(header, cell) || serialHeaders.has(headerKey(cell.text))) return []
    const column = columns.get(position)
    if (column === undefined) return [{ where, ...unknownHeader(collection, cell.text) }]
    const isTwice = seen.has(column.header)
    seen.add(column.header)
    return isTwice ? [{ where, message: `${column.label} (${column.header}) has two columns` }] : []
  })
}

/** A value under no header would be ignored in silence. */
const strayProblems = (table: Table, header: TableRow, rows: readonly TableRow[]): readonly Problem[] => {
  const strays = new Map<number, Problem>()
  for (const row of rows)
    row.cells.forEach((cell, position) => {
      const title = header.cells[position]
      if (isBlank(cell) || strays.has(position) || cell.mergedInto !== undefined) return
      if (title === undefined || isBlank(title))
        strays.set(position, {
          where: placeOf(table, row.number, position),
          message: `"${cell.text}" stands under no header`,
        })
    })
  return [...strays.values()]
}

/** A header that is merged over two rows reads as a row that repeats it. */
const repeats = (header: TableRow, row: TableRow): boolean =>
  row.cells.every((cell, position) => isBlank(cell) || cell.text === header.cells[position]?.text)

/** Finds what a table holds: by its name, else by its headers; where these fit one of the `allowed`, it is that. */
export const locate = (table: Table, allowed: readonly Collection[]): Location => {
  const isNotes = table.sheet !== undefined && notesSheets.has(headerKey(table.sheet))
  if (isNotes || table.rows.every(({ cells }) => cells.every(isBlank))) return { kind: 'nothing' }
  const named = namedCollection(table)
  const wanted = candidatesOf(table, named === undefined ? allowed : [named])
  const isOther = named === undefined && wanted.length === 0
  const candidates = isOther ? candidatesOf(table, collectionNames) : wanted
  const [best] = candidates
  const tied = candidates.filter(
    ({ collection, columns }) =>
      columns.size === best?.columns.size && (collection !== best.collection || columns === best.columns),
  )
  if (best === undefined || tied.length > 1) return { kind: 'unknown', problem: notLocated(table, tied) }
  const rows = table.rows.filter((row) => row.number > best.header.number && !repeats(best.header, row))
  const problems = [...headerProblems(table, best), ...strayProblems(table, best.header, rows)]
  return { kind: 'located', located: { table, ...best, rows }, problems }
}
