import { stringify } from 'csv-stringify/sync'
import { UsageFault } from '../../src/core/fault.ts'
import { type AnyRecord, type Column, collectionLabels, columnsOf, maxGroups } from '../columns/index.ts'
import type { Collection } from '../model.ts'
import type { Inventory } from '../store.ts'

export interface CsvOptions {
  /** A byte order mark, without which Excel takes UTF-8 for GBK. */
  readonly bom?: boolean
  /** Default: Chinese. */
  readonly headers?: 'chinese' | 'english'
}

/** The columns that hold every record of a collection. Throws `UsageFault` beyond `maxGroups` items in a list. */
export const exportedColumns = (collection: Collection, records: readonly AnyRecord[]): readonly Column[] => {
  const columns = columnsOf(collection, records)
  const tooMany = columns.find(({ path }) => typeof path[1] === 'number' && path[1] >= maxGroups)
  if (tooMany === undefined) return columns
  const message = `expected at most ${maxGroups} ${String(tooMany.path[0])} a record`
  throw new UsageFault([{ where: collectionLabels[collection][0], message }])
}

/** RFC 4180 with a header row. Reads back without loss; formulas are neutralised by an apostrophe. */
export const exportCsv = (
  inventory: Inventory,
  collection: Collection,
  { bom = false, headers = 'chinese' }: CsvOptions = {},
): string => {
  const records: readonly AnyRecord[] = [...inventory[collection].values()]
  const columns = exportedColumns(collection, records)
  const header = columns.map((column) => (headers === 'chinese' ? column.label : column.header))
  const rows = records.map((record) => columns.map((column) => column.read(record)))
  return stringify([header, ...rows], { bom, record_delimiter: 'windows', quoted_match: /[\r\n]/u })
}
