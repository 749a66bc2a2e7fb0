import type { Job } from '../plan/plan.ts'
import type { Check } from './check.ts'
import type { Slots } from './listed.ts'
import type { Work } from './slices.ts'

const targetsAtOnce = 512

/** What the checks of each target come to, from one judgement to the next: summed up again only where a check is new. */
export interface Regrouper<Sum> {
  readonly sums: readonly Sum[]
  /** Returns the targets that were summed up again. */
  regroup(checks: readonly Check[]): Work<Set<number>>
}

export const createRegrouper = <Sum>(
  jobs: readonly Job[],
  slots: Slots,
  sumUp: (checks: readonly Check[]) => Sum,
): Regrouper<Sum> => {
  const slotOf = jobs.map(({ target }) => slots.get(target) ?? 0)
  const jobsOf: number[][] = Array.from(slots.keys(), () => [])
  slotOf.forEach((slot, at) => jobsOf[slot]?.push(at))
  const sums = jobsOf.map(() => sumUp([]))
  let last: readonly Check[] = []
  return {
    sums,
    *regroup(checks) {
      const changed = new Set<number>()
      slotOf.forEach((slot, at) => checks[at] !== last[at] && changed.add(slot))
      last = checks
      let done = 0
      for (const slot of changed) {
        sums[slot] = sumUp((jobsOf[slot] ?? []).map((at) => checks[at] as Check))
        if ((done += 1) % targetsAtOnce === 0) yield
      }
      return changed
    },
  }
}
