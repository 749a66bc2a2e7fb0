import { histogramEdgesSeconds } from './port.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Eight hours: a day of UTC is three of them, and so is one of Shanghai, which begins at 16:00 UTC. */
export const thirdMs = 8 * hourMs

/** Start of the hour of an instant, milliseconds since the epoch. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs

/** Day number since the epoch, UTC. */
export const dayOf = (at: number): number => Math.floor(at / dayMs)

/** Number of a third of a day since the epoch. */
export const thirdOf = (at: number): number => Math.floor(at / thirdMs)

/** The bucket of the histogram that a time falls into. */
export const bucketOf = (seconds: number): number => {
  const at = histogramEdgesSeconds.findIndex((edge) => seconds <= edge)
  return at === -1 ? histogramEdgesSeconds.length : at
}
