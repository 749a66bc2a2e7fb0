import type { Calendar, CalendarYear } from '../../inventory/ledger/index.ts'
import { addDays, type Day, daysBetween, weekday } from '../core/day.ts'

/** Working days by a calendar; in a year that it does not have, Monday to Friday. */

const friday = 5
const isWeekday = (day: Day): boolean => weekday(day) <= friday

/** Where a year differs from Monday to Friday. */
interface Exceptions {
  readonly off: ReadonlySet<Day>
  readonly on: ReadonlySet<Day>
}

const known = new WeakMap<CalendarYear, Exceptions>()

const exceptionsOf = (year: CalendarYear): Exceptions => {
  const exceptions = known.get(year) ?? {
    off: new Set(year.holidays.filter(isWeekday)),
    on: new Set(year.workdays.filter((day) => !isWeekday(day))),
  }
  known.set(year, exceptions)
  return exceptions
}

export const isWorkingDay = (calendar: Calendar, day: Day): boolean => {
  const year = calendar.get(Number(day.slice(0, 4)))
  const exceptions = year && exceptionsOf(year)
  return isWeekday(day) ? exceptions?.off.has(day) !== true : exceptions?.on.has(day) === true
}

/** The n-th working day after a day; before it where n is negative. */
export const addWorkingDays = (calendar: Calendar, day: Day, n: number): Day => {
  const step = Math.sign(n)
  let [at, left] = [day, Math.abs(n)]
  while (left > 0) {
    at = addDays(at, step)
    if (isWorkingDay(calendar, at)) left -= 1
  }
  return at
}

/** The last working day up to a day, itself included: 4月底 of 2018 ends on a holiday. */
export const lastWorkingDay = (calendar: Calendar, day: Day): Day =>
  isWorkingDay(calendar, day) ? day : addWorkingDays(calendar, day, -1)

const aMonday: Day = '1900-01-01'
const weekDays = 7

/** Mondays to Fridays from that Monday up to a day. */
const weekdaysUpTo = (day: Day): number => {
  const days = daysBetween(aMonday, day) + 1
  return Math.floor(days / weekDays) * friday + Math.min(days % weekDays, friday)
}

/** Working days after one day up to another, which is not earlier. Counts, since a plan may be years old. */
export const workingDaysBetween = (calendar: Calendar, from: Day, to: Day): number => {
  const within = (days: ReadonlySet<Day>): number =>
    days.values().reduce((count, day) => (from < day && day <= to ? count + 1 : count), 0)
  return calendar
    .values()
    .map(exceptionsOf)
    .reduce((count, { off, on }) => count - within(off) + within(on), weekdaysUpTo(to) - weekdaysUpTo(from))
}

/** Years in order as officials read them: `2020 至 2023、2026`. */
export const yearsText = (years: readonly number[]): string => {
  const isNext = (year: number | undefined, after: number): boolean => year === after + 1
  const starts = years.filter((year, index) => !isNext(year, years[index - 1] ?? NaN))
  const ends = years.filter((year, index) => !isNext(years[index + 1], year))
  return starts
    .map((start, index) =>
      start === ends[index] ? String(start) : `${String(start)} 至 ${String(ends[index])}`,
    )
    .join('、')
}
