import type { Collection, RecordOf } from '../model.ts'
import type { AuditChange, AuditEntry } from '../store.ts'
import { canonicalJson } from './canonical.ts'

export type AnyRecord = RecordOf<Collection>
export type Fields = Readonly<Record<string, unknown>>

/** Fields that hold much under keys of their own: of these only the entries that changed are written down. */
const keyed: Partial<Record<Collection, readonly string[]>> = { asset: ['results'] }

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const pick = (record: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(keys.filter((key) => record[key] !== undefined).map((key) => [key, record[key]]))

const differingKeys = (before: Fields, after: Fields): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key] && canonicalJson(before[key]) !== canonicalJson(after[key]),
  )

interface Difference {
  readonly before: Fields
  readonly after: Fields
}

const differenceOf = (before: Fields, after: Fields, deep: readonly string[] = []): Difference => {
  const keys = differingKeys(before, after)
  const inner = deep.flatMap((key) => {
    const [old, now] = [before[key], after[key]]
    return keys.includes(key) && isFields(old) && isFields(now)
      ? [[key, differenceOf(old, now)] as const]
      : []
  })
  return {
    before: { ...pick(before, keys), ...Object.fromEntries(inner.map(([key, each]) => [key, each.before])) },
    after: { ...pick(after, keys), ...Object.fromEntries(inner.map(([key, each]) => [key, each.after])) },
  }
}

/** What an audit entry says of one record; undefined where nothing differs. */
export const changeOf = (
  collection: Collection,
  id: string,
  before: object | undefined,
  after: object | undefined,
): AuditChange | undefined => {
  if (before === undefined) return after === undefined ? undefined : { op: 'add', collection, id, after }
  if (after === undefined) return { op: 'remove', collection, id, before }
  const [old, now] = [before as Fields, after as Fields]
  const difference = differenceOf(old, now, keyed[collection])
  const isSame = Object.keys(difference.before).length + Object.keys(difference.after).length === 0
  return isSame ? undefined : { op: 'replace', collection, id, ...difference }
}

/** Records by `<collection>/<id>`, as a log says that they are. */
export type Replayed = ReadonlyMap<string, Fields>

const without = (record: Fields, keys: Fields): Fields =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !(key in keys)))

const applied = (record: Fields, before: Fields, after: Fields, deep: readonly string[] = []): Fields => {
  const inner = deep.flatMap((key) => {
    const [kept, old, now] = [record[key], before[key], after[key]]
    return isFields(kept) && isFields(old) && isFields(now) ? [[key, applied(kept, old, now)] as const] : []
  })
  return { ...without(record, before), ...after, ...Object.fromEntries(inner) }
}

/** The record as it was before a change, from the one after it; undefined where there is none. */
export const beforeChange = (record: Fields | undefined, change: AuditChange): Fields | undefined => {
  const [before, after] = [change.before ?? {}, change.after ?? {}] as [Fields, Fields]
  if (change.op === 'add') return undefined
  return change.op === 'remove' ? before : applied(record ?? {}, after, before, keyed[change.collection])
}

const applyChange = (records: Map<string, Fields>, change: AuditChange): void => {
  const key = `${change.collection}/${change.id}`
  const [before, after] = [change.before ?? {}, change.after ?? {}] as [Fields, Fields]
  if (change.op === 'remove') records.delete(key)
  else if (change.op === 'add') records.set(key, after)
  else records.set(key, applied(records.get(key) ?? {}, before, after, keyed[change.collection]))
}

/** The state of the store that the entries lead to. */
export const replayAudit = async (
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<Replayed> => {
  const records = new Map<string, Fields>()
  for await (const entry of entries) for (const change of entry.changes) applyChange(records, change)
  return records
}
