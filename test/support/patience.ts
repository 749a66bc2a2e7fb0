import type { Measurement } from '../../src/core/probe.ts'

/** A look that is given so many seconds. */
type Look = (seconds: number) => Promise<Measurement>

const mostDoublings = 6

/**
 * What peers do within a short limit is seen only where this machine lets them run. A look that was starved is made
 * again with twice the time: how fast the machine is decides nothing, and what is really so stays.
 */
export const patiently = async (
  firstSeconds: number,
  look: Look,
  isStarved: (measurement: Measurement) => boolean,
): Promise<Measurement> => {
  let measurement = await look(firstSeconds)
  for (let doublings = 1; doublings <= mostDoublings && isStarved(measurement); doublings += 1)
    measurement = await look(firstSeconds * 2 ** doublings)
  return measurement
}

/** The same for peers that end a look before its time; `expected`: the cause, or `up`. */
export const heard = (firstSeconds: number, expected: string, look: Look): Promise<Measurement> =>
  patiently(firstSeconds, look, ({ cause }) => cause === 'timeout' && expected !== 'timeout')
