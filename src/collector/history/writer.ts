import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../database/sqlite.ts'
import { type Applied, applyParcels } from './apply.ts'
import { endingDayOf } from './ending.ts'
import { folderOf } from './fold.ts'
import type { Parcel } from './parcel.ts'
import { recollect } from './recollect.ts'
import { dayOf, thirdOf } from './rollup.ts'
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
  /** Folds a bounded number of blocks of hours that were over before a time; says how many. */
  fold(before: number): number
  close(): void
}

export const writerOf = (database: DatabaseSync): Writer => {
  const statements = prepareStatements(database)
  const recollection = recollect(database)
  const folder = folderOf(database)
  const { jobs, newest } = recollection
  return {
    write: (parcels) => {
      try {
        const applied = inTransaction(database, () =>
          applyParcels({ statements, recollection, folder }, parcels),
        )
        for (const overlay of [jobs, newest]) overlay.keep()
        return applied
      } finally {
        for (const overlay of [jobs, newest]) overlay.drop()
      }
    },
    prune: ({ results, rollups }) =>
      [
        statements.pruneResults.run(dayOf(results)),
        // Folded hours never outlive those that they are of.
        statements.pruneFolded.run(thirdOf(rollups) + 1),
        statements.pruneRollups.run(rollups),
        statements.pruneEndings.run(endingDayOf(rollups)),
      ].reduce((sum, { changes }) => sum + Number(changes), 0),
    fold: (before) => folder.fold(before),
    close: () => database.close(),
  }
}
