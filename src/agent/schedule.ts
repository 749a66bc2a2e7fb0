import type { Job } from '../plan/plan.ts'
import { type Timing, fractionOf, nextDue, roundAt, timingOf } from '../plan/timing.ts'

/** Jobs start at the edges of slots: one timer for all, and one sweep for what a slot holds. */
export const slotMilliseconds = 500

/** A round that is later than this is left out: a pause must not end in a burst. */
export const lateLimitMilliseconds = 2000

/** A job that is new, of whatever interval, is first looked at within this time. */
export const firstLookMilliseconds = 60_000

interface Entry {
  readonly job: Job
  readonly timing: Timing
  due: number
  /** Outside the rounds: the first look at a new job. */
  isFirstLook: boolean
}

export interface Due {
  readonly jobs: readonly Job[]
  /** Rounds that were left out. */
  readonly missed: number
}

/** Jobs in the order that they are due. Each is in it once, so that no job is given out twice at a time. */
export interface Schedule {
  /** What is due up to `now`. A clock that was set back is noticed: rounds start anew from there. */
  due(now: number): Due
}

/** When to ask for what is due next. */
export const nextSlotAt = (now: number): number => (Math.floor(now / slotMilliseconds) + 1) * slotMilliseconds

const firstDue = (timing: Timing, now: number, isNew: boolean): Pick<Entry, 'due' | 'isFirstLook'> =>
  isNew && timing.intervalMs > firstLookMilliseconds
    ? { due: now + fractionOf(timing) * firstLookMilliseconds, isFirstLook: true }
    : { due: nextDue(timing, now), isFirstLook: false }

const slotOf = (due: number): number => Math.ceil(due / slotMilliseconds)

/** Moves an entry to its next round after `now`; returns how many rounds were passed over. */
const advance = (entry: Entry, now: number): number => {
  const { timing, due, isFirstLook } = entry
  entry.isFirstLook = false
  entry.due = nextDue(timing, isFirstLook ? Math.max(now, due + timing.intervalMs / 2) : now)
  if (isFirstLook) return 0
  return roundAt(timing, entry.due) - roundAt(timing, due) - 1
}

const elapsedSlots = (wheel: ReadonlyMap<number, unknown>, from: number, to: number): readonly number[] =>
  to - from <= wheel.size
    ? Array.from({ length: Math.max(0, to - from) }, (_, index) => from + 1 + index)
    : [...wheel.keys()].filter((slot) => slot <= to)

/** `isNew` tells jobs that no schedule had before: they are not made to wait out a long interval. */
export const createSchedule = (jobs: readonly Job[], now: number, isNew: (job: Job) => boolean): Schedule => {
  const wheel = new Map<number, Entry[]>()
  let seenAt = now

  const place = (entry: Entry): void => {
    const slot = slotOf(entry.due)
    const entries = wheel.get(slot)
    if (entries === undefined) wheel.set(slot, [entry])
    else entries.push(entry)
  }

  const take = (current: number): readonly Entry[] =>
    elapsedSlots(
      wheel,
      Math.floor(seenAt / slotMilliseconds),
      Math.floor(current / slotMilliseconds),
    ).flatMap((slot) => {
      const entries = wheel.get(slot) ?? []
      wheel.delete(slot)
      return entries
    })

  const restart = (current: number): void => {
    const entries = [...wheel.values()].flat()
    wheel.clear()
    for (const entry of entries) place(Object.assign(entry, firstDue(entry.timing, current, false)))
  }

  for (const job of jobs) {
    const timing = timingOf(job)
    place({ job, timing, ...firstDue(timing, now, isNew(job)) })
  }

  return {
    due: (current) => {
      if (current < seenAt - slotMilliseconds) restart(current)
      const entries = take(current)
      seenAt = current
      let missed = 0
      const inTime = entries.filter(({ due }) => current - due <= lateLimitMilliseconds)
      for (const entry of entries) {
        missed += advance(entry, current)
        place(entry)
      }
      return { jobs: inTime.map(({ job }) => job), missed: missed + entries.length - inTime.length }
    },
  }
}
