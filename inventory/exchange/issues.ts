import type { z } from 'zod'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import { type Column, columnsByKey } from '../columns/index.ts'
import { type Entry, placeIn } from './entries.ts'
import type { Titled } from './header.ts'
import type { Patched } from './patch.ts'

/** Names the cell of what is wrong with a record. */

type Path = readonly PropertyKey[]

/** More than anybody reads at once. */
export const maxProblems = 1000

/** One fault with every problem, or with the first of very many. */
export const refusal = (problems: readonly Problem[]): UsageFault => {
  const more = problems.length - maxProblems
  return new UsageFault([
    ...problems.slice(0, maxProblems),
    ...(more > 0 ? [{ where: '', message: `and ${more} more problems` }] : []),
  ])
}

export const describe = ({ label, header }: Titled): string => `${label} (${header})`

const shownLength = 100

const valueAt = (record: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    record,
  )

/** What was given for the hash of an agent's key may be the key itself. */
const shown = ({ collection }: Entry, value: unknown): string =>
  collection === 'agent' ? '' : `, got ${JSON.stringify(value).slice(0, shownLength)}`

const issueMessage = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_union' ? (issue.errors.at(-1)?.[0]?.message ?? issue.message) : issue.message

/** The path as the file counts: an emptied group before it has not moved it. */
const headerOf = ([field, step, ...rest]: Path, { origins }: Patched): string => {
  const index = typeof step === 'number' ? (origins.get(String(field))?.[step] ?? step) : step
  return [field, index, ...rest]
    .filter((part) => part !== undefined)
    .map((part) => (typeof part === 'number' ? part + 1 : String(part)))
    .join('.')
}

/** The column that holds a path; else one that the file has of the group that the path is. */
const columnAt = ({ collection, located }: Entry, header: string): Column | undefined =>
  columnsByKey(collection)
    .values()
    .find((column) => header === column.header || header.startsWith(`${column.header}.`)) ??
  located.columns.values().find((column) => column.header.startsWith(`${header}.`))

const cellProblem = (entry: Entry, patched: Patched, path: Path, message: string): Problem => {
  const header = headerOf(path, patched)
  const column = columnAt(entry, header)
  return {
    where: placeIn(entry.located, entry.row, column?.header ?? 'id'),
    message: `${column === undefined ? header : describe(column)}: ${message}`,
  }
}

/** What the model finds wrong with a record, by cell. */
export const issueProblems = (
  entry: Entry,
  patched: Patched,
  issues: readonly z.core.$ZodIssue[],
): readonly Problem[] =>
  issues.map((issue) => {
    const value = valueAt(patched.record, issue.path)
    const message =
      value === undefined ? 'is required, got nothing' : `${issueMessage(issue)}${shown(entry, value)}`
    return cellProblem(entry, patched, issue.path, message)
  })

/** `node/n-1`: how the store names a record. */
export const keyOf = ({ collection, id }: Entry): string => `${collection}/${id}`

const pathOf = (text: string): Path =>
  [...text.matchAll(/\.([^.[\]]+)|\[(\d+)\]/gu)].map(([, field, index]) => field ?? Number(index))

/** The record's key at the beginning of the place that the store names: ids may have dots as paths do. */
export const keyIn = (where: string, keys: { readonly has: (key: string) => boolean }): string | undefined =>
  [where, ...[...where.matchAll(/\./gu)].map(({ index }) => where.slice(0, index)).reverse()].find((key) =>
    keys.has(key),
  )

/** A problem that the store names by record and path (`node/n-1.uplinks[0].to`), by cell. */
export const storedProblem = (entry: Entry, patched: Patched, problem: Problem): Problem => {
  const path = pathOf(problem.where.slice(keyOf(entry).length))
  return { ...problem, ...cellProblem(entry, patched, path, problem.message) }
}
