import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDays,
  dayIn,
  daysBetween,
  daysFrom,
  endOfDay,
  monthRange,
  parseDay,
  startOfDay,
  weekday,
  weekOf,
  weekRange,
} from '../../src/core/day.ts'

const shanghai = 'Asia/Shanghai'

test.each([
  ['2018-04-13T15:59:59.999Z', '2018-04-13'],
  ['2018-04-13T16:00:00.000Z', '2018-04-14'],
])('%s is %s in Shanghai', (instant, day) => {
  expect(dayIn(shanghai, Date.parse(instant))).toBe(day)
})

test.each<[string, string, string]>([
  ['2018-07-01', shanghai, '2018-06-30T16:00:00.000Z'],
  // The last summer time of China began on the second of these days.
  ['1991-04-14', shanghai, '1991-04-13T16:00:00.000Z'],
  ['1991-04-15', shanghai, '1991-04-14T15:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2018-03-11', 'America/New_York', '2018-03-11T05:00:00.000Z'],
])('%s in %s begins at %s', (day, zone, at) => {
  expect(new Date(startOfDay(zone, day)).toISOString()).toBe(at)
})

test('a day ends where the next begins', () => {
  expect(new Date(endOfDay(shanghai, '2018-06-30')).toISOString()).toBe('2018-06-30T15:59:59.999Z')
})

test('days are listed, both ends included', () => {
  expect(daysFrom('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
  expect(daysFrom('2026-03-01', '2026-02-27')).toEqual([])
})

test.each([
  ['2018-W01', '2018-01-01', '2018-01-07'],
  ['2018-W26', '2018-06-25', '2018-07-01'],
  ['2018-W52', '2018-12-24', '2018-12-30'],
  ['2020-W53', '2020-12-28', '2021-01-03'],
])('%s is %s to %s', (week, from, to) => {
  expect(weekRange(week)).toEqual({ from, to })
})

test.each(['2018-W53', '2018-W00', '2018-26', 'W26', '2018-W6', ''])('%s is no week', (text) => {
  expect(weekRange(text)).toBeUndefined()
})

test.each([
  ['2018-02', { from: '2018-02-01', to: '2018-02-28' }],
  ['2018-12', { from: '2018-12-01', to: '2018-12-31' }],
  ['2018-13', undefined],
  ['2018-6', undefined],
])('month %s', (text, range) => {
  expect(monthRange(text)).toEqual(range)
})

test.each(['2018-02-30', '2018-2-3', '2018-06-31', 'yesterday', ''])('%s is no day', (text) => {
  expect(parseDay(text)).toBeUndefined()
})

const anyDay = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1970-01-01', days))
const anyZone = fc.constantFrom(shanghai, 'UTC', 'America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu')

test('every day lies in the week that it is said to lie in', () => {
  fc.assert(
    fc.property(anyDay, (day) => {
      const range = weekRange(weekOf(day))
      expect(range !== undefined && range.from <= day && day <= range.to).toBe(true)
      expect(weekday(range?.from ?? '')).toBe(1)
    }),
  )
})

test('days add up, and begin where the one before ends', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -5000, max: 5000 }), (day, days) => {
      expect(daysBetween(day, addDays(day, days))).toBe(days)
    }),
  )
  fc.assert(
    fc.property(anyDay, anyZone, (day, zone) => {
      const start = startOfDay(zone, day)
      expect([dayIn(zone, start), dayIn(zone, start - 1)]).toEqual([day, addDays(day, -1)])
    }),
    { numRuns: 40 },
  )
})
