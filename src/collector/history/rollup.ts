import { histogramEdgesSeconds } from './port.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Start of the hour of an instant, milliseconds since the epoch. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs

/** Day number since the epoch, UTC. */
export const dayOf = (at: number): number => Math.floor(at / dayMs)

/** The bucket of the histogram that a time falls into. */
export const bucketOf = (seconds: number): number => {
  const at = histogramEdgesSeconds.findIndex((edge) => seconds <= edge)
  return at === -1 ? histogramEdgesSeconds.length : at
}
