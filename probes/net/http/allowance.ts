import { setTimeout as pause } from 'node:timers/promises'
import { type Attempt, attempt } from './attempt.ts'

/** What became of a request that an allowance was asked for. */
export type Spent<Value> = Attempt<Value> | { readonly skipped: true }

/** How many requests a run may still make, and for how long. */
export interface Allowance {
  /** One more request, under its own deadline; skipped where count or time is used up. */
  readonly spend: <Value>(request: (signal: AbortSignal) => Promise<Value>) => Promise<Spent<Value>>
  /** Rests between requests; false, and at once, where no time would be left after it. */
  readonly rest: (seconds: number) => Promise<boolean>
  /** Requests made so far. */
  readonly made: () => number
}

export interface AllowanceLimits {
  readonly requests: number
  readonly seconds: number
  readonly requestTimeoutSeconds: number
}

/** Left at the end of the run, to tell what was found before its deadline. */
const reserveSeconds = 0.1

/** An allowance that begins now. `signal` is the run's own; see `attempt` for what rejects. */
export const createAllowance = (limits: AllowanceLimits, signal: AbortSignal): Allowance => {
  const endsAt = performance.now() + (limits.seconds - reserveSeconds) * 1000
  let made = 0
  const secondsLeft = (): number => (endsAt - performance.now()) / 1000
  return {
    made: () => made,
    rest: async (seconds) => {
      if (secondsLeft() <= seconds) return false
      if (seconds > 0) await pause(seconds * 1000, undefined, { signal })
      return true
    },
    spend: async (request) => {
      signal.throwIfAborted()
      const seconds = Math.min(limits.requestTimeoutSeconds, secondsLeft())
      if (made >= limits.requests || seconds <= 0) return { skipped: true }
      made += 1
      return attempt(request, seconds, signal)
    },
  }
}
