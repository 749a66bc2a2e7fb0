import { clearTimeout, setTimeout } from 'node:timers'

/** The time limit of one run, under a signal that many runs share. Disposing it leaves neither timer nor listener. */
export interface Deadline extends Disposable {
  /** Aborted by the caller's signal, with its reason, or when the time is up, with a `TimeoutError`. */
  readonly signal: AbortSignal
  /** The time was up before the caller’s signal was aborted. */
  readonly hasPassed: () => boolean
}

/** Whether it is the reason with which a deadline aborts. */
export const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.name === 'TimeoutError'

/** Who is aborted together with a signal: one listener for all, since taking one of many off again is slow. */
const followers = new WeakMap<AbortSignal, Set<AbortController>>()

const followersOf = (signal: AbortSignal): Set<AbortController> => {
  const known = followers.get(signal)
  if (known !== undefined) return known
  const all = new Set<AbortController>()
  followers.set(signal, all)
  const abortAll = (): void => {
    for (const controller of [...all]) controller.abort(signal.reason)
  }
  signal.addEventListener('abort', abortAll, { once: true })
  return all
}

/**
 * Limits what is done under `signal` to so many seconds. Beside `AbortSignal.any` and `AbortSignal.timeout` it costs
 * a third, and nothing of it is left once the run has ended before its time.
 */
export const deadlineWithin = (signal: AbortSignal, seconds: number): Deadline => {
  const controller = new AbortController()
  let hasPassed = false
  const timer = setTimeout(
    () => {
      hasPassed = !signal.aborted
      controller.abort(new DOMException('the time is up', 'TimeoutError'))
    },
    Math.ceil(seconds * 1000),
  )
  const all = followersOf(signal)
  if (signal.aborted) controller.abort(signal.reason)
  else all.add(controller)
  return {
    signal: controller.signal,
    hasPassed: () => hasPassed,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      all.delete(controller)
    },
  }
}
