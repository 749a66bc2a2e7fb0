import { hash } from 'node:crypto'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { readBounded } from './adapter.ts'
import { type Journal, journalChecksum, readJournal } from './journal.ts'
import { metaFile } from './layout.ts'
import { type Meta, readMeta } from './meta.ts'

/** Where the store stands, by its meta file and a journal that is not yet carried out. */
export interface State {
  /** Differs as soon as either file does. */
  readonly token: string
  /** As the journal leaves it, where there is one. */
  readonly meta: Meta
  readonly journal: Journal | undefined
}

/** Differs as soon as meta file or journal do; the journal begins with its own checksum. */
export const tokenOf = (folder: string): string =>
  `${hash('sha256', readBounded(path.join(folder, metaFile)) ?? '')} ${journalChecksum(folder) ?? ''}`

export const missingStore = (folder: string): EnvironmentFault =>
  new EnvironmentFault('STORE_MISSING', `expected an inventory in ${folder}, found none`, {
    suggestion: '`yiwang init --region 410200` makes one',
  })

/**
 * Reads the state; may be read while it is being changed, since a journal counts from the moment that it is whole.
 * Throws `STORE_MISSING`, `STORE_BROKEN` or, for a schema version above `newest`, `STORE_NEWER`.
 */
export const readState = async (folder: string, newest: number, previous?: State): Promise<State> => {
  const token = tokenOf(folder)
  if (previous?.token === token) return previous
  const journal = readJournal(folder)
  const meta = await readMeta(folder, newest)
  if (meta === undefined) throw missingStore(folder)
  // One that is not ahead was carried out, and only its removal is left to do.
  const isPending = journal !== undefined && journal.meta.revision > meta.revision
  return isPending ? { token, meta: journal.meta, journal } : { token, meta, journal: undefined }
}
