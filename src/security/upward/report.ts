import { type Gap, gapsOf } from './gaps.ts'
import type { DestinationState, View } from './view.ts'

export interface GapSpan {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly now: number
  /** Between statuses, by the settings. */
  readonly periodMs: number
}

/** Gaps of a destination since an instant; none where it is told no status. */
export const gapReport = (
  view: View,
  { name, kinds, since: first }: DestinationState,
  { since, now, periodMs }: GapSpan,
): readonly Gap[] =>
  kinds.includes('status')
    ? gapsOf(view.statuses(name, Math.max(first, since)), {
        since: Math.max(first, since),
        now,
        periodMs,
        outages: view.outages(name, since),
      })
    : []
