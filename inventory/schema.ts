/** Records of every collection as an older version wrote them, not yet parsed by the model. */
export type Documents = Readonly<Record<string, readonly unknown[]>>

/** Makes the documents of the next version out of those of one. */
export type Migration = (documents: Documents) => Documents

/** The version of the records on disk, and the way to it from each older version. */
export interface InventorySchema {
  readonly version: number
  /** The migration at index n leads from version n to n + 1. */
  readonly migrations: readonly Migration[]
}

/**
 * The version of today's model. Any change to what `model.ts` makes of a stored record (a new field with
 * a default, a narrower type) needs a new version: records on disk are believed when their version and
 * checksum are right.
 *
 * Version 0 is that of stores before the first release, which left defaults out: parsing fills them in.
 */
export const inventorySchema: InventorySchema = { version: 1, migrations: [(documents) => documents] }
