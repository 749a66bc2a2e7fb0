import { setTimeout as sleep } from 'node:timers/promises'

export interface TurnOptions {
  /** Does what there is to do; false where there was nothing. Broken off by the signal when it is disposed. */
  readonly turn: (signal: AbortSignal) => Promise<boolean>
  readonly failed: (error: unknown) => void
  /** Between turns, where there was nothing to do or one failed. */
  readonly pauseMs: number
}

/** Turns one after another until it is disposed, which waits for the one under way. */
export interface Turns extends AsyncDisposable {
  /** There is something to do. */
  readonly wake: () => void
}

export const takeTurns = ({ turn, failed, pauseMs }: TurnOptions): Turns => {
  const stop = new AbortController()
  let woken = new AbortController()
  const pause = async (): Promise<void> => {
    await sleep(pauseMs, undefined, { signal: AbortSignal.any([stop.signal, woken.signal]) }).catch(
      () => undefined,
    )
    woken = new AbortController()
  }
  const attempt = async (): Promise<boolean> => {
    try {
      return await turn(stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) failed(error)
      return false
    }
  }
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) if (!(await attempt())) await pause()
  }
  const running = run()
  return {
    wake: () => woken.abort(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
    },
  }
}
