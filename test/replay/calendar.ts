/** The simulated half year: 26 ISO weeks of 2018, in the time of Shanghai, which knows no summer time. */

export const weeks = 26
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** Monday of 2018-W01, 00:00 in Shanghai. */
const begin = Date.parse('2018-01-01T00:00:00+08:00')

export type Weekday = 'Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun'
const weekdays: readonly Weekday[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** An instant, milliseconds since the epoch: `when(16, 'Tue', 9)` is Tuesday of week 16 at nine. */
export const when = (week: number, weekday: Weekday, hour = 0): number =>
  begin + ((week - 1) * 7 + weekdays.indexOf(weekday)) * dayMs + hour * hourMs

/** What a bulletin of a week can know: its last whole second. */
export const cutoffOf = (week: number): number => when(week + 1, 'Mon') - 1000

export const nameOf = (week: number): string => `2018-W${String(week).padStart(2, '0')}`

/** The calendar day in Shanghai. */
export const dayOf = (at: number): string => new Date(at + 8 * hourMs).toISOString().slice(0, 10)

export const isoOf = (at: number): string => new Date(at).toISOString()

/** From an instant, up to another, which is not part of it any more. */
export type Span = readonly [from: number, to: number]

export const forGood = (from: number): Span => [from, Infinity]
export const covers = (spans: readonly Span[], at: number): boolean =>
  spans.some(([from, to]) => from <= at && at < to)
