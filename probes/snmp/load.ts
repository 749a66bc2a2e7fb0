import { z } from 'zod'
import { dayIn, weekOf } from '../../src/core/day.ts'

const peak = z.object({
  /** ISO week in China: `2026-W48`. */
  week: z.string(),
  /** Of the nominal speed, in the fuller direction. */
  ratio: z.number(),
  /** When the later of the two looks was, milliseconds since the epoch. */
  at: z.number(),
  /** How far apart the two were. */
  seconds: z.number(),
  /** All that lay between comparable looks that week. */
  watchedSeconds: z.number(),
})

/** The fullest that an interface was between two looks of a week. */
export type Peak = Readonly<z.infer<typeof peak>>

/** When counters were read: milliseconds since the epoch, and seconds of the device's own clock (sysUpTime). */
const counted = z.object({ at: z.number(), upSeconds: z.number() })
export type Counted = Readonly<z.infer<typeof counted>>

const line = z.object({
  index: z.number(),
  name: z.string(),
  speedBitsPerSecond: z.number().optional(),
  inOctets: z.number().optional(),
  outOctets: z.number().optional(),
  narrowOctets: z.boolean().optional(),
  peaks: z.array(peak).readonly().optional(),
})
/** What this reads of an interface. */
export type Line = Readonly<z.infer<typeof line>>

const earlierFacts = z.object({ counted, interfaces: z.array(line) })

/** Beyond this the nominal speed is not the real one (tunnels), or the device was late in counting. */
const mostRatio = 1.1

const grown = (before: number | undefined, now: number | undefined): number | undefined =>
  before === undefined || now === undefined || now < before ? undefined : now - before

/**
 * What part of its speed an interface used between two looks; undefined where its counters cannot tell: they went
 * back, or have 32 bits and may have gone round.
 */
export const loadOf = (before: Line, now: Line, seconds: number): number | undefined => {
  const most = ((now.speedBitsPerSecond ?? 0) * seconds) / 8
  const isNarrow = before.narrowOctets === true || now.narrowOctets === true
  if (most <= 0 || (isNarrow && most >= 2 ** 32)) return undefined
  const received = grown(before.inOctets, now.inOctets)
  const sent = grown(before.outOctets, now.outOctets)
  if (received === undefined || sent === undefined) return undefined
  const ratio = Math.max(received, sent) / most
  return ratio <= mostRatio ? ratio : undefined
}

/** Clocks drift, and between reading clock and counters an answer may have been asked for again. */
const mostDisagreementSeconds = 5
const mostDisagreementRatio = 0.05

/** How far apart two looks were by the device's clock, which must agree with ours: else it has started anew. */
const secondsBetween = (before: Counted, now: Counted): number | undefined => {
  const [ours, device] = [(now.at - before.at) / 1000, now.upSeconds - before.upSeconds]
  const most = Math.max(mostDisagreementSeconds, ours * mostDisagreementRatio)
  return device > 0 && Math.abs(ours - device) <= most ? device : undefined
}

const zone = 'Asia/Shanghai'
const weekMs = 7 * 86_400_000

const higher = (known: Peak | undefined, next: Peak): Peak => {
  if (known === undefined) return next
  const watchedSeconds = known.watchedSeconds + next.seconds
  return { ...(next.ratio > known.ratio ? next : known), watchedSeconds }
}

interface Moment {
  readonly at: number
  readonly week: string
  readonly lastWeek: string
}

const momentOf = (at: number): Moment => {
  const weekAt = (then: number): string => weekOf(dayIn(zone, then))
  return { at, week: weekAt(at), lastWeek: weekAt(at - weekMs) }
}

const peaksOf = (
  before: Line,
  now: Line,
  { at, week, lastWeek }: Moment,
  seconds: number | undefined,
): readonly Peak[] => {
  const of = (name: string): Peak | undefined => before.peaks?.find((each) => each.week === name)
  const ratio = seconds === undefined ? undefined : loadOf(before, now, seconds)
  const current =
    seconds === undefined || ratio === undefined
      ? of(week)
      : higher(of(week), { week, ratio, at, seconds, watchedSeconds: seconds })
  return [of(lastWeek), current].filter((each) => each !== undefined)
}

/**
 * Interfaces with their peaks of last week and this one. What `previous` (the facts of the last look) remembers is
 * carried on, so that a device that starts anew loses none.
 */
export const withPeaks = <Each extends Line>(
  previous: unknown,
  now: Counted,
  interfaces: readonly Each[],
): readonly Each[] => {
  const { data } = earlierFacts.safeParse(previous)
  if (data === undefined) return interfaces
  const seconds = secondsBetween(data.counted, now)
  const moment = momentOf(now.at)
  const known = new Map(data.interfaces.map((each) => [each.index, each]))
  return interfaces.map((each) => {
    const before = known.get(each.index)
    const peaks = before?.name === each.name ? peaksOf(before, each, moment, seconds) : []
    return peaks.length === 0 ? each : { ...each, peaks }
  })
}
