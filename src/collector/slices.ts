import { setImmediate } from 'node:timers/promises'

/** Long work pauses wherever it yields. */
export type Work<Result> = Generator<void, Result>

const sliceMs = 10

/** Does the work bit by bit, each in a turn of its own, so that the event loop is never held for long. */
export const inSlices = async <Result>(work: Work<Result>): Promise<Result> => {
  for (;;) {
    await setImmediate()
    const until = performance.now() + sliceMs
    while (performance.now() < until) {
      const step = work.next()
      if (step.done === true) return step.value
    }
  }
}

/** Does the work without a pause. */
export const atOnce = <Result>(work: Work<Result>): Result => {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
