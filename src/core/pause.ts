import { setTimeout as sleep } from 'node:timers/promises'

/** Waits so long, or until the signal aborts; resolves in both cases. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
