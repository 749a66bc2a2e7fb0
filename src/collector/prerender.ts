import type { Observation } from '../core/observation.ts'
import type { JobId } from '../core/probe.ts'

/** A tenth of the time at most, in slices that nobody notices: what is overtaken meanwhile is never rendered. */
const sliceMs = 2
const restMs = 18

/** Renders what is new while there is time, so that a scrape has only to copy it. */
export interface Prerender extends Disposable {
  add(observations: Iterable<Observation>): void
}

/** `render` is told of an observation that was the newest of its job when it was added. */
export const createPrerender = (render: (observation: Observation) => void): Prerender => {
  const waiting = new Map<JobId, Observation>()
  let timer: NodeJS.Timeout | undefined
  const work = (): void => {
    timer = undefined
    const end = performance.now() + sliceMs
    for (const [job, observation] of waiting) {
      if (performance.now() > end) break
      waiting.delete(job)
      render(observation)
    }
    if (waiting.size > 0) timer = setTimeout(work, restMs).unref()
  }
  return {
    add: (observations) => {
      for (const observation of observations) waiting.set(observation.job, observation)
      timer ??= setTimeout(work, restMs).unref()
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
