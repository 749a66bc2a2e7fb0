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
import { emptyBlock, joined, packed } from './gzip.ts'
import type { Work } from './slices.ts'

type List = readonly LabelledNumber[]

/** What a row shows of a family: one number, numbers with labels of their own, or nothing. */
export type Cell = number | List | undefined

/** Rows of which a column shows a family, all those of its sheet. */
export interface Rows {
  readonly count: number
  /** Those of a row are asked for once it has something to show. */
  readonly labels: readonly LabelString[]
}

/** One family as the bytes that go out. */
export interface Column {
  /** The same one for as long as its lines are the same. */
  block(): Block
  /** Makes other lines where these rows show something else than before. Rows come in their order. */
  update(rows: readonly number[], cellOf: (row: number) => Cell): Work<void>
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
const createLines = (name: string, { count, labels }: Rows) => {
  const isNumber = new Uint8Array(count)
  const numbers = new Float64Array(count)
  const lists = new Map<number, Kept>()

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
    lists.set(row, { labels: cell.map((each) => each.labels), values })
    draft.replace(start, end, cell.map((each) => lineWith(row, each.labels, each.value)).join(''))
  }

  const editList = (row: number, cell: List, place: Place): void => {
    const kept = lists.get(row)
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
    if (typeof cell !== 'object' || cell.length === 0) lists.delete(row)
  }
}

/** `inBand` rows are copied and compressed together when one of them changes. */
export const createColumn = (name: string, rows: Rows, inBand: number): Column => {
  const edit = createLines(name, rows)
  /** Where the lines of each row end in those of its band. */
  const ends = new Uint32Array(rows.count)
  const bands: Block[] = Array.from({ length: Math.ceil(rows.count / inBand) }, () => emptyBlock)
  let whole: Block | undefined = emptyBlock

  const updateBand = (band: number, touched: readonly number[], cellOf: (row: number) => Cell): void => {
    const place = { start: 0, end: 0 }
    const old = bands[band] ?? emptyBlock
    draft.begin(() => old.bytes)
    const after = Math.min(rows.count, (band + 1) * inBand)
    let next = 0
    for (let row = band * inBand; row < after; row += 1) {
      place.end = ends[row] ?? 0
      if (touched[next] === row) {
        edit(row, cellOf(row), place)
        next += 1
      }
      ends[row] = place.end + draft.shift()
      place.start = place.end
    }
    const version = draft.finish()
    if (version === undefined) return
    bands[band] = packed(version)
    whole = undefined
  }

  return {
    block: () => (whole ??= joined(bands)),
    *update(touched, cellOf) {
      let from = 0
      while (from < touched.length) {
        const band = Math.floor((touched[from] as number) / inBand)
        let to = from + 1
        while (to < touched.length && (touched[to] as number) < (band + 1) * inBand) to += 1
        updateBand(band, touched.slice(from, to), cellOf)
        from = to
        yield
      }
    },
  }
}
