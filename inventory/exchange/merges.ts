import { UsageFault } from '../../src/core/fault.ts'
import { type Cell, cellAt, limits, type TableRow } from './table.ts'

/** Rows from 1, columns from 0, both ends included. */
export interface Merge {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

const columnNumber = (letters: string): number =>
  Array.from(letters).reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1

const mergeCell =
  /<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']/gu

/**
 * Merged ranges of a sheet's XML. They are read here because the workbook library makes a cell of every
 * address in a range, so that one merge of a whole sheet would take all memory.
 */
export const mergesOf = (where: string, xml: string): readonly Merge[] => {
  const merges = [...xml.matchAll(mergeCell).take(limits.merges + 1)].map(
    ([, left = '', top, right = '', bottom]) => ({
      top: Number(top),
      bottom: Number(bottom),
      left: columnNumber(left),
      right: columnNumber(right),
    }),
  )
  if (merges.length > limits.merges)
    throw new UsageFault([{ where, message: `expected at most ${limits.merges} merged ranges` }])
  return merges
}

/** Cuts ranges to the rows and columns that are in use. */
const clip = (merges: readonly Merge[], rows: readonly TableRow[]): readonly Merge[] => {
  const lastRow = rows.at(-1)?.number ?? 0
  const lastColumn = rows.reduce((width, { cells }) => Math.max(width, cells.length), 0) - 1
  return merges.map((merge) => ({
    ...merge,
    bottom: Math.min(merge.bottom, lastRow),
    right: Math.min(merge.right, lastColumn),
  }))
}

const areaOf = ({ top, bottom, left, right }: Merge): number =>
  Math.max(0, bottom - top + 1) * Math.max(0, right - left + 1)

type Overlay = Map<number, Map<number, Cell>>

const cover = (overlay: Overlay, { top, bottom, left, right }: Merge, master: Cell): void => {
  for (let row = top; row <= bottom; row += 1) {
    const cells = overlay.get(row) ?? new Map<number, Cell>()
    for (let column = left; column <= right; column += 1)
      if (row !== top || column !== left)
        cells.set(column, { ...master, mergedInto: { row: top, column: left } })
    overlay.set(row, cells)
  }
}

const overlaid = (row: TableRow, cells: ReadonlyMap<number, Cell> | undefined): TableRow => {
  if (cells === undefined) return row
  const width = Math.max(row.cells.length, ...cells.keys().map((column) => column + 1))
  return {
    ...row,
    cells: Array.from({ length: width }, (_, column) => cells.get(column) ?? cellAt(row, column)),
  }
}

/** The value of a merged range in each of its cells, within the rows and columns that are in use. */
export const applyMerges = (
  where: string,
  rows: readonly TableRow[],
  merges: readonly Merge[],
): readonly TableRow[] => {
  const clipped = clip(merges, rows)
  if (clipped.reduce((sum, merge) => sum + areaOf(merge), 0) > limits.mergedCells)
    throw new UsageFault([{ where, message: `expected at most ${limits.mergedCells} merged cells` }])
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  const overlay: Overlay = new Map()
  for (const merge of clipped) {
    const top = byNumber.get(merge.top)
    if (top !== undefined) cover(overlay, merge, cellAt(top, merge.left))
  }
  return rows.map((row) => overlaid(row, overlay.get(row.number)))
}
