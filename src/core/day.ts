/**
 * Calendar days of a time zone as `YYYY-MM-DD`, which sort as they follow. Instants are milliseconds since the
 * epoch. A range holds both of its days.
 */

export type Day = string
export interface DayRange {
  readonly from: Day
  readonly to: Day
}

const dayMs = 86_400_000
const asUtc = (day: Day): number => Date.parse(`${day}T00:00:00Z`)
const fromUtc = (instant: number): Day => new Date(instant).toISOString().slice(0, 10)

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format costs a thousand times what using one does. */
const formatIn = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  return format
}

/** The wall clock of a zone, as if it were UTC. */
const wallClock = (timeZone: string, at: number): number =>
  Date.parse(`${formatIn(timeZone).format(at).replace(' ', 'T')}Z`)

/** The calendar day in a time zone: `2026-11-26`. */
export const dayIn = (timeZone: string, at: number): Day => formatIn(timeZone).format(at).slice(0, 10)

/** Day and wall clock to the second: `2026-11-26 17:05:30`. */
export const timeIn = (timeZone: string, at: number): string => formatIn(timeZone).format(at)

/** Day and wall clock to the minute: `2026-11-26 17:05`. */
export const minuteIn = (timeZone: string, at: number): string => formatIn(timeZone).format(at).slice(0, 16)

export const addDays = (day: Day, days: number): Day => fromUtc(asUtc(day) + days * dayMs)

/** From one day to another: 0 for the same, negative backwards. */
export const daysBetween = (from: Day, to: Day): number => Math.round((asUtc(to) - asUtc(from)) / dayMs)

/** 1 is Monday, 7 is Sunday. */
export const weekday = (day: Day): number => new Date(asUtc(day)).getUTCDay() || 7

/** Every day from one to another, both included. */
export const daysFrom = (from: Day, to: Day): readonly Day[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, index) => addDays(from, index))

/** The first instant of a day in a time zone. */
export const startOfDay = (timeZone: string, day: Day): number => {
  const midnight = asUtc(day)
  const guess = midnight - (wallClock(timeZone, midnight) - midnight)
  // A zone that changed its offset since: once more from near the place.
  return guess - (wallClock(timeZone, guess) - midnight)
}

/** The last instant of a day in a time zone. */
export const endOfDay = (timeZone: string, day: Day): number => startOfDay(timeZone, addDays(day, 1)) - 1

const isDay = (text: string): boolean => {
  const instant = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? asUtc(text) : NaN
  return !Number.isNaN(instant) && fromUtc(instant) === text
}

/** A day, from text that may be none: `2018-02-30` is not. */
export const parseDay = (text: string): Day | undefined => (isDay(text) ? text : undefined)

const weekDays = 7

/** Monday of ISO week 1: that of the week which has 4 January. */
const firstMonday = (year: number): Day => {
  const fourth = `${String(year).padStart(4, '0')}-01-04`
  return addDays(fourth, 1 - weekday(fourth))
}

/** Days of an ISO week (`2018-W26`), Monday to Sunday; undefined for what is no week of that year. */
export const weekRange = (text: string): DayRange | undefined => {
  const [, year, week] = /^(\d{4})-W(\d{2})$/u.exec(text) ?? []
  if (year === undefined || week === undefined) return undefined
  const from = addDays(firstMonday(Number(year)), (Number(week) - 1) * weekDays)
  const isOfYear = Number(week) >= 1 && from < firstMonday(Number(year) + 1)
  return isOfYear ? { from, to: addDays(from, weekDays - 1) } : undefined
}

/** The ISO week that a day lies in: `2018-W26`. */
export const weekOf = (day: Day): string => {
  // The week belongs to the year that its Thursday is in.
  const year = Number(addDays(day, 4 - weekday(day)).slice(0, 4))
  const week = Math.floor(daysBetween(firstMonday(year), day) / weekDays) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** Days of a month (`2018-06`); undefined for what is none. */
export const monthRange = (text: string): DayRange | undefined => {
  const from = parseDay(`${text}-01`)
  if (from === undefined || text.length !== 7) return undefined
  const to = addDays(`${addDays(from, 31).slice(0, 7)}-01`, -1)
  return { from, to }
}
