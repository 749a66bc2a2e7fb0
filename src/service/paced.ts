import { setTimeout as sleep } from 'node:timers/promises'

export interface Pace {
  readonly leastPauseMs: number
  readonly mostPauseMs: number
  /** A pause is so many times as long as the work before it, within the bounds. */
  readonly pausesPerWork: number
}

/** Does its work again and again, so that it takes a share of the time only, until it is told to end. Work never rejects. */
export const paced = async (
  { leastPauseMs, mostPauseMs, pausesPerWork }: Pace,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> => {
  while (!signal.aborted) {
    const startedAt = performance.now()
    await work()
    const pauseMs = (performance.now() - startedAt) * pausesPerWork
    // Aborted, the loop ends.
    await sleep(Math.min(mostPauseMs, Math.max(leastPauseMs, pauseMs)), undefined, {
      signal,
      ref: false,
    }).catch(() => undefined)
  }
}
