import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../src/core/fault.ts'
import { prepareChange } from '../change.ts'
import { type AnyRecord, type Column, columnsByKey, columnsOf } from '../columns/index.ts'
import { type Collection, collectionNames, collections } from '../model.ts'
import type { Inventory, Operation } from '../store.ts'
import { collectEntries, type Entries, type Entry, placeIn } from './entries.ts'
import { describe, issueProblems, keyIn, keyOf, refusal, storedProblem } from './issues.ts'
import { type Located, locate, type Location } from './locate.ts'
import { type Patched, patch } from './patch.ts'
import { type Resolve, resolver } from './references.ts'
import { cellAt, placeOf, type Table } from './table.ts'

/** One cell that an import changes. */
export interface CellDifference {
  readonly file: string
  readonly sheet?: string
  /** As the spreadsheet counts. */
  readonly row: number
  /** Chinese header. */
  readonly column: string
  readonly collection: Collection
  readonly id: string
  /** As a table writes it; absent for a new record. */
  readonly old?: string
  readonly new: string
}

export interface ImportPlan {
  readonly operations: readonly Operation[]
  readonly differences: readonly CellDifference[]
  readonly added: number
  readonly changed: number
  readonly unchanged: number
}

type Fields = Readonly<Record<string, unknown>>

/** What comes of one row; `after` is absent where the model refuses it. */
interface Outcome {
  readonly entry: Entry
  readonly patched: Patched
  readonly before: AnyRecord | undefined
  readonly after: AnyRecord | undefined
  readonly problems: readonly Problem[]
}

const cellValues = (
  { located, row }: Entry,
  resolve: Resolve,
): { readonly values: readonly (readonly [Column, unknown])[]; readonly problems: readonly Problem[] } => {
  const values: (readonly [Column, unknown])[] = []
  const problems: Problem[] = []
  for (const [position, column] of located.columns) {
    const where = placeOf(located.table, row.number, position)
    const { text, problem } = cellAt(row, position)
    const parsed = problem === undefined ? column.parse(text) : ({ ok: false, message: problem } as const)
    const resolved = parsed.ok ? resolve(column, parsed.value) : parsed
    if (resolved.ok) values.push([column, resolved.value])
    else problems.push({ where, message: `${describe(column)}: ${resolved.message}` })
  }
  return { values, problems }
}

/** An uplink that is given without an id gets one from its node and its place. */
const withUplinkIds = ({ record, origins }: Patched, id: string): Patched => {
  const uplinks = record['uplinks']
  if (!Array.isArray(uplinks) || !origins.has('uplinks')) return { record, origins }
  const named = (uplinks as readonly Fields[]).map((uplink, index) => ({
    id: `${id}-up${(origins.get('uplinks')?.[index] ?? index) + 1}`,
    ...uplink,
  }))
  return { record: { ...record, uplinks: named }, origins }
}

/** What a command alone writes comes in with a new record, and stays as it is in one that is there. */
const overwritten = (
  { located, row }: Entry,
  before: AnyRecord,
  values: readonly (readonly [Column, unknown])[],
): readonly Problem[] =>
  values.flatMap(([column, value]) => {
    if (column.writtenBy === undefined) return []
    const kept = column.parse(column.read(before))
    if (kept.ok && isDeepStrictEqual(kept.value, value)) return []
    const message = `${describe(column)}: changed by \`${column.writtenBy}\` only`
    return [{ where: placeIn(located, row, column.header), message }]
  })

const outcomeOf = (entry: Entry, inventory: Inventory, resolve: Resolve): Outcome => {
  const before = inventory[entry.collection].get(entry.id)
  const { values, problems } = cellValues(entry, resolve)
  const patched = withUplinkIds(patch(before ?? {}, values), entry.id)
  const failed = new Set(problems.map(({ where }) => where))
  const parsed = collections[entry.collection].safeParse(patched.record)
  const issues = parsed.success ? [] : issueProblems(entry, patched, parsed.error.issues)
  return {
    entry,
    patched,
    before,
    after: parsed.data,
    problems: [
      ...problems,
      ...issues.filter(({ where }) => !failed.has(where)),
      ...(before === undefined ? [] : overwritten(entry, before, values)),
    ],
  }
}

