import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calendarWith, readCalendar } from '../../inventory/ledger/index.ts'
import { parseYaml } from '../../src/config/yaml-source.ts'
import { addDays, weekday } from '../../src/core/day.ts'
import { UsageFault } from '../../src/core/fault.ts'
import {
  addWorkingDays,
  isWorkingDay,
  lastWorkingDay,
  workingDaysBetween,
  yearsText,
} from '../../src/ledger/index.ts'

const calendar = calendarWith()

test.each([
  ['2018-04-13', true, 'a Friday'],
  ['2018-04-14', false, 'a Saturday'],
  ['2018-04-08', true, 'a Sunday that is worked for 清明节'],
  ['2018-04-28', true, 'a Saturday that is worked for 劳动节'],
  ['2018-04-30', false, 'the Monday of 劳动节, and the first deadline of the plan'],
  ['2018-10-05', false, 'a Friday of 国庆节'],
  ['2018-12-29', true, 'a Saturday that is worked for 元旦 of 2019'],
  ['2018-12-31', false, 'a Monday of 元旦 of 2019, and the last deadline of the plan'],
])('%s: %s, %s', (day, expected) => {
  expect(isWorkingDay(calendar, day)).toBe(expected)
})

test('the year 2018 has the 250 working days that its notices leave', () => {
  // 261 weekdays, less 18 on holidays, and 7 days of weekends that are worked.
  expect(workingDaysBetween(calendar, '2017-12-31', '2018-12-31')).toBe(250)
})

test('a deadline on a holiday has its last working day before it', () => {
  expect(lastWorkingDay(calendar, '2018-04-30')).toBe('2018-04-28')
  expect(lastWorkingDay(calendar, '2018-12-31')).toBe('2018-12-29')
  expect(addWorkingDays(calendar, '2018-04-30', 1)).toBe('2018-05-02')
})

const anyDay = fc.integer({ min: 0, max: 1500 }).map((days) => addDays('2017-01-01', days))

test('the n-th working day is n working days away', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 1, max: 300 }), (day, n) => {
      const there = addWorkingDays(calendar, day, n)
      expect(isWorkingDay(calendar, there)).toBe(true)
      expect(workingDaysBetween(calendar, day, there)).toBe(n)
    }),
  )
})

test('counting is what stepping through the days would find', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 0, max: 500 }), (from, length) => {
      const days = Array.from({ length }, (_, index) => addDays(from, index + 1))
      const stepped = days.filter((day) => isWorkingDay(calendar, day)).length
      expect(workingDaysBetween(calendar, from, addDays(from, length))).toBe(stepped)
    }),
  )
})

test('a year that no calendar has is Monday to Friday', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), (days) => {
      const day = addDays('2031-01-01', days)
      expect(isWorkingDay(calendar, day)).toBe(weekday(day) <= 5)
    }),
  )
})

const years = (year: string): unknown => parseYaml('calendar.yaml', `years:\n  - ${year}\n`).value
const ofYear = (holidays: string, workdays: string, more = '') =>
  years(
    `{ year: 2018, sources: [本单位], confidence: one-source, holidays: [${holidays}], workdays: [${workdays}]${more} }`,
  )

test('a year of the user stands in place of ours', () => {
  const own = calendarWith(readCalendar(ofYear('2018-04-13', '')))
  expect([isWorkingDay(own, '2018-04-13'), isWorkingDay(own, '2018-04-30')]).toEqual([false, true])
  expect(own.get(2019)).toBe(calendar.get(2019))
})

test.each([
  ['a day of another year', ofYear('2019-01-01', ''), 'expected a day of 2018, got 2019-01-01'],
  [
    'a day that is both',
    ofYear('2018-04-30', '2018-04-30'),
    'expected a day off or a working day, got both of 2018-04-30',
  ],
  ['what is no day', ofYear('2018-04-31', ''), 'Invalid ISO date'],
  ['an unknown field', ofYear('', '', ', colour: red'), 'Unrecognized key: "colour"'],
  [
    'no source',
    years('{ year: 2018, sources: [], confidence: one-source, holidays: [], workdays: [] }'),
    'Too small: expected array to have >=1 items',
  ],
])('refused: %s', (_, content, message) => {
  expect(() => readCalendar(content)).toThrow(UsageFault)
  expect(() => readCalendar(content)).toThrow(message)
})

test.each([
  [[2026], '2026'],
  [[2020, 2021], '2020 至 2021'],
  [[2017, 2020, 2021, 2022, 2026], '2017、2020 至 2022、2026'],
  [[], ''],
])('years without a calendar: %j', (years, text) => {
  expect(yearsText(years)).toBe(text)
})
