import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createSchedule,
  firstLookMilliseconds,
  lateLimitMilliseconds,
  slotMilliseconds,
} from '../../src/agent/schedule.ts'
import { dueAt, nextDue, roundAt, timingOf } from '../../src/plan/timing.ts'
import type { Job } from '../../src/plan/plan.ts'

const epoch = Date.UTC(2026, 10, 23)

const job = (id: string, intervalSeconds = 30): Job => ({
  id,
  target: id,
  kind: 'icmp',
  spec: {},
  intervalSeconds,
  vantage: 'public',
  expect: 'reachable',
})

const jobs = (count: number, intervalSeconds = 30): readonly Job[] =>
  Array.from({ length: count }, (_, index) => job(`n-${index}/icmp@public`, intervalSeconds))

const notNew = (): boolean => false

const slotEdgeAfter = (due: number): number => Math.ceil(due / slotMilliseconds) * slotMilliseconds

/** What each slot of a stretch of time starts. */
const play = (schedule: ReturnType<typeof createSchedule>, from: number, seconds: number) =>
  Array.from({ length: (seconds * 1000) / slotMilliseconds }, (_, index) => {
    const at = from + (index + 1) * slotMilliseconds
    return { at, ...schedule.due(at) }
  })

const anyJob = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 40 }),
    intervalSeconds: fc.integer({ min: 1, max: 86_400 }),
  })
  .map(({ id, intervalSeconds }) => job(id, intervalSeconds))

describe('times', () => {
  test('each interval of a job has one due time', () => {
    fc.assert(
      fc.property(anyJob, fc.nat({ max: 100_000 }), (each, round) => {
        const timing = timingOf(each)
        expect(roundAt(timing, dueAt(timing, round))).toBe(round)
      }),
    )
  })

  test('the next due time is after now, and none lies between', () => {
    fc.assert(
      fc.property(anyJob, fc.nat({ max: 2 ** 31 }), (each, now) => {
        const timing = timingOf(each)
        const due = nextDue(timing, now)
        const round = roundAt(timing, due)
        expect(due).toBeGreaterThan(now)
        expect(dueAt(timing, round - 1)).toBeLessThanOrEqual(now)
      }),
    )
  })

  test('they are the same after a restart', () => {
    const one = play(createSchedule(jobs(50), epoch, notNew), epoch, 60)
    const other = play(createSchedule(jobs(50), epoch + 17_000, notNew), epoch + 17_000, 43)
    const ids = (slots: typeof one) =>
      slots.map(({ at, jobs: due }) => [at, ...due.map(({ id }) => id).toSorted()])
    expect(ids(other)).toEqual(ids(one.filter(({ at }) => at > epoch + 17_000)))
  })
})

describe('the line is flat', () => {
  test.each([
    ['a city', 1700, 30],
    ['the nation', 41_000, 60],
  ])('%s: no slot has much more than its share', (_, count, intervalSeconds) => {
    const slots = play(createSchedule(jobs(count, intervalSeconds), epoch, notNew), epoch, 300)
    const starts = slots.map(({ jobs: due }) => due.length)
    const share = (count / intervalSeconds) * (slotMilliseconds / 1000)
    // Six standard deviations of a random spread.
    const spread = 6 * Math.sqrt(share)
    expect(Math.max(...starts)).toBeLessThan(share + spread)
    expect(Math.min(...starts.slice(1))).toBeGreaterThan(share - spread)
  })
})

