import type { Problem } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import { headerKey } from '../columns/index.ts'
import { type Cell, isBlank, placeOf, type Table, type TableRow } from './table.ts'

/** What a column of a table is called. */
export interface Titled {
  /** English. */
  readonly header: string
  /** Chinese. */
  readonly label: string
  /** Normalised spellings under which it is found. */
  readonly keys: readonly string[]
}

/** A row that names columns. */
export interface Header<Column extends Titled> {
  readonly header: TableRow
  /** By position; absent where there is no header or one that is for people only. */
  readonly columns: ReadonlyMap<number, Column>
}

/** Titles, dates and the like may stand above the header. */
export const headerWithin = 20
/** Columns and sheets for people: counted, explained, never read. */
const serialHeaders = new Set(['序号', '行号', 'no.', 'no', '#'])
const notesSheets = new Set(['说明', '填写说明', '填表说明', 'readme', 'notes'])

/** A header over several columns names the first of them only. */
const isContinuation = (header: TableRow, cell: Cell): boolean => cell.mergedInto?.row === header.number

/** A sheet without a value, or one that explains the others. */
export const holdsNothing = ({ sheet, rows }: Table): boolean =>
  (sheet !== undefined && notesSheets.has(headerKey(sheet))) ||
  rows.every(({ cells }) => cells.every(isBlank))

const columnsIn = <Column extends Titled>(
  index: ReadonlyMap<string, Column>,
  row: TableRow,
): ReadonlyMap<number, Column> =>
  new Map(
    row.cells.flatMap((cell, position) => {
      const column = isContinuation(row, cell) ? undefined : index.get(headerKey(cell.text))
      return column === undefined ? [] : [[position, column] as const]
    }),
  )

/** Every row that may be the header, that with the most columns first. */
export const headersIn = <Column extends Titled>(
  table: Table,
  index: ReadonlyMap<string, Column>,
): readonly Header<Column>[] =>
  table.rows
    .slice(0, headerWithin)
    .map((header) => ({ header, columns: columnsIn(index, header) }))
    .filter(({ columns }) => columns.size >= 2)
    .sort((left, right) => right.columns.size - left.columns.size)

const unknownHeader = (columns: readonly Titled[], text: string): Omit<Problem, 'where'> => {
  const near = nearest(
    headerKey(text),
    columns.flatMap((column) => column.keys),
  )
  const meant = columns.find((column) => near !== undefined && column.keys.includes(near))
  return {
    message: `unknown header "${text.trim()}"`,
    suggestion:
      meant === undefined
        ? `the columns are ${columns.map(({ label }) => label).join(', ')}`
        : `did you mean ${meant.label} (${meant.header})?`,
  }
}

/** Headers that no column has, and columns that have two; `known` are offered. */
export const headerProblems = (
  table: Table,
  { header, columns }: Header<Titled>,
  known: readonly Titled[],
): readonly Problem[] => {
  const seen = new Set<string>()
  return header.cells.flatMap((cell, position) => {
    const where = placeOf(table, header.number, position)
    if (isBlank(cell) || isContinuation(header, cell) || serialHeaders.has(headerKey(cell.text))) return []
    const column = columns.get(position)
    if (column === undefined) return [{ where, ...unknownHeader(known, cell.text) }]
    const isTwice = seen.has(column.header)
    seen.add(column.header)
    return isTwice ? [{ where, message: `${column.label} (${column.header}) has two columns` }] : []
  })
}

/** A value under no header would be ignored in silence. */
export const strayProblems = (
  table: Table,
  header: TableRow,
  rows: readonly TableRow[],
): readonly Problem[] => {
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

export const rowsBelow = (table: Table, header: TableRow): readonly TableRow[] =>
  table.rows.filter((row) => row.number > header.number && !repeats(header, row))

/** A row that has nothing of its own: what it shows comes from a merged range that began above. */
export const isInheritedRow = (row: TableRow): boolean =>
  row.cells.every(
    (cell) => isBlank(cell) || (cell.mergedInto !== undefined && cell.mergedInto.row < row.number),
  )
