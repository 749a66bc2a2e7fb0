import type { Nudge } from '../core/nudge.ts'
import { pause } from '../core/pause.ts'

export interface Pace {
  readonly leastPauseMs: number
  readonly mostPauseMs: number
  /** A pause is so many times the thread's CPU time during the work before it, within the bounds. */
  readonly pausesPerWork: number
  /** After its pause, work waits so long for what is new; absent: not at all. */
  readonly patienceMs?: number
}

export interface Paced {
  readonly pace: Pace
  readonly work: () => Promise<void>
  /** Told of work that rejects, but for what is broken off by the end. */
  readonly failed: (error: unknown) => void
  /** Tells that there is something new. */
  readonly news?: Pick<Nudge, 'wait'>
}

/** Does its work again and again, so that it takes a share of the time only, until the signal aborts. */
export const paced = async ({ pace, work, failed, news }: Paced, signal: AbortSignal): Promise<void> => {
  const { leastPauseMs, mostPauseMs, pausesPerWork, patienceMs = 0 } = pace
  while (!signal.aborted) {
    const before = process.threadCpuUsage()
    await work().catch((error: unknown) => {
      if (!signal.aborted) failed(error)
    })
    // Of this thread's time, not of the clock's: on a machine that others keep busy nothing is told later for it.
    const { user, system } = process.threadCpuUsage(before)
    const pauseMs = ((user + system) / 1000) * pausesPerWork
    await pause(Math.min(mostPauseMs, Math.max(leastPauseMs, pauseMs)), signal)
    await news?.wait(patienceMs, signal)
  }
}
