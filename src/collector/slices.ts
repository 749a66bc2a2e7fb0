import { setImmediate } from 'node:timers/promises'

/** Long work pauses wherever it yields. */
export type Work<Result> = Generator<void, Result>

const sliceMs = 10

let last: Promise<unknown> = Promise.resolve()

/** A turn of the event loop for one slice, whoever else has work to do. */
const ownTurn = (): Promise<unknown> => {
  last = last.then(() => setImmediate())
  return last
}

/** Does the work bit by bit, each in a turn of its own, so that the event loop is never held for long. */
export const inSlices = async <Result>(work: Work<Result>): Promise<Result> => {
  for (;;) {
    await ownTurn()
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
