import type { Hit, Policy } from './rule.ts'
import type { Thresholds } from './thresholds.ts'

/** How one finding stands after the looks so far. Times: milliseconds since the epoch. */
export interface Watched {
  /** The last looks, newest in the lowest bit: 1 found it. */
  readonly looks: number
  readonly clears: number
  readonly isOpen: boolean
  readonly hit: Hit
  readonly firstSeenAt: number
  readonly openedAt: number
  /** When it last found it. */
  readonly lastHitAt: number
  /** When it opened and closed lately. */
  readonly turns: readonly number[]
  readonly isFlapping: boolean
}

export type Change = 'opened' | 'closed' | 'flapping'

export interface Sampled {
  /** Absent: there is nothing more to watch. */
  readonly watched?: Watched
  readonly change?: Change
}

const countOnes = (bits: number): number => {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1
  return count
}

interface Sample {
  readonly at: number
  readonly policy: Policy
  readonly thresholds: Thresholds
}

const recentTurns = (
  turns: readonly number[],
  { at, thresholds: { flipSeconds } }: Sample,
): readonly number[] => turns.filter((turn) => turn > at - flipSeconds * 1000)

const begin = (hit: Hit, at: number): Watched => ({
  looks: 0,
  clears: 0,
  isOpen: false,
  hit,
  firstSeenAt: hit.since ?? at,
  openedAt: at,
  lastHitAt: at,
  turns: [],
  isFlapping: false,
})

const found = (before: Watched, hit: Hit, sample: Sample): Sampled => {
  const { at, policy, thresholds } = sample
  const [needed, among] = policy.open
  const looks = ((before.looks << 1) | 1) & ((1 << among) - 1)
  const watched = { ...before, looks, clears: 0, hit, lastHitAt: at }
  if (before.isOpen || countOnes(looks) < needed) return { watched }
  const turns = [...recentTurns(before.turns, sample), at]
  const isFlapping = turns.length >= thresholds.flips
  const firstSeenAt =
    hit.since ?? (before.clears > 0 && countOnes(before.looks) === 0 ? at : before.firstSeenAt)
  return {
    watched: { ...watched, isOpen: true, openedAt: at, firstSeenAt, turns, isFlapping },
    change: isFlapping ? 'flapping' : 'opened',
  }
}

/** What flaps must have been quiet for a quarter of the time over which changes are counted. */
const quietShare = 4

const isOver = (before: Watched, clears: number, { at, policy, thresholds }: Sample): boolean =>
  before.isFlapping
    ? at - before.lastHitAt >= (thresholds.flipSeconds / quietShare) * 1000
    : clears >= policy.close

const missed = (before: Watched, sample: Sample): Sampled => {
  const looks = (before.looks << 1) & ((1 << sample.policy.open[1]) - 1)
  const clears = before.clears + 1
  const watched = { ...before, looks, clears }
  if (before.isOpen)
    return isOver(before, clears, sample)
      ? {
          watched: { ...watched, isOpen: false, isFlapping: false, turns: [...before.turns, sample.at] },
          change: 'closed',
        }
      : { watched }
  // A closed one is remembered while its turns count.
  return looks === 0 && recentTurns(before.turns, sample).length === 0 ? {} : { watched }
}

/** One look more: N of the last M open it, so many clear ones in a row close it. */
export const sampled = (before: Watched | undefined, hit: Hit | undefined, sample: Sample): Sampled => {
  if (hit !== undefined) return found(before ?? begin(hit, sample.at), hit, sample)
  return before === undefined ? {} : missed(before, sample)
}
