import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../database/sqlite.ts'
import { type Applied, applyParcels } from './apply.ts'
import type { Parcel } from './parcel.ts'
import { recollect } from './recollect.ts'
import { dayOf } from './rollup.ts'
import { prepareStatements } from './statements.ts'

/** Times before which results and roll-ups are let go. */
export interface Horizon {
  readonly results: number
  readonly rollups: number
}

/** The connection that writes. What throws has changed nothing. */
export interface Writer {
  /** All of them in one transaction, which is on disk when this returns. */
  write(parcels: readonly Parcel[]): readonly Applied[]
  /** Deletes a bounded number of rows; says how many. */
  prune(before: Horizon): number
  close(): void
}

export const writerOf = (database: DatabaseSync): Writer => {
  const statements = prepareStatements(database)
  const recollection = recollect(database)
  const { jobs, newest } = recollection
  return {
    write: (parcels) => {
      try {
        const applied = inTransaction(database, () => applyParcels(statements, recollection, parcels))
        for (const overlay of [jobs, newest]) overlay.keep()
        return applied
      } finally {
        for (const overlay of [jobs, newest]) overlay.drop()
      }
    },
    prune: (before) =>
      Number(statements.pruneResults.run(dayOf(before.results)).changes) +
      Number(statements.pruneRollups.run(before.rollups).changes),
    close: () => database.close(),
  }
}
