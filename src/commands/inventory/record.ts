import type { Collection, RecordOf } from '../../../inventory/model.ts'
import { nearest } from '../../core/nearest.ts'
import type { Inventory } from '../../../inventory/store.ts'
import { UsageFault } from '../../core/fault.ts'

/** The record with that id; `UsageFault` with the nearest id where there is none. */
export const recordOf = <C extends Collection>(
  inventory: Inventory,
  collection: C,
  id: string,
): RecordOf<C> => {
  const records: ReadonlyMap<string, unknown> = inventory[collection]
  const record = records.get(id)
  if (record !== undefined) return record as RecordOf<C>
  const similar = nearest(id, [...records.keys()])
  throw new UsageFault([
    {
      where: id,
      message: `there is no such ${collection}`,
      suggestion:
        similar === undefined ? `\`yiwang ${collection} list\` shows them` : `did you mean ${similar}?`,
    },
  ])
}
