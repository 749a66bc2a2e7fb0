import type { Problem } from '../../../src/core/fault.ts'
import { nearest } from '../../../src/core/nearest.ts'
import { type Asset, type Assessment, type Item, itemsOf } from '../../mlps/index.ts'
import type { Inventory } from '../../store.ts'
import {
  type Header,
  headerProblems,
  headersIn,
  headerWithin,
  isInheritedRow,
  rowsBelow,
  strayProblems,
} from '../header.ts'
import { describe, maxProblems } from '../issues.ts'
import { cellAt, placeOf, type Table, type TableRow } from '../table.ts'
import {
  findingColumns,
  findingColumnsByKey,
  type FindingColumn,
  type FindingField,
  findingFields,
  parseHeld,
} from './columns.ts'

/** A table whose columns are known. */
export interface FindingTable extends Header<FindingColumn> {
  readonly table: Table
}

/** What a row says of an item on an asset, and where. */
export interface FindingEntry extends FindingTable {
  readonly row: TableRow
  readonly item: Item
  readonly asset: Asset
  /** Fields that the table has a column for; `undefined` for an empty cell. */
  readonly given: Readonly<Partial<Record<FindingField, unknown>>>
}

export interface Entries {
  readonly entries: readonly FindingEntry[]
  readonly problems: readonly Problem[]
}

type Held = NonNullable<FindingColumn['holds']>

const required = ['item', 'result', 'asset', 'assessment'] as const satisfies readonly Held[]

const positionOf = ({ columns }: Header<FindingColumn>, holds: Held): number | undefined =>
  columns.entries().find(([, column]) => column.holds === holds)?.[0]

/** `net.xlsx:核心防火墙!I5`; the first cell where the table has no such column. */
export const placeIn = (found: FindingTable, row: TableRow, holds: Held): string =>
  placeOf(found.table, row.number, positionOf(found, holds) ?? 0)

const labelOf = (holds: Held): string => {
  const column = findingColumns().find((each) => each.holds === holds)
  return column === undefined ? holds : describe(column)
}

/** The table with its header, and what is wrong with that; the header is absent where there is none to be read. */
export const locateFindings = (
  table: Table,
): { readonly found?: FindingTable; readonly problems: readonly Problem[] } => {
  const [header] = headersIn(table, findingColumnsByKey())
  if (header === undefined)
    return {
      problems: [
        {
          where: placeOf(table, table.rows[0]?.number ?? 1, 0),
          message: `expected a header row with ${required.map(labelOf).join(', ')} within the first ${headerWithin} rows`,
          suggestion: '`yiwang mlps export` writes such a sheet',
        },
      ],
    }
  const missing = required.filter((holds) => positionOf(header, holds) === undefined)
  const where = placeOf(table, header.header.number, 0)
  const problems = [
    ...headerProblems(table, header, findingColumns()),
    ...strayProblems(table, header.header, rowsBelow(table, header.header)),
    ...missing.map((holds) => ({ where, message: `the column ${labelOf(holds)} is missing` })),
  ]
  return missing.length > 0 ? { problems } : { found: { table, ...header }, problems }
}

type Values = Readonly<Partial<Record<Held, unknown>>>

const valuesOf = (
  found: FindingTable,
  row: TableRow,
): { readonly values: Values; readonly problems: readonly Problem[] } => {
  const values: Partial<Record<Held, unknown>> = {}
  const problems: Problem[] = []
  for (const [position, column] of found.columns) {
    if (column.holds === undefined) continue
    const { text, problem } = cellAt(row, position)
    const parsed =
      problem === undefined ? parseHeld(column.holds, text) : ({ ok: false, message: problem } as const)
    if (parsed.ok) values[column.holds] = parsed.value
    else
      problems.push({
        where: placeOf(found.table, row.number, position),
        message: `${describe(column)}: ${parsed.message}`,
      })
  }
  return { values, problems }
}

/** Made once for each assessment of a file. */
const checklists = (): ((assessment: Assessment) => ReadonlyMap<string, Item>) => {
  const known = new Map<string, ReadonlyMap<string, Item>>()
  return (assessment) => {
    const items = known.get(assessment.id) ?? new Map(itemsOf(assessment).map((item) => [item.id, item]))
    known.set(assessment.id, items)
    return items
  }
}

