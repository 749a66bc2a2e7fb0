/** Closed ranges of sequences, ascending, neither overlapping nor touching. */
export type Ranges = readonly (readonly [first: number, last: number])[]

/** Whether the sequence is in one of the ranges. */
export const includes = (ranges: Ranges, sequence: number): boolean =>
  ranges.some(([first, last]) => first <= sequence && sequence <= last)

/** A stream with more gaps than this (its agent dropped as often) closes the oldest: nothing comes for those. */
const maxRanges = 64

const closeOldest = (ranges: Ranges): Ranges => {
  const [first, second, ...rest] = ranges
  if (ranges.length <= maxRanges || first === undefined || second === undefined) return ranges
  return [[first[0], second[1]], ...rest]
}

/** The ranges with `first` … `last` added. */
export const add = (ranges: Ranges, first: number, last: number): Ranges => {
  if (last < first) return ranges
  const touches = ([a, b]: readonly [number, number]): boolean => a <= last + 1 && b >= first - 1
  const merged = ranges.filter(touches)
  const low = Math.min(first, ...merged.map(([a]) => a))
  const high = Math.max(last, ...merged.map(([, b]) => b))
  const rest = ranges.filter((range) => !touches(range))
  return closeOldest([...rest.filter(([, b]) => b < low), [low, high], ...rest.filter(([a]) => a > high)])
}

/** The end of the range that holds `sequence`; where none does, what lies directly before counts: 0 for nothing. */
export const reached = (ranges: Ranges, sequence: number): number =>
  ranges.find(([first, last]) => first <= sequence && sequence <= last + 1)?.[1] ?? 0