const put = ({ entry, after, patched }: Outcome): Operation => ({
  op: 'put',
  collection: entry.collection,
  record: after ?? patched.record,
})

/** What the store would say of records that are sound by themselves: cycles, repeated uplinks, endpoints. */
const storeProblems = (inventory: Inventory, outcomes: readonly Outcome[]): readonly Problem[] => {
  const sound = new Map(
    outcomes
      .filter(({ problems }) => problems.length === 0)
      .map((outcome) => [keyOf(outcome.entry), outcome] as const),
  )
  return prepareChange(inventory, outcomes.map(put)).problems.flatMap((problem) => {
    const outcome = sound.get(keyIn(problem.where, sound) ?? '')
    return outcome === undefined ? [] : [storedProblem(outcome.entry, outcome.patched, problem)]
  })
}

const differencesOf = ({ entry, before, after }: Outcome): readonly CellDifference[] => {
  const { table } = entry.located
  if (after === undefined) return []
  const columns = columnsOf(entry.collection, [after, ...(before === undefined ? [] : [before])])
  return columns.flatMap((column) => {
    const old = before === undefined ? undefined : column.read(before)
    const now = column.read(after)
    if (now === (old ?? '')) return []
    return [
      {
        file: table.file,
        ...(table.sheet !== undefined && { sheet: table.sheet }),
        row: entry.row.number,
        column: column.label,
        collection: entry.collection,
        id: entry.id,
        ...(old !== undefined && { old }),
        new: now,
      },
    ]
  })
}

const byCollection = (left: Outcome, right: Outcome): number =>
  collectionNames.indexOf(left.entry.collection) - collectionNames.indexOf(right.entry.collection)

const locationProblems = (location: Location): readonly Problem[] => {
  if (location.kind === 'unknown') return [location.problem]
  return location.kind === 'located' ? location.problems : []
}

const refuseOthers = (location: Location, allowed: readonly Collection[]): Location => {
  if (location.kind !== 'located' || allowed.includes(location.located.collection)) return location
  const { table, header, collection } = location.located
  const where = placeOf(table, header.number, 0)
  return { kind: 'unknown', problem: { where, message: `this table is not imported: ${collection}` } }
}

/** A row may name its record by the name of another one, which may itself be new in this file. */
const entriesOf = (located: readonly Located[], inventory: Inventory): Entries => {
  const [borrowed, own] = [true, false].map((refers) =>
    located.filter(
      ({ collection }) => (columnsByKey(collection).get('id')?.references !== undefined) === refers,
    ),
  )
  const first = collectEntries(own ?? [], resolver(inventory, []))
  const second = collectEntries(borrowed ?? [], resolver(inventory, first.entries))
  return {
    entries: [...first.entries, ...second.entries],
    problems: [...first.problems, ...second.problems],
  }
}

/**
 * What an import of these tables would change, decided on one revision of the inventory.
 * Records that no table names stay; of a record that one names, the fields that the table has no column
 * for stay; an empty cell clears its field. Tables of collections that are not `allowed` are problems.
 * Throws one `UsageFault` with every problem, each naming file,
 * sheet, row and column.
 */
export const planImport = (
  tables: readonly Table[],
  inventory: Inventory,
  allowed: readonly Collection[] = collectionNames,
): ImportPlan => {
  const locations = tables.map((table) => refuseOthers(locate(table, allowed), allowed))
  const located: readonly Located[] = locations.flatMap((location) =>
    location.kind === 'located' ? [location.located] : [],
  )
  const { entries, problems: idProblems } = entriesOf(located, inventory)
  const resolve = resolver(inventory, entries)
  const outcomes = entries.map((entry) => outcomeOf(entry, inventory, resolve))
  const problems = [
    ...locations.flatMap(locationProblems),
    ...idProblems,
    ...outcomes.flatMap((outcome) => outcome.problems),
    ...storeProblems(inventory, outcomes),
  ]
  if (problems.length > 0) throw refusal(problems)
  const differing = outcomes
    .filter(({ before, after }) => !isDeepStrictEqual(before, after))
    .sort(byCollection)
  return {
    operations: differing.map(put),
    differences: differing.flatMap(differencesOf),
    added: differing.filter(({ before }) => before === undefined).length,
    changed: differing.filter(({ before }) => before !== undefined).length,
    unchanged: outcomes.length - differing.length,
  }
}