describe('rounds', () => {
  test('a job is started once in each interval, and none is missed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (intervals) => {
        const all = intervals.map((interval, index) => job(`j-${index}`, interval))
        const slots = play(createSchedule(all, epoch, notNew), epoch, 120)
        for (const { id, intervalSeconds } of all) {
          const starts = slots
            .filter(({ jobs: due }) => due.some((each) => each.id === id))
            .map(({ at }) => at)
          const timing = timingOf(job(id, intervalSeconds))
          const first = roundAt(timing, nextDue(timing, epoch))
          const edges = starts.map((_, index) => slotEdgeAfter(dueAt(timing, first + index)))
          expect(starts).toEqual(edges)
          expect(starts.length).toBeGreaterThanOrEqual(Math.floor(120 / intervalSeconds) - 1)
        }
        expect(slots.reduce((sum, { missed }) => sum + missed, 0)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('after a pause nothing is made up for: what is missed is counted', () => {
    const schedule = createSchedule(jobs(600), epoch, notNew)
    play(schedule, epoch, 60)
    const woken = epoch + 60_000 + 3_600_000
    const { jobs: due, missed } = schedule.due(woken)
    const late = lateLimitMilliseconds / 30_000
    expect(due.length).toBeLessThan(600 * late * 2)
    const passed = jobs(600).map((each) => {
      const timing = timingOf(each)
      const at = (instant: number) => roundAt(timing, nextDue(timing, instant))
      return at(woken) - at(epoch + 60_000)
    })
    expect(missed + due.length).toBe(passed.reduce((sum, count) => sum + count, 0))
    const after = play(schedule, woken, 31).map((slot) => slot.jobs.length)
    expect(Math.max(...after)).toBeLessThan(40)
  })

  test('a short pause costs no round', () => {
    const schedule = createSchedule(jobs(600), epoch, notNew)
    play(schedule, epoch, 30)
    const { jobs: due, missed } = schedule.due(epoch + 30_000 + lateLimitMilliseconds)
    expect(missed).toBe(0)
    expect(due.length).toBeGreaterThan(0)
  })

  test('a clock that is set back stops nothing', () => {
    const schedule = createSchedule(jobs(100), epoch, notNew)
    play(schedule, epoch, 60)
    const before = epoch - 86_400_000
    schedule.due(before)
    const starts = play(schedule, before, 32).flatMap(({ jobs: due }) => due)
    expect(new Set(starts).size).toBe(100)
  })

  test('any sequence of instants: a job is never given twice at once, nor more often than its intervals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 60 }), (steps) => {
        const schedule = createSchedule(jobs(5, 5), epoch, notNew)
        const counts = new Map<string, number>()
        let now = epoch
        for (const step of steps) {
          now += step
          const { jobs: due } = schedule.due(now)
          expect(new Set(due).size).toBe(due.length)
          for (const { id } of due) counts.set(id, (counts.get(id) ?? 0) + 1)
        }
        const intervals = Math.ceil((now - epoch) / 5000) + 1
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(intervals)
      }),
    )
  })
})

describe('a new job', () => {
  test('of a long interval is looked at within a minute, then in its rounds', () => {
    const daily = jobs(200, 86_400)
    const slots = play(
      createSchedule(daily, epoch, () => true),
      epoch,
      firstLookMilliseconds / 1000,
    )
    const started = slots.flatMap(({ jobs: due }) => due)
    expect(new Set(started).size).toBe(200)
  })

  test('is not looked at again right after', () => {
    const hourly = jobs(300, 3600)
    const slots = play(
      createSchedule(hourly, epoch, () => true),
      epoch,
      3600,
    )
    const starts = Map.groupBy(
      slots.flatMap(({ at, jobs: due }) => due.map(({ id }) => ({ at, id }))),
      ({ id }) => id,
    )
    for (const times of starts.values())
      for (const [index, { at }] of times.entries())
        if (index > 0) expect(at - times[index - 1]!.at).toBeGreaterThan(1_800_000 - 1000)
    expect(slots.reduce((sum, { missed }) => sum + missed, 0)).toBe(0)
  })

  test('of a known plan keeps its times', () => {
    const slots = play(createSchedule(jobs(50, 3600), epoch, notNew), epoch, 60)
    expect(slots.flatMap(({ jobs: due }) => due).length).toBeLessThan(10)
  })
})
