import type { Measurement } from '../../core/probe.ts'
import { dayMs, hourMs } from './rollup.ts'

/**
 * What each job had shown at the end of each day, long after newer looks have come: what a bulletin says that is made,
 * or made again, days after its cut-off.
 */

/** Days end where Shanghai's do, 16:00 UTC. */
const offsetMs = 8 * hourMs
/** A cut-off is the last whole second of its day: what was seen within that second belongs to the next. */
const lastSecondMs = 999

/** Number of the day that a look may be the last of. */
export const endingDayOf = (at: number): number => Math.floor((at + offsetMs + lastSecondMs) / dayMs)

/** The day that an instant is the end of, to the second. */
export const dayEndedAt = (at: number): number | undefined => {
  const day = endingDayOf(at - lastSecondMs)
  return endingDayOf(at + 1) > day ? day : undefined
}

/** Facts of an answer that verdicts on claims read. */
const kept = [
  'answers',
  'hasAaaa',
  'redirects',
  'remoteAddress',
  'status',
  'title',
  'url',
  'v4',
  'v6',
] as const

/** What is kept of an observation. */
export type Ending = Pick<Measurement, 'status' | 'cause' | 'detail' | 'observedAt' | 'facts'>

export const factsKept = (facts: Ending['facts']): Ending['facts'] =>
  Object.fromEntries(kept.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])))

/** The same in JSON, from an observation whole. */
export const endingText = (text: string): string => {
  const { status, cause, detail, observedAt, facts } = JSON.parse(text) as Ending
  return JSON.stringify({ status, cause, detail, observedAt, facts: factsKept(facts) })
}
