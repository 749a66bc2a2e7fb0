import { type Problem, UsageFault } from '../src/core/fault.ts'
import { nearest } from '../src/core/nearest.ts'
import { type Column, columnsByKey, columnsOf, headerKey } from './columns/index.ts'
import { patch } from './exchange/patch.ts'
import type { Collection } from './model.ts'

type Reading = { readonly column: Column; readonly value: unknown } | { readonly problem: Problem }

const unknownField = (collection: Collection, field: string): Problem => {
  const known = columnsOf(collection).map(({ header }) => header)
  const meant = nearest(field, known)
  return {
    where: field,
    message: `a ${collection} has no such field`,
    suggestion: meant === undefined ? `one of ${known.join(', ')}` : `did you mean ${meant}?`,
  }
}

/** The columns of a numbered group: `uplinks.2`. */
const groupColumns = (collection: Collection, field: string): readonly Column[] => {
  const [, list = '', number = ''] = /^(\w+)\.([1-9]\d?)$/u.exec(field) ?? []
  const first = columnsOf(collection).filter(({ header }) => header.startsWith(`${list}.1.`))
  return first.flatMap(
    ({ header }) => columnsByKey(collection).get(headerKey(header.replace('.1.', `.${number}.`))) ?? [],
  )
}

const read = (collection: Collection, assignment: string): readonly Reading[] => {
  const [, field = '', text] = /^([^=]+)=(.*)$/su.exec(assignment) ?? []
  const group = text === '' ? groupColumns(collection, field) : []
  return group.length > 0
    ? group.map((column) => ({ column, value: undefined }))
    : [readOne(collection, assignment, { field, text })]
}

const readOne = (
  collection: Collection,
  assignment: string,
  { field, text }: { readonly field: string; readonly text: string | undefined },
): Reading => {
  if (text === undefined)
    return { problem: { where: assignment, message: `expected FIELD=VALUE, got ${assignment}` } }
  const column = columnsByKey(collection).get(headerKey(field))
  if (column === undefined) return { problem: unknownField(collection, field) }
  if (column.writtenBy !== undefined)
    return {
      problem: {
        where: field,
        message: `expected \`${column.writtenBy}\` to write it, not a table or \`set\``,
      },
    }
  if (text === '') return { column, value: undefined }
  const parsed = column.parse(text)
  return parsed.ok ? { column, value: parsed.value } : { problem: { where: field, message: parsed.message } }
}

/**
 * Applies `field=value` assignments (headers of `columns`, English or Chinese; an empty value removes the
 * field, or a whole numbered group: `uplinks.2=`) to a record. Throws `UsageFault` with every problem; the
 * schema is judged by the store.
 */
export const editRecord = (
  collection: Collection,
  record: object,
  assignments: readonly string[],
): unknown => {
  const readings = assignments.flatMap((assignment) => read(collection, assignment))
  const problems = readings.flatMap((reading) => ('problem' in reading ? [reading.problem] : []))
  if (problems.length > 0) throw new UsageFault(problems)
  const values = readings.flatMap((reading) =>
    'column' in reading ? [[reading.column, reading.value] as const] : [],
  )
  return patch(record as Readonly<Record<string, unknown>>, values).record
}
