import type { Problem } from '../src/core/fault.ts'
import { type AnyRecord, changeOf } from './audit/changes.ts'
import { type Collection, collectionNames } from './model.ts'
import { nearest } from '../src/core/nearest.ts'
import { parseRecord } from './record-problems.ts'
import { historyProblems } from './ledger/history.ts'
import { moveProblems } from './migration/rules.ts'
import { transitionProblems } from './mlps/rules.ts'
import { referenceProblems } from './references.ts'
import type { AuditChange, ChangeRequest, Inventory, Operation, Put } from './store.ts'

/** A change, worked out and checked, before anything is written. */
export interface Prepared {
  /** Empty: the change may be made. */
  readonly problems: readonly Problem[]
  /** Net changes; a put of what is there already is none. */
  readonly changes: readonly AuditChange[]
  /** The records after the change, still under the old revision. */
  readonly next: Inventory
}

interface Staged {
  readonly touched: Map<Collection, Map<string, AnyRecord | undefined>>
  readonly problems: Problem[]
  /** Keys of records that were refused by themselves. */
  readonly refused: Set<string>
}

const idOf = (record: unknown): string | undefined =>
  typeof record === 'object' && record !== null && 'id' in record && typeof record.id === 'string'
    ? record.id.slice(0, 80)
    : undefined

const touch = ({ touched }: Staged, collection: Collection, id: string, record?: AnyRecord): void => {
  const records = touched.get(collection) ?? new Map<string, AnyRecord | undefined>()
  touched.set(collection, records.set(id, record))
}

const stagePut = (staged: Staged, { collection, record }: Put, index: number): void => {
  const id = idOf(record)
  const key = `${collection}/${id ?? `(operation ${index + 1})`}`
  const parsed = parseRecord(collection, record, key)
  if (parsed.ok) touch(staged, collection, parsed.record.id, parsed.record)
  else {
    staged.problems.push(...parsed.problems)
    staged.refused.add(key)
  }
}

const exists = (inventory: Inventory, { touched }: Staged, collection: Collection, id: string): boolean => {
  const records = touched.get(collection)
  return records?.has(id) === true ? records.get(id) !== undefined : inventory[collection].has(id)
}

const absentProblem = (inventory: Inventory, collection: Collection, id: string): Problem => {
  const best = nearest(id, inventory[collection].keys())
  return {
    where: `${collection}/${id}`,
    message: `expected an existing ${collection} to remove, got ${id}`,
    ...(best !== undefined && { suggestion: `did you mean ${best}?` }),
  }
}

const stage = (inventory: Inventory, operations: readonly Operation[]): Staged => {
  const staged: Staged = { touched: new Map(), problems: [], refused: new Set() }
  for (const [index, operation] of operations.entries())
    if (operation.op === 'put') stagePut(staged, operation, index)
    else if (exists(inventory, staged, operation.collection, operation.id))
      touch(staged, operation.collection, operation.id)
    else staged.problems.push(absentProblem(inventory, operation.collection, operation.id))
  return staged
}

const overlaid = <Value>(
  records: ReadonlyMap<string, Value>,
  touched: ReadonlyMap<string, Value | undefined> | undefined,
): ReadonlyMap<string, Value> => {
  if (touched === undefined) return records
  const next = new Map(records)
  for (const [id, record] of touched)
    if (record === undefined) next.delete(id)
    else next.set(id, record)
  return next
}

const withTouched = (inventory: Inventory, { touched }: Staged): Inventory => ({
  ...inventory,
  ...Object.fromEntries(
    collectionNames.map((name) => [name, overlaid<AnyRecord>(inventory[name], touched.get(name))]),
  ),
})

const netChanges = (inventory: Inventory, { touched }: Staged): readonly AuditChange[] =>
  [...touched].flatMap(([collection, records]) =>
    [...records].flatMap(
      ([id, record]) => changeOf(collection, id, inventory[collection].get(id), record) ?? [],
    ),
  )

const maxOperations = 500_000

/** Works out what the operations, in their order, make of the inventory, and everything that speaks against it. */
export const prepareChange = (inventory: Inventory, operations: readonly Operation[]): Prepared => {
  if (operations.length > maxOperations) {
    const message = `expected at most ${maxOperations} operations, got ${operations.length}`
    return { problems: [{ where: '', message }], changes: [], next: inventory }
  }
  const staged = stage(inventory, operations)
  const next = withTouched(inventory, staged)
  return {
    problems: [
      ...staged.problems,
      ...referenceProblems(next, staged.touched, staged.refused),
      ...transitionProblems(inventory.remediation, next.remediation, staged.touched.get('remediation')),
      ...historyProblems(inventory, next, staged.touched),
      ...moveProblems(inventory.migration, next.migration, staged.touched.get('migration')),
    ],
    changes: netChanges(inventory, staged),
    next,
  }
}

const textProblem = (where: string, text: string, maxLength: number): readonly Problem[] =>
  text.trim() === '' || text.length > maxLength
    ? [{ where, message: `expected 1 to ${maxLength} characters for the audit log, got ${text.length}` }]
    : []

/** What is wrong with who and why. */
export const requestProblems = ({
  actor,
  reason,
}: Pick<ChangeRequest, 'actor' | 'reason'>): readonly Problem[] => [
  ...textProblem('actor', actor, 100),
  ...textProblem('reason', reason, 1000),
]
