import type { Calendar } from '../../inventory/ledger/index.ts'
import { addDays, type Day, weekday } from '../core/day.ts'

/** Working days by a calendar; in a year that it does not have, Monday to Friday. */

const sets = new WeakMap<object, { readonly off: ReadonlySet<Day>; readonly on: ReadonlySet<Day> }>()

const exceptions = (calendar: Calendar, day: Day) => {
  const year = calendar.get(Number(day.slice(0, 4)))
  if (year === undefined) return undefined
  const known = sets.get(year) ?? { off: new Set(year.holidays), on: new Set(year.workdays) }
  sets.set(year, known)
  return known
}

const friday = 5

export const isWorkingDay = (calendar: Calendar, day: Day): boolean => {
  const listed = exceptions(calendar, day)
  if (listed?.on.has(day) === true) return true
  return weekday(day) <= friday && listed?.off.has(day) !== true
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

/** Working days after one day up to another, which is later. */
export const workingDaysBetween = (calendar: Calendar, from: Day, to: Day): number => {
  let count = 0
  for (let day = addDays(from, 1); day <= to; day = addDays(day, 1))
    if (isWorkingDay(calendar, day)) count += 1
  return count
}
