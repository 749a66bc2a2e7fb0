/** Watches how long this thread could not run, whoever kept it: work of ours, or others who had the processor. */
export interface HeldUp extends Disposable {
  /** Milliseconds of the last `milliseconds` in which it could not; of the last two minutes at most. */
  readonly within: (milliseconds: number) => number
}

const tickMs = 50
/** Late by less than this is how timers are, and work in slices. */
const leastLateMs = 20
const rememberedMs = 120_000

interface Late {
  /** When it could run again, and for how long it could not before. */
  readonly at: number
  readonly ms: number
}

export const watchHeldUp = (): HeldUp => {
  let lates: readonly Late[] = []
  let last = performance.now()
  const lateAt = (now: number): readonly Late[] => {
    const ms = now - last - tickMs
    return ms >= leastLateMs ? [{ at: now, ms }] : []
  }
  const timer = setInterval(() => {
    const now = performance.now()
    const more = lateAt(now)
    last = now
    if (more.length > 0) lates = [...lates.filter(({ at }) => at > now - rememberedMs), ...more]
  }, tickMs)
  timer.unref()
  return {
    within: (milliseconds) => {
      const now = performance.now()
      const start = now - milliseconds
      // Another timer may have fired before ours has told of the time that both were late.
      return [...lates, ...lateAt(now)].reduce(
        (sum, { at, ms }) => sum + Math.max(0, Math.min(ms, at - start)),
        0,
      )
    },
    [Symbol.dispose]: () => {
      clearInterval(timer)
    },
  }
}
