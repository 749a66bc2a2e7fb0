import type { SourceCount } from './blocks.ts'

/** How a sender stands: `logging` of late; `silent`: it used to; `never`: the inventory has it, the log does not. */
export type SourceState = 'logging' | 'silent' | 'never'

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

/** Each address that logged or ought to. What stopped logging is a finding: its trail ends there. */
export const standingOfSources = (
  seen: readonly SourceCount[],
  { expected, now, afterMs }: SilenceOptions,
): readonly SourceStanding[] => {
  const counted = new Map(seen.map((count) => [count.source, count]))
  return [...new Set([...counted.keys(), ...expected])].map((source) => {
    const count = counted.get(source)
    if (count === undefined) return { source, state: 'never', messages: 0 }
    const { messages, firstAt, lastAt } = count
    return { source, state: now - lastAt > afterMs ? 'silent' : 'logging', messages, firstAt, lastAt }
  })
}
