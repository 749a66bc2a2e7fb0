import type { Clock } from './clock.ts'

const pauseMs = 60_000

/**
 * For what may happen a thousand times a second: calls `tell` the first time, and then once a minute at most, with how
 * often it happened since it was told.
 */
export const seldom = (clock: Clock, tell: (times: number) => void): (() => void) => {
  let times = 0
  let toldAt = -Infinity
  return () => {
    times += 1
    const now = clock()
    if (now - toldAt < pauseMs) return
    tell(times)
    times = 0
    toldAt = now
  }
}
