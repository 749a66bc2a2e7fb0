import { pause } from './pause.ts'

/** Lets one loop end another's wait early. */
export interface Nudge {
  /** Waits so long, until the signal aborts, or until it is nudged; resolves in each case. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Ends the wait that is under way, or the next one. */
  readonly nudge: () => void
}

export const createNudge = (): Nudge => {
  let nudged = new AbortController()
  return {
    wait: async (milliseconds, signal) => {
      await pause(milliseconds, AbortSignal.any([signal, nudged.signal]))
      if (nudged.signal.aborted) nudged = new AbortController()
    },
    nudge: () => nudged.abort(),
  }
}
