import type { Collection, RecordOf } from '../model.ts'
import type { AuditChange, AuditEntry } from '../store.ts'
import { canonicalJson } from './canonical.ts'

export type AnyRecord = RecordOf<Collection>
type Fields = Readonly<Record<string, unknown>>

const pick = (record: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(keys.filter((key) => record[key] !== undefined).map((key) => [key, record[key]]))

const differingKeys = (before: Fields, after: Fields): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key] && canonicalJson(before[key]) !== canonicalJson(after[key]),
  )

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
  const keys = differingKeys(old, now)
  return keys.length === 0
    ? undefined
    : { op: 'replace', collection, id, before: pick(old, keys), after: pick(now, keys) }
}

/** Records by `<collection>/<id>`, as a log says that they are. */
export type Replayed = ReadonlyMap<string, Fields>

const without = (record: Fields, keys: Fields): Fields =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !(key in keys)))

const applyChange = (records: Map<string, Fields>, change: AuditChange): void => {
  const key = `${change.collection}/${change.id}`
  const [before, after] = [change.before ?? {}, change.after ?? {}] as [Fields, Fields]
  if (change.op === 'remove') records.delete(key)
  else records.set(key, { ...without(records.get(key) ?? {}, before), ...after })
}

/** The state of the store that the entries lead to. */
export const replayAudit = async (
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<Replayed> => {
  const records = new Map<string, Fields>()
  for await (const entry of entries) for (const change of entry.changes) applyChange(records, change)
  return records
}
