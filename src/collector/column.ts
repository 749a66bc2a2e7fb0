import { type Block, type LabelString, type Lines, lineStart, numberText } from '../metrics/exposition.ts'

/** What a row shows of a family: one number, lines of its own, or nothing. */
export type Cell = number | Lines | undefined

/** One family of some hundred rows, as the bytes that go out. */
export interface Column {
  block(): Block
  /** Makes another block where a cell is another than before. Rows come in their order. */
  update(rows: readonly number[], cellOf: (row: number) => Cell): void
}

/** Bytes, and where the lines of each row end in them. */
interface Rows {
  readonly bytes: Buffer
  readonly ends: Uint32Array
}

/** Another text for what follows the first `keep` bytes of a row. */
interface Edit {
  readonly row: number
  readonly keep: number
  readonly text: string
}

const startOf = ({ ends }: Rows, row: number): number => (row === 0 ? 0 : (ends[row - 1] ?? 0))

const sizeAfter = (before: Rows, edits: readonly Edit[]): number => {
  let size = before.bytes.length
  for (const { row, keep, text } of edits)
    size += keep + text.length - ((before.ends[row] ?? 0) - startOf(before, row))
  return size
}

const movedEnds = (before: Rows, edits: readonly Edit[]): Uint32Array => {
  const ends = new Uint32Array(before.ends.length)
  let [shift, next] = [0, 0]
  for (let row = 0; row < ends.length; row += 1) {
    const end = before.ends[row] ?? 0
    const edit = edits[next]
    if (edit?.row === row) {
      shift += edit.keep + edit.text.length - (end - startOf(before, row))
      next += 1
    }
    ends[row] = end + shift
  }
  return ends
}

/** What lies between two edits is copied in one go: a new number costs its digits, and not its labels. */
const splice = (before: Rows, edits: readonly Edit[]): Rows => {
  const bytes = Buffer.allocUnsafeSlow(sizeAfter(before, edits))
  let [from, at] = [0, 0]
  for (const { row, keep, text } of edits) {
    at += before.bytes.copy(bytes, at, from, startOf(before, row) + keep)
    at += bytes.write(text, at, 'latin1')
    from = before.ends[row] ?? 0
  }
  before.bytes.copy(bytes, at, from)
  return { bytes, ends: movedEnds(before, edits) }
}

const textOf = (start: string, cell: Cell): string => {
  if (cell === undefined) return ''
  return typeof cell === 'number' ? `${start}${numberText(cell)}\n` : cell
}

export const createColumn = (name: string, labels: readonly LabelString[]): Column => {
  const cells: Cell[] = labels.map(() => undefined)
  let rows: Rows = { bytes: Buffer.alloc(0), ends: new Uint32Array(labels.length) }
  const editOf = (row: number, cell: Cell): Edit => {
    const start = lineStart(name, labels[row] ?? ('' as LabelString))
    if (typeof cell === 'number' && typeof cells[row] === 'number')
      return { row, keep: start.length, text: `${numberText(cell)}\n` }
    return { row, keep: 0, text: textOf(start, cell) }
  }
  return {
    block: () => rows,
    update: (touched, cellOf) => {
      const edits: Edit[] = []
      for (const row of touched) {
        const cell = cellOf(row)
        if (Object.is(cell, cells[row])) continue
        edits.push(editOf(row, cell))
        cells[row] = cell
      }
      if (edits.length > 0) rows = splice(rows, edits)
    },
  }
}
