import { z } from 'zod'

/** Addresses by TTL from 1 on; null where nobody has answered yet. */
export type Route = readonly (string | null)[]

/** What runs remember of the way: silent hops filled in from earlier runs. */
export interface Known {
  readonly route: Route
  /** Its last hop is the target. */
  readonly isComplete: boolean
}

export interface Compared {
  /** A hop is another one than before, or the way to the target has another length. */
  readonly changed: boolean
  /** For the next run. */
  readonly known: Known
}

const earlierFacts = z.object({
  knownRoute: z.array(z.string().max(60).nullable()).max(30),
  knownComplete: z.boolean(),
})

/** What the facts of an earlier run remember; undefined for anything else. */
export const knownFrom = (previous: unknown): Known | undefined => {
  const { data } = earlierFacts.safeParse(previous)
  return data && { route: data.knownRoute, isComplete: data.knownComplete }
}

/** A silent hop is no other hop. */
const differs = (before: string | null | undefined, now: string | null | undefined): boolean =>
  typeof before === 'string' && typeof now === 'string' && before !== now

const hasChanged = (before: Known, now: Known): boolean =>
  (before.isComplete && now.isComplete && before.route.length !== now.route.length) ||
  now.route.some((address, index) => differs(before.route[index], address))

const filled = (route: Route, other: Route): Route =>
  route.map((address, index) => address ?? other[index] ?? null)

const merged = (before: Known, now: Known): Known =>
  before.isComplete && !now.isComplete
    ? { route: filled(before.route, now.route), isComplete: true }
    : { route: filled(now.route, before.route), isComplete: now.isComplete }

/** Compares the way found now with what is known; the first way ever is no change. */
export const compare = (before: Known | undefined, now: Known): Compared => {
  if (before === undefined) return { changed: false, known: now }
  const changed = hasChanged(before, now)
  return { changed, known: changed ? now : merged(before, now) }
}
