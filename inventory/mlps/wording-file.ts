import path from 'node:path'
import { z } from 'zod'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { readBounded } from '../lowdb/adapter.ts'
import { removeDurably, writeDurably } from '../lowdb/durable.ts'
import { guarded } from '../lowdb/faults.ts'
import { parseStoreJson } from '../lowdb/json.ts'
import { itemById } from './catalogue.ts'
import { maxWordingLength } from './wording.ts'

/**
 * The user's copy of the official text, in the data folder beside the inventory: it is theirs and not ours to pass
 * on, so that it goes neither into the inventory and its audit log nor into a backup.
 */

const wordingFile = z.strictObject({
  format: z.literal(1),
  /** ISO 8601, UTC. */
  loadedAt: z.iso.datetime(),
  /** By assessment id. */
  texts: z.record(z.string(), z.string().min(1).max(maxWordingLength)),
})

export interface StoredWording {
  /** The official text by assessment id, in the order of the catalogue's ids. */
  readonly texts: ReadonlyMap<string, string>
  /** Absent where none was loaded. */
  readonly loadedAt?: string
}

export const wordingPath = (dataFolder: string): string => path.join(dataFolder, 'mlps-wording.json')

const parse = (file: string, bytes: Buffer): StoredWording => {
  const { data, error } = wordingFile.safeParse(parseStoreJson(file, bytes))
  if (data === undefined)
    throw new EnvironmentFault('STORE_BROKEN', `${file}: ${z.prettifyError(error)}`, {
      suggestion: '`yiwang mlps wording forget`, then load your file again',
    })
  const texts = Object.entries(data.texts).filter(([id]) => itemById(id) !== undefined)
  return { texts: new Map(texts), loadedAt: data.loadedAt }
}

/** What was loaded; no text where nothing was. Throws `STORE_BROKEN` for a file that is not ours. */
export const readWording = (dataFolder: string): Promise<StoredWording> =>
  guarded(dataFolder, () => {
    const file = wordingPath(dataFolder)
    const bytes = readBounded(file)
    return Promise.resolve(bytes === undefined ? { texts: new Map() } : parse(file, bytes))
  })

/** Adds texts to those that are there, in place of earlier ones of the same items; durable when it resolves. */
export const addWording = async (
  dataFolder: string,
  texts: ReadonlyMap<string, string>,
  now: number,
): Promise<StoredWording> => {
  const { texts: before } = await readWording(dataFolder)
  const all = [...new Map([...before, ...texts])].sort(([left], [right]) => (left < right ? -1 : 1))
  const stored = { format: 1, loadedAt: new Date(now).toISOString(), texts: Object.fromEntries(all) }
  await guarded(dataFolder, () =>
    writeDurably(wordingPath(dataFolder), `${JSON.stringify(stored, undefined, 2)}\n`),
  )
  return { texts: new Map(all), loadedAt: stored.loadedAt }
}

export const forgetWording = (dataFolder: string): Promise<void> =>
  guarded(dataFolder, () => removeDurably(wordingPath(dataFolder)))
