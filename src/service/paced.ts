import { setTimeout as sleep } from 'node:timers/promises'

export interface Pace {
  readonly leastPauseMs: number
  readonly mostPauseMs: number
  /** A pause is so many times the thread's CPU time during the work before it, within the bounds. */
  readonly pausesPerWork: number
}

/**
 * Does its work again and again, so that it takes a share of the time only, until it is told to end. `failed` is told
 * of work that rejects, but for what is broken off by the end.
 */
export const paced = async (
  { leastPauseMs, mostPauseMs, pausesPerWork }: Pace,
  signal: AbortSignal,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> => {
  while (!signal.aborted) {
    const before = process.threadCpuUsage()
    await work().catch((error: unknown) => {
      if (!signal.aborted) failed(error)
    })
    // Of this thread's time, not of the clock's: on a machine that others keep busy nothing is told later for it.
    const { user, system } = process.threadCpuUsage(before)
    const pauseMs = ((user + system) / 1000) * pausesPerWork
    // Aborted, the loop ends.
    await sleep(Math.min(mostPauseMs, Math.max(leastPauseMs, pauseMs)), undefined, {
      signal,
      ref: false,
    }).catch(() => undefined)
  }
}
