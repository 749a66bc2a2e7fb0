import { hrtime } from 'node:process'
import type { Timespec } from './control.ts'
import { readTimespec } from './control.ts'
import { libc } from './libc.ts'

/**
 * The kernel stamps arrivals with `CLOCK_REALTIME`; departures are taken from `performance.now()`, which no one sets.
 * A correspondence of both, taken when the arrivals are read, brings a stamp onto the monotonic clock.
 */
export type Correspondence = (stamp: Timespec) => number

const realtime = 0
/** Two readings of the monotonic clock closer than this were not torn apart by a preemption. */
const closeMs = 0.01
const attempts = 3

const time = new DataView(new ArrayBuffer(16))
const timeBytes = new Uint8Array(time.buffer)

interface Reading {
  readonly stamp: Timespec
  readonly monotonicMs: number
  readonly spreadMs: number
}

const readBoth = (): Reading => {
  const before = performance.now()
  libc().clockGettime(realtime, timeBytes)
  const after = performance.now()
  return { stamp: readTimespec(time, 0), monotonicMs: (before + after) / 2, spreadMs: after - before }
}

const readClosely = (): Reading => {
  let best = readBoth()
  for (let attempt = 1; attempt < attempts && best.spreadMs > closeMs; attempt += 1) {
    const reading = readBoth()
    if (reading.spreadMs < best.spreadMs) best = reading
  }
  return best
}

/** Reads both clocks now. The result turns a stamp into milliseconds of `performance.now()`. */
export const readCorrespondence = (): Correspondence => {
  const { stamp: reference, monotonicMs } = readClosely()
  return ({ seconds, nanoseconds }) =>
    monotonicMs + (seconds - reference.seconds) * 1000 + (nanoseconds - reference.nanoseconds) / 1_000_000
}

/** Where `performance.now()` of this thread began, in milliseconds of the clock that all threads share. */
export const monotonicOriginMs = (): number => {
  let origin = -Infinity
  // The shared clock is read first, so that whatever comes between the two makes the difference smaller.
  for (let attempt = 0; attempt < attempts; attempt += 1)
    origin = Math.max(origin, Number(hrtime.bigint()) / 1_000_000 - performance.now())
  return origin
}
