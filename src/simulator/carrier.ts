import type { TargetId } from '../core/target.ts'

/** Which lines carry traffic, as the routers at their near end see it. */
export interface Carrier {
  /** Whether the lines to this node work. */
  readonly isUp: (node: TargetId) => boolean
  /** Seconds for which they have worked since the start: what their counters have counted. */
  readonly upSeconds: (node: TargetId) => number
  /** Seconds since the start. */
  readonly elapsedSeconds: () => number
  /** From now on the lines to these nodes, and no other, are down. */
  readonly setLost: (lost: ReadonlySet<TargetId>) => void
}

interface Break {
  readonly totalMs: number
  readonly since: number | undefined
}

const whole: Break = { totalMs: 0, since: undefined }

/** All lines up, all clocks at zero. `clock`: milliseconds, never going back. */
export const createCarrier = (clock: () => number): Carrier => {
  const startedAt = clock()
  const breaks = new Map<TargetId, Break>()
  const lostMs = ({ totalMs, since }: Break): number => totalMs + (since === undefined ? 0 : clock() - since)
  const breakOf = (node: TargetId): Break => breaks.get(node) ?? whole
  const elapsedMs = (): number => clock() - startedAt
  return {
    isUp: (node) => breakOf(node).since === undefined,
    upSeconds: (node) => (elapsedMs() - lostMs(breakOf(node))) / 1000,
    elapsedSeconds: () => elapsedMs() / 1000,
    setLost: (lost) => {
      for (const [node, known] of breaks)
        if (!lost.has(node)) breaks.set(node, { totalMs: lostMs(known), since: undefined })
      for (const node of lost) breaks.set(node, { ...breakOf(node), since: breakOf(node).since ?? clock() })
    },
  }
}
