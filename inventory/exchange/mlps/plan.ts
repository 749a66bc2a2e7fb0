import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../../src/core/fault.ts'
import { prepareChange } from '../../change.ts'
import { finding as findingSchema } from '../../mlps/assessment.ts'
import type { Asset, Finding } from '../../mlps/index.ts'
import type { Inventory, Operation } from '../../store.ts'
import { holdsNothing } from '../header.ts'
import { describe, refusal } from '../issues.ts'
import type { Table } from '../table.ts'
import { findingColumns, findingFields, writeHeld } from './columns.ts'
import { collectFindings, type FindingEntry, locateFindings, placeIn } from './entries.ts'

/** One cell that an import changes. */
export interface FindingDifference {
  readonly file: string
  readonly sheet?: string
  /** As the spreadsheet counts. */
  readonly row: number
  /** Chinese header. */
  readonly column: string
  readonly assessment: string
  readonly asset: string
  readonly item: string
  /** As a table writes it; absent for a new result. */
  readonly old?: string
  readonly new: string
}

/** What an import would do; counted in results. */
export interface FindingsPlan {
  readonly operations: readonly Operation[]
  readonly differences: readonly FindingDifference[]
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  /** Rows without a result: they say nothing. */
  readonly empty: number
}

interface Outcome {
  readonly entry: FindingEntry
  readonly before: Finding | undefined
  readonly after: Finding | undefined
  readonly problems: readonly Problem[]
}

const columnOf = (holds: string) => findingColumns().find((column) => column.holds === holds)

const fieldProblem = (entry: FindingEntry, field: string, message: string): Problem => {
  const column = columnOf(field)
  return {
    where: placeIn(entry, entry.row, column?.holds ?? 'result'),
    message: `${column === undefined ? field : describe(column)}: ${message}`,
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Whoever changes a row has looked at it: its result is no longer carried over. */
const looked = (before: Finding | undefined, merged: Fields): Fields => {
  const isChanged = findingFields.some((field) => before?.[field] !== merged[field])
  const isLeft = before?.carriedFrom !== undefined && before.carriedFrom === merged['carriedFrom']
  return isChanged && isLeft ? { ...merged, carriedFrom: undefined } : merged
}

const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const outcomeOf = (entry: FindingEntry): Outcome => {
  const before = entry.asset.results[entry.item.id]
  if (Object.values(entry.given).every((value) => value === undefined))
    return { entry, before, after: before, problems: [] }
  if (entry.given.result === undefined) {
    const problem = fieldProblem(entry, 'result', 'is required where the row says anything, got nothing')
    return { entry, before, after: undefined, problems: [problem] }
  }
  const parsed = findingSchema.safeParse(present(looked(before, { ...before, ...entry.given })))
  return {
    entry,
    before,
    after: parsed.data,
    problems: (parsed.error?.issues ?? []).map(({ path, message }) =>
      fieldProblem(
        entry,
        String(path[0]),
        `${message}, got ${JSON.stringify(entry.given[path[0] as 'on']).slice(0, 60)}`,
      ),
    ),
  }
}

const futureProblems = ({ entry, before, after }: Outcome, today: string): readonly Problem[] =>
  after?.on === undefined || after.on <= today || after.on === before?.on
    ? []
    : [fieldProblem(entry, 'on', `expected a day that has come (today is ${today}), got ${after.on}`)]

const isSilent = ({ entry }: Outcome): boolean => entry.given.result === undefined

const differencesOf = ({ entry, before, after }: Outcome): readonly FindingDifference[] =>
  findingFields.flatMap((field) => {
    const [old, now] = [before, after].map((finding) => writeHeld(field, finding?.[field]))
    if (old === now) return []
    const { file, sheet } = entry.table
    return [
      {
        file,
        ...(sheet !== undefined && { sheet }),
        row: entry.row.number,
        column: columnOf(field)?.label ?? field,
        assessment: entry.asset.assessment,
        asset: entry.asset.id,
        item: entry.item.id,
        ...(before !== undefined && { old: old ?? '' }),
        new: now ?? '',
      },
    ]
  })

const withResults = (asset: Asset, outcomes: readonly Outcome[]): Operation => ({
  op: 'put',
  collection: 'asset',
  record: {
    ...asset,
    results: {
      ...asset.results,
      ...Object.fromEntries(outcomes.map(({ entry, after }) => [entry.item.id, after])),
    },
  },
})

const operationsOf = (outcomes: readonly Outcome[]): readonly Operation[] =>
  [...Map.groupBy(outcomes, ({ entry }) => entry.asset)].map(([asset, own]) => withResults(asset, own))

/**
 * What an import of these tables would change, decided on one revision of the inventory. An item that no row
 * names stays; so does one whose row is left empty, since an assessor's blank must not wipe what somebody found
 * meanwhile. In a row with a result an empty cell clears its field, and fields without a column stay.
 * Throws one `UsageFault` with every problem, each naming file, sheet, row and column; a day after `today` is one.
 */
export const planFindings = (tables: readonly Table[], inventory: Inventory, today: string): FindingsPlan => {
  const located = tables.filter((table) => !holdsNothing(table)).map(locateFindings)
  const { entries, problems } = collectFindings(
    located.flatMap(({ found }) => found ?? []),
    inventory,
  )
  const outcomes = entries.map(outcomeOf)
  const differing = outcomes.filter(({ before, after }) => !isDeepStrictEqual(before, after))
  const operations = operationsOf(differing)
  const faults = [
    ...located.flatMap((each) => each.problems),
    ...problems,
    ...outcomes.flatMap((outcome) => outcome.problems),
    ...differing.flatMap((outcome) => futureProblems(outcome, today)),
  ]
  if (faults.length > 0) throw refusal(faults)
  const { problems: stored } = prepareChange(inventory, operations)
  if (stored.length > 0) throw refusal(stored)
  const silent = outcomes.filter(isSilent).length
  return {
    operations,
    differences: differing.flatMap(differencesOf),
    added: differing.filter(({ before }) => before === undefined).length,
    changed: differing.filter(({ before }) => before !== undefined).length,
    unchanged: outcomes.length - differing.length - silent,
    empty: silent,
  }
}
