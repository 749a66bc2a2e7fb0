import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { createBoundedMap } from './bounded-map.ts'

/**
 * Names by the system's resolver (getaddrinfo). One that nobody answers for occupies a thread of libuv for ten seconds,
 * and of those there are few: one question at a time for each name, and names that got no answer last time wait for each other.
 */

type Family = 4 | 6 | undefined
type Found = readonly LookupAddress[]

const mostSilentAtOnce = 8
const silentNames = createBoundedMap<true>(1000)
const waiting: (() => void)[] = []
let silentUnderWay = 0

const silentTurn = async (): Promise<void> => {
  if (silentUnderWay < mostSilentAtOnce) silentUnderWay += 1
  else await new Promise<void>((resolve) => void waiting.push(resolve))
}

const endSilentTurn = (): void => {
  const next = waiting.shift()
  if (next === undefined) silentUnderWay -= 1
  else next()
}

const isSilence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN'

const ask = async (name: string, family: Family): Promise<Found> => {
  try {
    const found = await lookup(name, { family: family ?? 0, all: true })
    silentNames.delete(name)
    return found
  } catch (error) {
    if (isSilence(error)) silentNames.set(name, true)
    else silentNames.delete(name)
    throw error
  }
}

const askInTurn = async (name: string, family: Family): Promise<Found> => {
  if (silentNames.get(name) === undefined) return ask(name, family)
  await silentTurn()
  try {
    return await ask(name, family)
  } finally {
    endSilentTurn()
  }
}

const pending = new Map<string, Promise<Found>>()

/** The addresses of a name, in the resolver's order. Rejects with its error. */
export const lookupOnce = (name: string, family: Family): Promise<Found> => {
  const key = `${family ?? ''} ${name}`
  const known = pending.get(key)
  if (known !== undefined) return known
  const asked = askInTurn(name, family).finally(() => pending.delete(key))
  pending.set(key, asked)
  return asked
}

/** The same for `net.connect`, which wants all addresses, or the first where a family is given. */
export const socketLookup: LookupFunction = (name, { family, all }, callback) => {
  const wanted = family === 4 || family === 6 ? family : undefined
  lookupOnce(name, wanted).then(
    (found) => {
      const [first = { address: '', family: 0 }] = found
      if (all === true) callback(null, [...found])
      else callback(null, first.address, first.family)
    },
    (error: unknown) => callback(error as NodeJS.ErrnoException, []),
  )
}
