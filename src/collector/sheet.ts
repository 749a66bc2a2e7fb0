import type { Block, LabelString } from '../metrics/exposition.ts'
import { type Cell, type Column, createColumn } from './column.ts'
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
  /** The lines of a family, as the last update left them. */
  blocks(name: string): readonly Block[]
}

/** The fewer rows in a block, the less is copied and compressed again for one new line; the more, the less each costs. */
const rowsInBlock = (rows: number, fewest: number): number =>
  Math.min(512, Math.max(fewest, Math.ceil(rows / 64)))

interface Band<Item> {
  readonly first: number
  readonly items: (Item | undefined)[]
  readonly columns: readonly Column[]
}

export const createSheet = <Item>(
  rows: number,
  labelsOf: (row: number) => LabelString,
  columns: readonly SheetColumn<Item>[],
): Sheet<Item> => {
  const bands: Band<Item>[] = []
  const most = rowsInBlock(rows, columns.some(({ isList }) => isList) ? 1 : 16)

  const bandAt = (index: number): Band<Item> => {
    const first = index * most
    const length = Math.min(most, rows - first)
    const labels = Array.from({ length }, (_, row) => labelsOf(first + row))
    const items = labels.map(() => undefined)
    return { first, items, columns: columns.map(({ name }) => createColumn(name, labels)) }
  }

  const updateBand = function* (
    { first, items, columns: own }: Band<Item>,
    itemOf: (row: number) => Item | undefined,
  ): Work<void> {
    const touched: number[] = []
    for (let row = 0; row < items.length; row += 1) {
      const item = itemOf(first + row)
      if (item === items[row]) continue
      items[row] = item
      touched.push(row)
    }
    if (touched.length === 0) return
    for (const [at, { cell }] of columns.entries()) {
      own[at]?.update(touched, (row) => {
        const item = items[row]
        return item === undefined ? undefined : cell(item)
      })
      yield
    }
  }

  return {
    *update(itemOf) {
      for (let index = 0; index * most < rows; index += 1) {
        bands[index] ??= bandAt(index)
        yield* updateBand(bands[index] as Band<Item>, itemOf)
        yield
      }
    },
    blocks: (name) => {
      const at = columns.findIndex((column) => column.name === name)
      return at < 0 ? [] : bands.flatMap((band) => band.columns[at]?.block() ?? [])
    },
  }
}
