import type { SourceCount } from './blocks.ts'

/**
 * How a sender stands: `logging` of late; `silent`: it used to, and ought to; `never`: it ought to, and did not;
 * `former`: it used to, and need not, as its device was removed or never was in the inventory.
 */
export type SourceState = 'logging' | 'silent' | 'never' | 'former'

export interface SourceStanding {
  readonly source: string
  readonly state: SourceState
  readonly messages: number
  readonly firstAt?: number
  readonly lastAt?: number
}

export interface SilenceOptions {
  /** Addresses that ought to log. */
  readonly expected: Iterable<string>
  readonly now: number
  readonly afterMs: number
}

/** Each address that logged or ought to. What ought to log and stopped is a finding: its trail ends there. */
export const standingOfSources = (
  seen: readonly SourceCount[],
  { expected, now, afterMs }: SilenceOptions,
): readonly SourceStanding[] => {
  const due = new Set(expected)
  const counted = new Map(seen.map((count) => [count.source, count]))
  const stateOf = ({ source, lastAt }: SourceCount): SourceState => {
    if (now - lastAt <= afterMs) return 'logging'
    return due.has(source) ? 'silent' : 'former'
  }
  return [...new Set([...counted.keys(), ...due])].map((source) => {
    const count = counted.get(source)
    if (count === undefined) return { source, state: 'never', messages: 0 }
    const { messages, firstAt, lastAt } = count
    return { source, state: stateOf(count), messages, firstAt, lastAt }
  })
}
