import { addDays, type Day, startOfDay } from '../core/day.ts'
import type { JobId } from '../core/probe.ts'

/** What the history says of days: pure functions of hourly counts, so that anybody can count again. */

const hourMs = 3_600_000

/** One look as it is planned now. */
export interface Look {
  readonly job: JobId
  readonly intervalSeconds: number
}

/** What one hour (UTC) of one look came to, all agents together. */
export interface LookHour {
  readonly job: JobId
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number
  readonly up: number
  readonly down: number
  readonly unknown: number
  /** Looks that were answered, as expected or not. */
  readonly answered: number
}

/** The days that are asked for, in the zone of the site. */
export interface Calendar {
  readonly zone: string
  readonly days: readonly Day[]
}

export interface DayRatios {
  /** Share of the scheduled looks that must have run. */
  readonly ranRatio: number
  /** Share of those that must have been up. */
  readonly upRatio: number
}

/** A day of looks at the new place. Looks that ended unknown did not run: they are about us. */
export interface ProbeDay {
  readonly day: Day
  readonly scheduled: number
  readonly ran: number
  readonly up: number
  /** Every look ran and was up often enough. */
  readonly counts: boolean
  /** Looks that ran too seldom, and those that were up too seldom. */
  readonly short: readonly JobId[]
  readonly failing: readonly JobId[]
}

export type Silence = 'silent' | 'answered' | 'unknown'

/** A day of looks at the old place. */
export interface SilentDay {
  readonly day: Day
  /** `answered` by any look; `silent` where all met silence often enough while their control answered. */
  readonly standing: Silence
  readonly answered: readonly JobId[]
  readonly unknown: readonly JobId[]
  /** Looks that met silence while no control answered: they prove nothing. */
  readonly uncontrolled: number
}

type Hours = readonly LookHour[]

/** The day of each hour. In a zone whose offset is no whole hour, one belongs to the day that it begins in. */
const dayByHour = ({ zone, days }: Calendar): ReadonlyMap<number, Day> => {
  const byHour = new Map<number, Day>()
  for (const day of days) {
    const end = startOfDay(zone, addDays(day, 1))
    for (let hour = Math.ceil(startOfDay(zone, day) / hourMs) * hourMs; hour < end; hour += hourMs)
      byHour.set(hour, day)
  }
  return byHour
}

const byDay = (hours: Hours, calendar: Calendar): ReadonlyMap<string, Hours> => {
  const days = dayByHour(calendar)
  return Map.groupBy(hours, ({ hour, job }) => `${days.get(hour) ?? ''} ${job}`)
}

const scheduledOn = (day: Day, { intervalSeconds }: Look, zone: string): number =>
  (startOfDay(zone, addDays(day, 1)) - startOfDay(zone, day)) / (intervalSeconds * 1000)

/** At most as many as are scheduled count an hour: two agents do not make up for hours in which none looked. */
const capped = ({ intervalSeconds }: Look, runs: number): number =>
  Math.min(runs, Math.max(1, Math.ceil(hourMs / (intervalSeconds * 1000))))

const sum = <Item>(items: readonly Item[], read: (item: Item) => number): number =>
  items.reduce((total, item) => total + read(item), 0)

interface Tally {
  readonly job: JobId
  readonly scheduled: number
  readonly ran: number
  readonly up: number
  readonly upRatio: number
}

const tally = (look: Look, hours: Hours, scheduled: number): Tally => {
  const [ups, downs] = [sum(hours, ({ up }) => up), sum(hours, ({ down }) => down)]
  const ran = Math.min(
    scheduled,
    sum(hours, ({ up, down }) => capped(look, up + down)),
  )
  const upRatio = ups + downs === 0 ? 0 : ups / (ups + downs)
  return { job: look.job, scheduled, ran, up: ran * upRatio, upRatio }
}

const idsOf = (items: readonly { readonly job: JobId }[]): readonly JobId[] => items.map(({ job }) => job)

/** Which days count as probe-days: each look by itself must have run and been up often enough. */
export const probeDaysOf = (
  looks: readonly Look[],
  hours: Hours,
  calendar: Calendar,
  { ranRatio, upRatio }: DayRatios,
): readonly ProbeDay[] => {
  const grouped = byDay(hours, calendar)
  const { zone, days } = calendar
  return days.map((day) => {
    const tallies = looks.map((look) =>
      tally(look, grouped.get(`${day} ${look.job}`) ?? [], scheduledOn(day, look, zone)),
    )
    const short = tallies.filter(({ ran, scheduled }) => ran < ranRatio * scheduled)
    const failing = tallies.filter((each) => each.ran > 0 && each.upRatio < upRatio)
    return {
      day,
      scheduled: Math.round(sum(tallies, ({ scheduled }) => scheduled)),
      ran: Math.round(sum(tallies, ({ ran }) => ran)),
      up: Math.round(sum(tallies, ({ up }) => up)),
      counts: looks.length > 0 && short.length + failing.length === 0,
      short: idsOf(short),
      failing: idsOf(failing),
    }
  })
}

interface Met {
  readonly job: JobId
  readonly standing: Silence
  readonly uncontrolled: number
}

const metBy = (look: Look, hours: Hours, controlled: ReadonlySet<number>, needed: number): Met => {
  const { job } = look
  const silent = sum(hours, ({ hour, down }) => (controlled.has(hour) ? capped(look, down) : 0))
  const uncontrolled = sum(hours, ({ hour, down }) => (controlled.has(hour) ? 0 : down))
  if (hours.some(({ answered }) => answered > 0)) return { job, standing: 'answered', uncontrolled }
  return { job, standing: silent > 0 && silent >= needed ? 'silent' : 'unknown', uncontrolled }
}

const standingOf = (met: readonly Met[]): Silence => {
  if (met.some(({ standing }) => standing === 'answered')) return 'answered'
  return met.length > 0 && met.every(({ standing }) => standing === 'silent') ? 'silent' : 'unknown'
}

/**
 * On which days the old place was silent. `controlled` are the hours in which the control answered every time: silence
 * of another hour is not counted, since whoever looked may have been cut off.
 */
export const silentDaysOf = (
  looks: readonly Look[],
  { hours, controlled }: { readonly hours: Hours; readonly controlled: ReadonlySet<number> },
  calendar: Calendar,
  { ranRatio }: Pick<DayRatios, 'ranRatio'>,
): readonly SilentDay[] => {
  const grouped = byDay(hours, calendar)
  const { zone, days } = calendar
  return days.map((day) => {
    const met = looks.map((look) =>
      metBy(
        look,
        grouped.get(`${day} ${look.job}`) ?? [],
        controlled,
        ranRatio * Math.floor(scheduledOn(day, look, zone)),
      ),
    )
    const having = (wanted: Silence): readonly JobId[] =>
      idsOf(met.filter(({ standing }) => standing === wanted))
    return {
      day,
      standing: standingOf(met),
      answered: having('answered'),
      unknown: having('unknown'),
      uncontrolled: sum(met, (each) => each.uncontrolled),
    }
  })
}

/** Silent days since the last answer; days of which nothing is known neither count nor end them. */
export const silentSinceAnswer = (days: readonly SilentDay[]): number => {
  const last = days.findLastIndex(({ standing }) => standing === 'answered')
  return days.slice(last + 1).filter(({ standing }) => standing === 'silent').length
}
