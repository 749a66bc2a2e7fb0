import { type Result, resultLabels } from '../../inventory/mlps/index.ts'

/** Items by result, and 符合率: partial counts as not conforming, 不适用 leaves the count. */
export interface Tally {
  readonly counts: Readonly<Record<Result, number>>
  /** Items that count: all but 不适用. */
  readonly counted: number
  /** In percent, if whatever is untested does not conform; undefined where nothing counts. */
  readonly percent: number | undefined
  /** In percent, if whatever is untested conforms. */
  readonly percentAtBest: number | undefined
}

const percentOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

export const tally = (results: readonly Result[]): Tally => {
  const counts = Object.fromEntries(Object.keys(resultLabels).map((result) => [result, 0])) as Record<
    Result,
    number
  >
  for (const result of results) counts[result] += 1
  const counted = results.length - counts['not-applicable']
  return {
    counts,
    counted,
    percent: percentOf(counts.conforms, counted),
    percentAtBest: percentOf(counts.conforms + counts.untested, counted),
  }
}
