import path from 'node:path'
import type { Problem } from '../../src/core/fault.ts'
import { type Column, collectionLabels, columnsByKey, columnsOf, headerKey } from '../columns/index.ts'
import { type Collection, collectionNames } from '../model.ts'
import {
  type Header,
  headerProblems,
  headersIn,
  headerWithin,
  holdsNothing,
  rowsBelow,
  strayProblems,
} from './header.ts'
import { placeOf, type Table, type TableRow } from './table.ts'

/** A table whose collection and columns are known. */
export interface Located extends Header<Column> {
  readonly table: Table
  readonly collection: Collection
  /** The rows below the header. */
  readonly rows: readonly TableRow[]
}

export type Location =
  | { readonly kind: 'located'; readonly located: Located; readonly problems: readonly Problem[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly problem: Problem }

const collectionByName = new Map(
  collectionNames.flatMap((collection) =>
    [collection, ...collectionLabels[collection]].map((name) => [headerKey(name), collection] as const),
  ),
)

/** By the name of the sheet or file, or by one word of it: `kaifeng-node.csv`, `节点 2025`. */
const namedCollection = ({ file, sheet }: Table): Collection | undefined => {
  const name = sheet ?? path.parse(file).name
  const words = [name, ...name.split(/[\s._-]+/u)]
  return words
    .map((word) => collectionByName.get(headerKey(word)))
    .find((collection) => collection !== undefined)
}

interface Candidate extends Header<Column> {
  readonly collection: Collection
}

const candidatesOf = (table: Table, among: readonly Collection[]): readonly Candidate[] =>
  among
    .flatMap((collection) =>
      headersIn(table, columnsByKey(collection)).map((found) => ({ collection, ...found })),
    )
    .sort((left, right) => right.columns.size - left.columns.size)

const notLocated = (table: Table, tied: readonly Candidate[]): Problem => {
  const names = collectionNames.map((collection) => collectionLabels[collection][0]).join(', ')
  return {
    where: placeOf(table, tied[0]?.header.number ?? table.rows[0]?.number ?? 1, 0),
    message:
      tied.length > 1
        ? `the headers fit several tables: ${tied.map(({ collection }) => collectionLabels[collection][0]).join(', ')}`
        : `expected a header row with the columns of a table within the first ${headerWithin} rows`,
    suggestion: `name the sheet or file after its table: ${names}`,
  }
}

/** Finds what a table holds: by its name, else by its headers; where these fit one of the `allowed`, it is that. */
export const locate = (table: Table, allowed: readonly Collection[]): Location => {
  if (holdsNothing(table)) return { kind: 'nothing' }
  const named = namedCollection(table)
  const wanted = candidatesOf(table, named === undefined ? allowed : [named])
  const isOther = named === undefined && wanted.length === 0
  const candidates = isOther ? candidatesOf(table, collectionNames) : wanted
  const [best] = candidates
  const tied = candidates.filter(
    ({ collection, columns }) =>
      columns.size === best?.columns.size && (collection !== best.collection || columns === best.columns),
  )
  if (best === undefined || tied.length > 1) return { kind: 'unknown', problem: notLocated(table, tied) }
  const rows = rowsBelow(table, best.header)
  const problems = [
    ...headerProblems(table, best, columnsOf(best.collection)),
    ...strayProblems(table, best.header, rows),
  ]
  return { kind: 'located', located: { table, ...best, rows }, problems }
}
