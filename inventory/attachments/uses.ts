import type { AnyRecord } from '../audit/changes.ts'
import type { Attachment } from '../fields.ts'
import { type Collection, collectionNames, type RecordOf } from '../model.ts'
import type { Inventory } from '../store.ts'

/** A record's mention of an attachment. */
export interface AttachmentUse extends Attachment {
  /** Field of the record: `asset/net.fw.results.L3-CES1-01`. */
  readonly where: string
}

type Found = readonly (readonly [field: string, attachment: Attachment])[]

/** The collections that have attachments. */
const attached: { readonly [C in Collection]?: (record: RecordOf<C>) => Found } = {
  asset: ({ results }) =>
    Object.entries(results).flatMap(([item, { attachments = [] }]) =>
      attachments.map((each) => [`.results.${item}`, each] as const),
    ),
  bulletin: ({ files }) => files.map((each) => ['.files', each] as const),
  evidence: ({ id: hash, hostname, bytes }) => [
    ['', { hash, name: `${hostname.replaceAll(/[^\w.-]/gu, '_')}.evidence.json`, bytes }],
  ],
}

const usesIn = (inventory: Inventory, collection: Collection): readonly AttachmentUse[] => {
  const find = attached[collection] as ((record: AnyRecord) => Found) | undefined
  if (find === undefined) return []
  return [...inventory[collection].values()].flatMap((record) =>
    find(record).map(([field, each]) => ({ where: `${collection}/${record.id}${field}`, ...each })),
  )
}

/** Every mention of an attachment by a record. */
export const attachmentUses = (inventory: Inventory): readonly AttachmentUse[] =>
  collectionNames.flatMap((collection) => usesIn(inventory, collection))

/** Each attachment once, though several records may mention it. */
export const attachmentHashes = (inventory: Inventory): readonly string[] => [
  ...new Set(attachmentUses(inventory).map(({ hash }) => hash)),
]
