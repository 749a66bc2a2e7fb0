import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PastSighting, sightingsBefore } from '../../src/collector/history/before.ts'
import { dayEndedAt, endingDayOf } from '../../src/collector/history/ending.ts'
import { parcelOf } from '../../src/collector/history/parcel.ts'
import { dayMs } from '../../src/collector/history/rollup.ts'
import { openForWriting } from '../../src/collector/history/schema.ts'
import { writerOf } from '../../src/collector/history/writer.ts'
import type { Observation } from '../../src/core/observation.ts'
import { job, observation } from './support.ts'

const midnight = Date.parse('2026-05-01T00:00:00+08:00')
const page = job('s', { kind: 'http' })

test('a day ends with its last whole second, in Shanghai', () => {
  const cutoff = midnight - 1000
  expect(endingDayOf(cutoff)).toBe(endingDayOf(midnight) - 1)
  expect(endingDayOf(cutoff + 1)).toBe(endingDayOf(midnight))
  for (const at of [cutoff, cutoff + 1, midnight - 1]) expect(dayEndedAt(at)).toBe(endingDayOf(cutoff))
  for (const at of [cutoff - 1, midnight]) expect(dayEndedAt(at)).toBeUndefined()
})

const statuses = ['up', 'down'] as const

const anyLook = fc.record({
  agent: fc.constantFrom('a', 'b'),
  /** Seconds after the first midnight. */
  at: fc.oneof(
    fc.integer({ min: 0, max: 5 * 86_400 }),
    fc.constantFrom(86_398, 86_399, 86_400, 2 * 86_400 - 1, 2 * 86_400),
  ),
  status: fc.constantFrom(...statuses),
})

const seenOf = ({ at, status }: { at: number; status: (typeof statuses)[number] }): Observation =>
  observation(page, {
    observedAt: midnight + at * 1000,
    status,
    facts: { title: `at ${at}`, bytes: 1 },
    ...(status === 'down' && { cause: 'assertion' }),
  })

const days = [1, 2, 3, 4, 5] as const
const cutoffOf = (day: number): number => midnight + day * dayMs - 1000

const byAgent = (seen: readonly PastSighting[]) =>
  seen.toSorted((one, other) => (one.agent < other.agent ? -1 : 1))

/** Writes looks in this order, a delivery each group, and asks for every day's end once no results are left. */
const askAfter = (groups: readonly (readonly [agent: string, seen: readonly Observation[]])[]) => {
  using database = openForWriting(':memory:')
  const writer = writerOf(database)
  for (const [agent, seen] of groups) {
    const rows = seen.map((each, index) => ({ sequence: index + 1, observation: each }))
    const range = { first: 1, last: rows.length }
    writer.write([parcelOf({ agent, stream: randomUUID(), ...range, rows, receivedAt: midnight })])
  }
  writer.prune({ results: Infinity, rollups: 0 })
  return days.map((day) => byAgent(sightingsBefore(database, cutoffOf(day))(page.id)))
}

test('the last look of a day is known with its answer, in whatever order looks come', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyLook, { maxLength: 6 }), { maxLength: 6 }), (groups) => {
      const looks = groups.flat().filter(
        // One agent looks once at a time: of two at one moment the first is stored.
        (look, index, all) =>
          all.findIndex(({ agent, at }) => agent === look.agent && at === look.at) === index,
      )
      const asked = askAfter(
        groups.flatMap((group) =>
          [...Map.groupBy(group, ({ agent }) => agent)].map(
            ([agent, own]) => [agent, own.map(seenOf)] as const,
          ),
        ),
      )
      for (const [index, found] of asked.entries()) {
        const cutoff = cutoffOf(index + 1)
        const expected = ['a', 'b'].map((agent) => {
          const own = looks.filter((look) => look.agent === agent).toSorted((one, other) => one.at - other.at)
          const last = own.map(seenOf).findLast(({ observedAt }) => observedAt <= cutoff)
          // Of whom nothing newer came the newest look is known, and nobody asks here.
          const isAsked = own.map(seenOf).some(({ observedAt }) => observedAt > cutoff)
          const isTooOld = last === undefined || endingDayOf(last.observedAt) <= endingDayOf(cutoff) - 4
          return { agent, isAsked, last: isTooOld ? undefined : last }
        })
        for (const { agent, isAsked, last } of expected) {
          if (!isAsked) continue
          const own = found.filter((each) => each.agent === agent)
          expect(own).toMatchObject(
            last === undefined
              ? []
              : [{ status: last.status, observedAt: last.observedAt, facts: { title: last.facts['title'] } }],
          )
        }
      }
    }),
  )
})

test('a status lasts since it began, over the ends of days', () => {
  const hours = [1, 20, 30, 45, 60, 70]
  const seen = hours.map((hour) => seenOf({ at: hour * 3600, status: hour < 30 ? 'up' : 'down' }))
  const [first, second] = askAfter([['a', seen]])
  expect(first).toMatchObject([
    { status: 'up', since: midnight + 3_600_000, observedAt: midnight + 20 * 3_600_000 },
  ])
  expect(second).toMatchObject([
    {
      status: 'down',
      cause: 'assertion',
      since: midnight + 30 * 3_600_000,
      observedAt: midnight + 45 * 3_600_000,
    },
  ])
})
