import { UsageFault } from '../../src/core/fault.ts'

/** A sheet or a CSV file as rows of text, before anyone knows what the columns mean. */

export interface Cell {
  readonly text: string
  /** Why the text must not be used: a formula, an error value, a date. */
  readonly problem?: string
  /** Where the value comes from, when the cell is merged into another. */
  readonly mergedInto?: { readonly row: number; readonly column: number }
}

export interface TableRow {
  /** As the spreadsheet counts, from 1. */
  readonly number: number
  /** From column A on; columns after the last are empty. */
  readonly cells: readonly Cell[]
}

export interface Table {
  readonly file: string
  /** Absent for CSV. */
  readonly sheet?: string
  readonly rows: readonly TableRow[]
}

/** Bounds of what is read; a file beyond them is refused, not cut off. */
export const limits = {
  fileBytes: 32 * 1024 * 1024,
  unpackedBytes: 64 * 1024 * 1024,
  zipEntries: 2000,
  /** Of all parts: a cell with a value has four. */
  tags: 6_000_000,
  rows: 100_000,
  columns: 512,
  merges: 20_000,
  mergedCells: 1_000_000,
} as const

export const emptyCell: Cell = { text: '' }

export const cellAt = (row: TableRow, column: number): Cell => row.cells[column] ?? emptyCell

export const isBlank = ({ text, problem }: Cell): boolean => problem === undefined && text.trim() === ''

/** 0 → A, 26 → AA. */
export const columnLetters = (column: number): string =>
  column < 26
    ? String.fromCharCode(65 + column)
    : columnLetters(Math.floor(column / 26) - 1) + columnLetters(column % 26)

/** `nodes.xlsx:节点!C5`, `nodes.csv!C5`: where a problem stands, columns counted from 0. */
export const placeOf = ({ file, sheet }: Table, row: number, column: number): string =>
  `${sheet === undefined ? file : `${file}:${sheet}`}!${columnLetters(column)}${String(row)}`

const trimmed = (row: TableRow): TableRow => ({
  ...row,
  cells: row.cells.slice(0, row.cells.findLastIndex((cell) => !isBlank(cell)) + 1),
})

const refuse = (where: string, bound: number, things: string, got: number): UsageFault =>
  new UsageFault([{ where, message: `expected at most ${bound} ${things}, got ${got}` }])

/** Rows and cells up to the last that is not blank. Throws `UsageFault` beyond the limits. */
export const usedRows = (where: string, rows: readonly TableRow[]): readonly TableRow[] => {
  const used = rows.filter(({ cells }) => !cells.every(isBlank)).map(trimmed)
  const last = used.at(-1)?.number ?? 0
  const widest = used.reduce((width, { cells }) => Math.max(width, cells.length), 0)
  if (last > limits.rows) throw refuse(where, limits.rows, 'rows', last)
  if (widest > limits.columns) throw refuse(where, limits.columns, 'columns', widest)
  return used
}
