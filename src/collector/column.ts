import {
  type Block,
  type LabelString,
  joinLabels,
  lineOf,
  noLabels,
  numberText,
} from '../metrics/exposition.ts'
import type { LabelledNumber } from '../metrics/readings.ts'
import { createDraft } from './draft.ts'
import { packed } from './gzip.ts'

type List = readonly LabelledNumber[]

/** What a row shows of a family: one number, numbers with labels of their own, or nothing. */
export type Cell = number | List | undefined

/** One family of some hundred rows, as the bytes that go out. */
export interface Column {
  block(): Block
  /** Makes another block where these rows show something else than before. Rows come in their order. */
  update(rows: readonly number[], cellOf: (row: number) => Cell): void
}

/** One for all columns: no two are updated at a time. */
const draft = createDraft()
const newline = 10

/** Where the lines of a row are in the old bytes. */
interface Place {
  readonly start: number
  readonly end: number
}

/** A list as it is kept: what does not change from one run to the next, and what does. */
interface Kept {
  readonly labels: readonly LabelString[]
  readonly values: number[]
}

const hasLabelsOf = ({ labels }: Kept, list: List): boolean =>
  list.length === labels.length && labels.every((own, at) => own === list[at]?.labels)

/** The lines of one family, row by row: what each shows, and how the draft comes to show another thing. */
const createLines = (name: string, labels: readonly LabelString[]) => {
  const isNumber = new Uint8Array(labels.length)
  const numbers = new Float64Array(labels.length)
  const lists: (Kept | undefined)[] = labels.map(() => undefined)

  const lineWith = (row: number, own: LabelString, value: number): string =>
    lineOf(name, { labels: joinLabels(labels[row] ?? noLabels, own), value })

  /** Where the number begins in a line that begins at `start`. */
  const numberAt = (row: number, own: LabelString, start: number): number => {
    const length = (labels[row]?.length ?? 0) + (own === '' ? 0 : own.length + 1)
    return start + name.length + length + '{} '.length
  }

  const editNumber = (row: number, cell: number, { start, end }: Place): void => {
    if (isNumber[row] !== 1) draft.replace(start, end, lineWith(row, noLabels, cell))
    else if (!Object.is(numbers[row], cell))
      draft.replace(numberAt(row, noLabels, start), end - 1, numberText(cell))
    numbers[row] = cell
  }

  const writeList = (row: number, cell: List, { start, end }: Place): void => {
    const values = cell.map(({ value }) => value)
    lists[row] = { labels: cell.map((each) => each.labels), values }
    draft.replace(start, end, cell.map((each) => lineWith(row, each.labels, each.value)).join(''))
  }

  const editList = (row: number, cell: List, place: Place): void => {
    const kept = lists[row]
    if (kept === undefined || !hasLabelsOf(kept, cell)) {
      writeList(row, cell, place)
      return
    }
    if (cell.every(({ value }, at) => Object.is(value, kept.values[at]))) return
    const bytes = draft.old()
    let line = place.start
    for (let at = 0; at < cell.length; at += 1) {
      const { labels: own, value } = cell[at] as LabelledNumber
      const from = numberAt(row, own, line)
      const to = bytes.indexOf(newline, from)
      if (!Object.is(value, kept.values[at])) draft.replace(from, to, numberText(value))
      kept.values[at] = value
      line = to + 1
    }
  }

  /** Where only a number changes, the labels stay where they are. */
  return (row: number, cell: Cell, place: Place): void => {
    if (typeof cell === 'number') editNumber(row, cell, place)
    else if (cell !== undefined && cell.length > 0) editList(row, cell, place)
    else if (place.end > place.start) draft.replace(place.start, place.end, '')
    isNumber[row] = Number(typeof cell === 'number')
    if (typeof cell !== 'object' || cell.length === 0) lists[row] = undefined
  }
}

export const createColumn = (name: string, labels: readonly LabelString[]): Column => {
  const edit = createLines(name, labels)
  /** Where the lines of each row end. */
  const ends = new Uint32Array(labels.length)
  let block: Block = packed(Buffer.alloc(0))
  return {
    block: () => block,
    update: (rows, cellOf) => {
      const place = { start: 0, end: 0 }
      draft.begin(() => block.bytes)
      let next = 0
      for (let row = 0; row < ends.length; row += 1) {
        place.end = ends[row] ?? 0
        if (rows[next] === row) {
          edit(row, cellOf(row), place)
          next += 1
        }
        ends[row] = place.end + draft.shift()
        place.start = place.end
      }
      const version = draft.finish()
      if (version !== undefined) block = packed(version)
    },
  }
}
