import type { Tally } from './rate.ts'

/** Conclusion of the report template of 2025. */
export const verdictLabels = { fails: '不符合', mostly: '基本符合', conforms: '符合' } as const
export type Verdict = keyof typeof verdictLabels

/** Major hazards: those that a person confirmed, and those that nobody has judged yet. */
export interface HazardCount {
  readonly confirmed: number
  readonly unjudged: number
}

/**
 * What a rate and the hazards lead to. Two where the rate is exactly 90 % or 60 %: the rule says 高于 and 低于
 * only. Whole numbers, since a fraction would miss the edges.
 */
export const verdictsAt = (conforming: number, counted: number, hazard: boolean): readonly Verdict[] => {
  const [ten, nine, six] = [10 * conforming, 9 * counted, 6 * counted]
  if (ten > nine) return hazard ? ['mostly'] : ['conforms']
  if (ten === nine) return hazard ? ['mostly'] : ['mostly', 'conforms']
  if (ten > six) return ['mostly']
  return ten === six ? ['fails', 'mostly'] : ['fails']
}

/** Every conclusion that what is known leaves possible, worst first; none where nothing counts. */
export const possibleVerdicts = (
  { counts, counted }: Tally,
  { confirmed, unjudged }: HazardCount,
): readonly Verdict[] => {
  if (counted === 0) return []
  const found = new Set<Verdict>()
  for (let more = 0; more <= counts.untested; more += 1) {
    const mayHaveHazard = confirmed > 0 || unjudged > 0 || more < counts.untested
    for (const hazard of new Set([confirmed > 0, mayHaveHazard]))
      for (const verdict of verdictsAt(counts.conforms + more, counted, hazard)) found.add(verdict)
  }
  return (Object.keys(verdictLabels) as Verdict[]).filter((verdict) => found.has(verdict))
}

/** How many items must conform for a rate above `tenths` tenths. */
const needed = (counted: number, tenths: 6 | 9): number => Math.floor((counted * tenths) / 10) + 1

/** What would change the conclusion, counted from what conforms now; all clear of the undefined edges. */
export interface Margin {
  readonly verdict: Verdict
  /** Items more (above 0) that must conform, or (below 0) that may be lost before the verdict is gone. */
  readonly items: number
  /** Confirmed hazards that must not have been found; mending them later does not change this conclusion. */
  readonly hazards: number
}

export const margins = ({ counts, counted }: Tally, { confirmed }: HazardCount): readonly Margin[] =>
  counted === 0
    ? []
    : [
        { verdict: 'mostly', items: needed(counted, 6) - counts.conforms, hazards: 0 },
        { verdict: 'conforms', items: needed(counted, 9) - counts.conforms, hazards: confirmed },
      ]
