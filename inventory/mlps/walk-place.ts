import path from 'node:path'
import { z } from 'zod'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { readBounded } from '../lowdb/adapter.ts'
import { writeDurably } from '../lowdb/durable.ts'
import { guarded } from '../lowdb/faults.ts'
import { parseStoreJson } from '../lowdb/json.ts'

/** Where somebody stopped walking through an assessment. The answers are in the inventory; this is only the place. */

const place = z.strictObject({ item: z.string(), asset: z.string() })
const places = z.record(z.string(), place).transform((found) => new Map(Object.entries(found)))

export type WalkPlace = z.output<typeof place>
type Places = z.output<typeof places>

const fileIn = (dataFolder: string): string => path.join(dataFolder, 'mlps-walk.json')

const readPlaces = (dataFolder: string): Places => {
  const file = fileIn(dataFolder)
  const bytes = readBounded(file)
  if (bytes === undefined) return new Map()
  const { data, error } = places.safeParse(parseStoreJson(file, bytes))
  if (data !== undefined) return data
  throw new EnvironmentFault('STORE_BROKEN', `${file}: ${z.prettifyError(error)}`, {
    suggestion: 'delete the file: it holds only where walks stopped',
  })
}

/** The place in an assessment; undefined where nobody stopped on the way. */
export const readPlace = (dataFolder: string, assessment: string): Promise<WalkPlace | undefined> =>
  guarded(dataFolder, () => Promise.resolve(readPlaces(dataFolder).get(assessment)))

/** Remembers the place; undefined forgets it. */
export const keepPlace = (dataFolder: string, assessment: string, at: WalkPlace | undefined): Promise<void> =>
  guarded(dataFolder, () => {
    const kept = readPlaces(dataFolder)
    if (at === undefined) kept.delete(assessment)
    else kept.set(assessment, at)
    return writeDurably(fileIn(dataFolder), `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`)
  })
