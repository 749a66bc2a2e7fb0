import type { Clock } from '../core/clock.ts'
import type { JobId } from '../core/probe.ts'
import { type Plan, isLook } from '../plan/plan.ts'
import type { Counters } from './counters.ts'
import { pause } from '../core/pause.ts'
import type { Prober } from './prober.ts'
import { type Schedule, createSchedule, nextSlotAt } from './schedule.ts'

/** Starts jobs when they are due. */
export interface Probing {
  /** Jobs that both plans have keep their times. */
  follow(plan: Plan): void
  /** Starts what is due until the signal aborts, then lets what runs end within the grace. */
  run(signal: AbortSignal, graceMilliseconds: number): Promise<void>
}

interface Followed {
  readonly plan: Plan
  readonly jobs: ReadonlySet<JobId>
  readonly schedule: Schedule
}

export const createProbing = (prober: Prober, clock: Clock, counters: Counters): Probing => {
  let followed: Followed | undefined

  const startDue = (): void => {
    if (followed === undefined) return
    const { jobs, missed } = followed.schedule.due(clock())
    counters.missedRounds += missed
    if (jobs.length > 0) prober.start(followed.plan, jobs)
  }

  return {
    follow: (plan) => {
      // What is due this moment is started from the old schedule: the new one begins after it.
      startDue()
      const known = followed?.jobs ?? new Set<JobId>()
      followed = {
        plan,
        jobs: new Set(plan.jobs.map(({ id }) => id)),
        schedule: createSchedule(plan.jobs.filter(isLook), clock(), ({ id }) => !known.has(id)),
      }
    },
    run: async (signal, graceMilliseconds) => {
      while (!signal.aborted) {
        startDue()
        const now = clock()
        await pause(nextSlotAt(now) - now, signal)
      }
      await prober.settle(graceMilliseconds)
    },
  }
}
