import type { Block, LabelString } from '../metrics/exposition.ts'
import { type Cell, createColumn } from './column.ts'
import { emptyBlock } from './gzip.ts'
import type { Work } from './slices.ts'

/** One family, and what an item shows of it. */
export interface SheetColumn<Item> {
  readonly name: string
  readonly cell: (item: Item) => Cell
  /** A row may be many lines, those of a device's interfaces. */
  readonly isList?: boolean
}

/** Rows of items that stay, with the families that all of them show. */
export interface Sheet<Item> {
  /** Renders the rows whose item is another object than before. */
  update(itemOf: (row: number) => Item | undefined): Work<void>
  /** The lines of a family, as the last update left them; none where the sheet has no such family. */
  block(name: string): Block
}

/** So many rows are looked through at a time, whole bands of each column. */
const inWindow = 512

/**
 * A power of two. The fewer rows in a band, the less is copied and compressed again for one new line; the more, the
 * less each costs.
 */
const rowsInBand = (rows: number, fewest: number): number =>
  Math.min(inWindow, Math.max(fewest, 2 ** Math.round(Math.log2(Math.max(1, rows / 64)))))

export const createSheet = <Item>(
  count: number,
  labelsOf: (row: number) => LabelString,
  columns: readonly SheetColumn<Item>[],
): Sheet<Item> => {
  const labels: LabelString[] = []
  const items: (Item | undefined)[] = []
  const own = columns.map(({ name, cell, isList }) => ({
    ...{ name, cell },
    column: createColumn(name, { count, labels }, rowsInBand(count, isList === true ? 1 : 16)),
  }))

  const touchedFrom = (first: number, itemOf: (row: number) => Item | undefined): readonly number[] => {
    const touched: number[] = []
    for (let row = first; row < Math.min(count, first + inWindow); row += 1) {
      labels[row] ??= labelsOf(row)
      const item = itemOf(row)
      if (item === items[row]) continue
      items[row] = item
      touched.push(row)
    }
    return touched
  }

  return {
    *update(itemOf) {
      for (let first = 0; first < count; first += inWindow) {
        const touched = touchedFrom(first, itemOf)
        yield
        for (const { cell, column } of own)
          yield* column.update(touched, (row) => {
            const item = items[row]
            return item === undefined ? undefined : cell(item)
          })
      }
    },
    block: (name) => own.find((each) => each.name === name)?.column.block() ?? emptyBlock,
  }
}
