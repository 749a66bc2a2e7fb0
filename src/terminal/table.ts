import stringWidth from 'string-width'
import { remembered } from '../core/remembered.ts'
import { printable } from './printable.ts'
import { wrap } from './wrap.ts'

export interface Column<Row> {
  readonly header: string
  readonly read: (row: Row) => string
  readonly align?: 'left' | 'right'
  /** Cells that it may be cut down to where the terminal is narrow; absent: it is never cut. */
  readonly least?: number
  /** Of the last column: a text that is longer than what it is cut down to goes on in the lines below. */
  readonly wraps?: boolean
  /** Left out where it cannot even have its `least`. */
  readonly optional?: boolean
}

const gap = '  '
const ellipsis = '…'

/** A text and how many cells of a terminal it takes: measured once, since a city has 40,000 of them. */
interface Cell {
  readonly text: string
  readonly width: number
}

const isWide = (code: number): boolean =>
  (code >= 0x4e00 && code <= 0x9fff) ||
  (code >= 0x3001 && code <= 0x3011) ||
  (code >= 0xff01 && code <= 0xff5e)

/** Of printable ASCII, common ideographs and their punctuation, which most cells are; undefined where there is more. */
const plainWidth = (text: string): number | undefined => {
  let width = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 0x20 && code <= 0x7e) width += 1
    else if (isWide(code)) width += 2
    else return undefined
  }
  return width
}

const widthOf = (text: string): number => plainWidth(text) ?? stringWidth(text)

const cellOf = (text: string): Cell => {
  const width = plainWidth(text)
  if (width !== undefined) return { text, width }
  const shown = printable(text)
  return { text: shown, width: stringWidth(shown) }
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/** The cell in at most `width` cells, with an ellipsis where something was cut off. */
const cut = (cell: Cell, width: number): Cell => {
  if (cell.width <= width) return cell
  let kept = ''
  for (const { segment } of graphemes.segment(cell.text)) {
    if (widthOf(kept + segment) > width - 1) break
    kept += segment
  }
  return cellOf(kept + ellipsis)
}

const blanks = remembered((count: number) => ' '.repeat(count))

const pad = (cell: Cell, width: number, align: 'left' | 'right' = 'left'): string => {
  const { text, width: own } = cut(cell, width)
  const filler = blanks(Math.max(0, width - own))
  return align === 'right' ? filler + text : text + filler
}

interface Fitted<Row> {
  readonly column: Column<Row>
  /** Header first. */
  readonly cells: readonly Cell[]
  readonly width: number
}

const measured = <Row>(column: Column<Row>, rows: readonly Row[]): Fitted<Row> => {
  const cells = [column.header, ...rows.map(column.read)].map(cellOf)
  return { column, cells, width: cells.reduce((most, { width }) => Math.max(most, width), 0) }
}

const slack = <Row>({ column: { least }, width }: Fitted<Row>): number =>
  least === undefined ? 0 : Math.max(0, width - least)

/** Behind the header: there is more, for which the terminal is too narrow. */
const leftOut = `${gap}${ellipsis}`

/** Columns give way from the last to the first; where that is not enough, the last optional one goes. */
const fit = <Row>(natural: readonly Fitted<Row>[], width: number, isWhole = true): readonly Fitted<Row>[] => {
  const gaps = gap.length * Math.max(0, natural.length - 1)
  const room = isWhole ? width : width - leftOut.length
  let excess = natural.reduce((sum, each) => sum + each.width, gaps) - room
  const fitted = natural.toReversed().map((each) => {
    const given = Math.min(Math.max(0, excess), slack(each))
    excess -= given
    return { ...each, width: each.width - given }
  })
  const last = natural.findLastIndex(({ column }) => column.optional)
  return excess <= 0 || last < 0 ? fitted.toReversed() : fit(natural.toSpliced(last, 1), width, false)
}

/** The lines of a row: a text beside the cells before it, and where it goes on, below itself. */
const besideOf = (before: string, cell: Cell, width: number): readonly string[] => {
  const beginning = before === '' ? '' : `${before}${gap}`
  const indent = ' '.repeat(stringWidth(beginning))
  const lines = cell.width <= width ? [cell.text] : wrap(cell.text, width)
  return lines.map((text, at) => `${at === 0 ? beginning : indent}${text}`.trimEnd())
}

/** Width of the terminal on standard output; without bound where it is none, so that pipes get everything. */
const terminalWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : Infinity)

/**
 * A plain table; widths count CJK characters as two cells. Ends without a newline.
 * Beyond `width` cells, columns are cut as far as each allows, then optional ones left out, which `…` behind the header
 * says; what is still too wide is left to the terminal.
 */
export const table = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width = terminalWidth(),
): string => {
  const fitted = fit(
    columns.map((column) => measured(column, rows)),
    width,
  )
  const line = (shown: readonly Fitted<Row>[], at: number): string =>
    shown.map(({ column, cells, width: own }) => pad(cells[at] ?? cellOf(''), own, column.align)).join(gap)
  const [wrapped] = fitted.slice(-1).filter(({ column }) => column.wraps)
  const linesOf = (at: number): readonly string[] =>
    wrapped === undefined
      ? [line(fitted, at).trimEnd()]
      : besideOf(line(fitted.slice(0, -1), at), wrapped.cells[at] ?? cellOf(''), wrapped.width)
  const header = `${line(fitted, 0).trimEnd()}${fitted.length < columns.length ? leftOut : ''}`
  return [header, ...rows.flatMap((_, at) => linesOf(at + 1))].join('\n')
}
