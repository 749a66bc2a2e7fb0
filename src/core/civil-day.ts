/** Days of a calendar in a time zone, as `YYYY-MM-DD`: they sort as text. Instants are milliseconds since the epoch. */
export type CivilDay = string

const dayMs = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a format costs a thousand times what using one does. */
const formatIn = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  formats.set(zone, format)
  return format
}

/** The wall clock of a zone, as if it were UTC. */
const wallClock = (at: number, zone: string): number =>
  Date.parse(`${formatIn(zone).format(at).replace(' ', 'T')}Z`)

/** The day of an instant in an IANA time zone. */
export const civilDay = (at: number, zone: string): CivilDay => formatIn(zone).format(at).slice(0, 10)

/** The day so many days later, or earlier. */
export const addDays = (day: CivilDay, days: number): CivilDay =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** Days from one to the other; negative where the other is earlier. */
export const daysBetween = (from: CivilDay, to: CivilDay): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / dayMs)

/** When a day begins in a zone. */
export const startOfDay = (day: CivilDay, zone: string): number => {
  const midnight = Date.parse(day)
  const guess = midnight - (wallClock(midnight, zone) - midnight)
  // A zone that changed its offset since: once more from near the place.
  return guess - (wallClock(guess, zone) - midnight)
}

/** Every day from one to another, both included. */
export const daysFrom = (from: CivilDay, to: CivilDay): readonly CivilDay[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, index) => addDays(from, index))