interface Context {
  readonly inventory: Inventory
  readonly checklistOf: (assessment: Assessment) => ReadonlyMap<string, Item>
}

type Fault = { readonly holds: Held; readonly message: string; readonly suggestion?: string }
type Named = { readonly item: Item; readonly asset: Asset } | Fault

const fault = (holds: Held, message: string, candidates: Iterable<string> = [], given = ''): Fault => {
  const near = nearest(given, candidates)
  return { holds, message, ...(near !== undefined && { suggestion: `did you mean ${near}?` }) }
}

/** A cell that is written as JSON may hold anything. */
const textIn = (value: unknown): string => {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : `"${textIn(value).slice(0, 60)}"`

const assetNamed = ({ asset, assessment }: Values, { inventory }: Context): Asset | Fault => {
  const [assetId, assessmentId] = [textIn(asset), textIn(assessment)]
  if (!inventory.assessment.has(assessmentId))
    return fault(
      'assessment',
      `expected the id of an assessment, got ${shown(assessment)}`,
      inventory.assessment.keys(),
      assessmentId,
    )
  const found = inventory.asset.get(assetId)
  if (found === undefined)
    return fault('asset', `expected the id of an asset, got ${shown(asset)}`, inventory.asset.keys(), assetId)
  return found.assessment === assessmentId
    ? found
    : fault('assessment', `expected ${found.assessment}, which ${assetId} belongs to, got ${assessmentId}`)
}

const named = (values: Values, context: Context): Named => {
  const asset = assetNamed(values, context)
  if ('holds' in asset) return asset
  const assessment = context.inventory.assessment.get(asset.assessment)
  const items = assessment === undefined ? new Map<string, Item>() : context.checklistOf(assessment)
  const id = textIn(values.item)
  const item = items.get(id)
  if (item === undefined)
    return fault(
      'item',
      `expected an item of ${asset.assessment}, got ${shown(values.item)}`,
      items.keys(),
      id,
    )
  const clause = `${item.clause} ${item.letter}`
  return values.clause === undefined || values.clause === clause
    ? { item, asset }
    : fault('clause', `${id} is ${clause}, got ${shown(values.clause)}: its row was mixed up with another`)
}

const fieldsOf = (found: FindingTable, values: Values): FindingEntry['given'] =>
  Object.fromEntries(
    findingFields
      .filter((field) => positionOf(found, field) !== undefined)
      .map((field) => [field, values[field]]),
  )

const entryOf = (found: FindingTable, row: TableRow, context: Context): FindingEntry | readonly Problem[] => {
  const { values, problems } = valuesOf(found, row)
  if (problems.length > 0) return problems
  const names = named(values, context)
  if (!('holds' in names)) return { ...found, row, ...names, given: fieldsOf(found, values) }
  const { holds, message, ...rest } = names
  return [{ where: placeIn(found, row, holds), message: `${labelOf(holds)}: ${message}`, ...rest }]
}

const duplicateProblem = (entry: FindingEntry, first: FindingEntry): Problem => ({
  where: placeIn(entry, entry.row, 'item'),
  message: `${entry.item.id} on ${entry.asset.id} is here twice, first at ${placeIn(first, first.row, 'item')}`,
})

/**
 * The rows of all tables as entries, with what is wrong with them. Stops after more problems than anybody reads:
 * a file may have 100,000 rows of nonsense.
 */
export const collectFindings = (tables: readonly FindingTable[], inventory: Inventory): Entries => {
  const context: Context = { inventory, checklistOf: checklists() }
  const entries = new Map<string, FindingEntry>()
  const problems: Problem[] = []
  for (const found of tables)
    for (const row of rowsBelow(found.table, found.header)) {
      if (problems.length > maxProblems) return { entries: [...entries.values()], problems }
      if (isInheritedRow(row)) continue
      const entry = entryOf(found, row, context)
      if (!('item' in entry)) {
        problems.push(...entry)
        continue
      }
      const key = `${entry.asset.id} ${entry.item.id}`
      const first = entries.get(key)
      if (first === undefined) entries.set(key, entry)
      else problems.push(duplicateProblem(entry, first))
    }
  return { entries: [...entries.values()], problems }
}
