import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, civilDay, daysBetween, daysFrom, startOfDay } from '../../src/core/civil-day.ts'

const shanghai = 'Asia/Shanghai'

test.each<[string, string, string]>([
  ['2018-06-30T15:59:59.999Z', shanghai, '2018-06-30'],
  ['2018-06-30T16:00:00.000Z', shanghai, '2018-07-01'],
  ['2018-06-30T23:30:00Z', 'UTC', '2018-06-30'],
])('%s in %s is %s', (at, zone, day) => {
  expect(civilDay(Date.parse(at), zone)).toBe(day)
})

test.each<[string, string, string]>([
  ['2018-07-01', shanghai, '2018-06-30T16:00:00.000Z'],
  // The last summer time of China began on the second of these days.
  ['1991-04-14', shanghai, '1991-04-13T16:00:00.000Z'],
  ['1991-04-15', shanghai, '1991-04-14T15:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
])('%s in %s begins at %s', (day, zone, at) => {
  expect(new Date(startOfDay(day, zone)).toISOString()).toBe(at)
})

const anyDay = fc
  .date({ min: new Date('1992-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('a day begins with itself, and the millisecond before is the day before', () => {
  fc.assert(
    fc.property(anyDay, fc.constantFrom(shanghai, 'UTC', 'Europe/Berlin', 'Asia/Kolkata'), (day, zone) => {
      const start = startOfDay(day, zone)
      expect(civilDay(start, zone)).toBe(day)
      expect(civilDay(start - 1, zone)).toBe(addDays(day, -1))
    }),
  )
})

test('days are counted and listed alike', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 0, max: 800 }), (day, count) => {
      const last = addDays(day, count)
      expect(daysBetween(day, last)).toBe(count)
      expect(daysFrom(day, last)).toHaveLength(count + 1)
      expect(daysFrom(day, last).at(-1)).toBe(last)
    }),
  )
  expect(daysFrom('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
  expect(daysFrom('2026-03-01', '2026-02-27')).toEqual([])
})
