/** What keeps a rendering nearly up to date between the times that it is asked for. */
export interface Warm {
  /** Somebody asks, and will ask again. */
  asked(): void
  /** Renders anew where that is due; to be called every so often. */
  turn(): Promise<void>
}

export interface WarmOptions {
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  /** What this thread has worked so far, in milliseconds. */
  readonly worked: () => number
  readonly render: () => Promise<unknown>
}

/** Four scrapes of a Prometheus that asks each 15 s. */
const forgottenMs = 60_000
/** Of one core. A nation's rendering is dearer than that between two scrapes, and is left to the scrape. */
const share = 0.01
/** What comes in meanwhile is rendered at one go: several lines of a block cost little more than one. */
const restMs = 5000
const soonMs = 1500

/**
 * While somebody asks, renders in between, as often as a hundredth of a core allows, and shortly before they are
 * expected to ask again: the one who asks then waits only for what came in since.
 */
export const keepWarm = ({ now, worked, render }: WarmOptions): Warm => {
  let [askedAt, expectedAt, renderedAt, notBefore] = [-Infinity, Infinity, -Infinity, 0]
  const isDue = (at: number): boolean =>
    at >= notBefore && (at >= renderedAt + restMs || at >= expectedAt - soonMs)
  return {
    asked: () => {
      const at = now()
      expectedAt = at + (at - askedAt)
      ;[askedAt, renderedAt] = [at, at]
    },
    turn: async () => {
      const at = now()
      if (at - askedAt > forgottenMs || !isDue(at)) return
      const before = worked()
      await render()
      renderedAt = now()
      notBefore = renderedAt + (worked() - before) / share
    },
  }
}
