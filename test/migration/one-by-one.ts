import type { DatabaseSync } from 'node:sqlite'
import type { TimeWindow } from '../../src/collector/history/port.ts'
import { dayOf, hourMs, hourOf } from '../../src/collector/history/rollup.ts'
import { addDays, type Day, startOfDay } from '../../src/core/day.ts'
import { answeringCauses } from '../../src/core/outcome.ts'
import type { JobId } from '../../src/core/probe.ts'
import type { Vantage } from '../../src/core/target.ts'
import type { DayRatios, Look, ProbeDay, Silence, SilentDay } from '../../src/migration/days.ts'

/**
 * Days as they were read before all systems were read at once: one job after the other, an hour a row. It shares
 * nothing with `src/migration/days.ts` on purpose: what both say of the same history is compared.
 */

/** What one hour (UTC) of one job came to, all agents together. */
export interface HourCount {
  readonly job: JobId
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number
  readonly up: number
  readonly down: number
  readonly unknown: number
  /** Looks that were answered: those that were up, and, as far as single results are kept, failures that answer too. */
  readonly answered: number
}

// Numbers are bound as floating point, which would make hours of halves.
const withHours = `WITH RECURSIVE hours(hour) AS (
  SELECT CAST(:from AS INTEGER) UNION ALL SELECT hour + ${hourMs} FROM hours WHERE hour + ${hourMs} < :to)`

// The order of the joins is that of the keys: one index lookup an hour, or a day, whatever else is stored.
const countSql = `${withHours}
SELECT rollup.hour, up, down, unknown FROM hours CROSS JOIN job CROSS JOIN rollup
WHERE job.name = :job AND rollup.hour = hours.hour AND rollup.job = job.id`

const answerSql = `
WITH RECURSIVE days(day) AS (
  SELECT CAST(:first AS INTEGER) UNION ALL SELECT day + 1 FROM days WHERE day < :last)
SELECT observed_at / ${hourMs} * ${hourMs} AS hour, count(*) AS answered
FROM days CROSS JOIN job CROSS JOIN result CROSS JOIN cause
WHERE job.name = :job AND result.day = days.day AND result.job = job.id AND cause.id = result.cause
  AND cause.name IN (${[...answeringCauses].map((cause) => `'${cause}'`).join(', ')})
GROUP BY observed_at / ${hourMs}`

/** The first that is found in an hour will do: the hours of all jobs together are far too many to walk. */
const controlSql = (named: boolean): string => `${withHours}
SELECT hour FROM hours WHERE EXISTS (
  SELECT 1 FROM ${named ? 'job CROSS JOIN rollup' : 'rollup CROSS JOIN job'}
  WHERE job.id = rollup.job AND rollup.hour = hours.hour AND job.vantage = :vantage AND job.kind <> 'host'
    AND up > 0 AND down = 0 AND unknown = 0
    AND ${named ? 'job.target = :control' : 'job.target <> :target'})`

/** The hours of one job that lie in a window within `keptHours`, oldest first. */
export const readHours = (
  database: DatabaseSync,
  job: JobId,
  { from, to }: TimeWindow,
): readonly HourCount[] => {
  const days = { first: dayOf(from), last: dayOf(to) }
  const answers = new Map(
    database
      .prepare(answerSql)
      .all({ job, ...days })
      .map((row) => [Number(row['hour']), Number(row['answered'])]),
  )
  return database
    .prepare(countSql)
    .all({ job, from: hourOf(from), to })
    .map((row) => {
      const [hour, up] = [Number(row['hour']), Number(row['up'])]
      return {
        job,
        hour,
        up,
        down: Number(row['down']),
        unknown: Number(row['unknown']),
        answered: up + (answers.get(hour) ?? 0),
      }
    })
}

export interface ControlQuery {
  readonly vantage: Vantage
  /** What must have answered; absent: anything but `target`. */
  readonly control?: string | undefined
  readonly target: string
}

/**
 * Hours of a window of `keptHours` in which a control was looked at from that vantage and answered every time. What an
 * agent measures on its own machine is none.
 */
export const readControlHours = (
  database: DatabaseSync,
  { vantage, control, target }: ControlQuery,
  { from, to }: TimeWindow,
): ReadonlySet<number> => {
  const about = control === undefined ? { target } : { control }
  const rows = database
    .prepare(controlSql(control !== undefined))
    .all({ vantage, from: hourOf(from), to, ...about })
  return new Set(rows.map((row) => Number(row['hour'])))
}

/** The days that are asked for, in the zone of the site. */
export interface Calendar {
  readonly zone: string
  readonly days: readonly Day[]
}

type Hours = readonly HourCount[]

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
