import type { Day } from '../core/day.ts'
import type { JobId } from '../core/probe.ts'

/** What the history says of days: pure functions of hourly counts, so that anybody can count again. */

const hourMs = 3_600_000

/** One look as it is planned now. */
export interface Look {
  readonly job: JobId
  readonly intervalSeconds: number
}

/**
 * What one look came to in the hours of a day, all agents together: those from `from` up to `to` of lists that may hold
 * other looks as well, the first that begins in the day first.
 */
export interface LookHours {
  readonly from: number
  readonly to: number
  readonly up: ArrayLike<number>
  readonly down: ArrayLike<number>
  /** Of `down`, the failures in which something answered. */
  readonly answered: ArrayLike<number>
}

/** A day of the site, and what was looked at in it. In a zone whose offset is no whole hour, an hour belongs to the day that it begins in. */
export interface DayOfLooks {
  readonly day: Day
  /** From its first instant to that of the next day, milliseconds: not all have 24 hours. */
  readonly lengthMs: number
  /** Undefined where nobody looked. */
  readonly of: (job: JobId) => LookHours | undefined
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

const nothing: LookHours = { from: 0, to: 0, up: [], down: [], answered: [] }

const scheduledIn = ({ lengthMs }: DayOfLooks, { intervalSeconds }: Look): number =>
  lengthMs / (intervalSeconds * 1000)

/** At most as many as are scheduled count an hour: two agents do not make up for hours in which none looked. */
const mostAnHour = ({ intervalSeconds }: Look): number =>
  Math.max(1, Math.ceil(hourMs / (intervalSeconds * 1000)))

interface Tally {
  readonly scheduled: number
  readonly ran: number
  readonly up: number
  readonly upRatio: number
}

const tally = (look: Look, hours: DayOfLooks): Tally => {
  const { from, to, up, down } = hours.of(look.job) ?? nothing
  const most = mostAnHour(look)
  let [ups, runs, counted] = [0, 0, 0]
  for (let at = from; at < to; at += 1) {
    const ran = (up[at] ?? 0) + (down[at] ?? 0)
    ups += up[at] ?? 0
    runs += ran
    counted += Math.min(ran, most)
  }
  const scheduled = scheduledIn(hours, look)
  const ran = Math.min(scheduled, counted)
  const upRatio = runs === 0 ? 0 : ups / runs
  return { scheduled, ran, up: ran * upRatio, upRatio }
}

const none: readonly JobId[] = Object.freeze([])

/** Most days have none, and there are hundreds of thousands of them. */
const orNone = (jobs: readonly JobId[]): readonly JobId[] => (jobs.length === 0 ? none : jobs)

/** Whether a day counts as a probe-day: each look by itself must have run and been up often enough. */
export const probeDayOf = (
  looks: readonly Look[],
  hours: DayOfLooks,
  { ranRatio, upRatio }: DayRatios,
): ProbeDay => {
  const [short, failing]: [JobId[], JobId[]] = [[], []]
  let [scheduled, ran, up] = [0, 0, 0]
  for (const look of looks) {
    const each = tally(look, hours)
    scheduled += each.scheduled
    ran += each.ran
    up += each.up
    if (each.ran < ranRatio * each.scheduled) short.push(look.job)
    if (each.ran > 0 && each.upRatio < upRatio) failing.push(look.job)
  }
  return {
    day: hours.day,
    scheduled: Math.round(scheduled),
    ran: Math.round(ran),
    up: Math.round(up),
    counts: looks.length > 0 && short.length + failing.length === 0,
    short: orNone(short),
    failing: orNone(failing),
  }
}

interface Met {
  readonly standing: Silence
  readonly uncontrolled: number
}

type IsControlled = (hour: number) => boolean

const metBy = (look: Look, hours: DayOfLooks, isControlled: IsControlled, needed: number): Met => {
  const { from, to, up, down, answered } = hours.of(look.job) ?? nothing
  const most = mostAnHour(look)
  let [silent, uncontrolled, answers] = [0, 0, 0]
  for (let at = from; at < to; at += 1) {
    const silences = down[at] ?? 0
    answers += (up[at] ?? 0) + (answered[at] ?? 0)
    if (isControlled(at - from)) silent += Math.min(silences, most)
    else uncontrolled += silences
  }
  if (answers > 0) return { standing: 'answered', uncontrolled }
  return { standing: silent > 0 && silent >= needed ? 'silent' : 'unknown', uncontrolled }
}

/**
 * Whether the old place was silent on a day. `isControlled` knows the hours of the day in which the control answered
 * every time: silence of another hour is not counted, since whoever looked may have been cut off.
 */
export const silentDayOf = (
  looks: readonly Look[],
  hours: DayOfLooks,
  isControlled: IsControlled,
  { ranRatio }: Pick<DayRatios, 'ranRatio'>,
): SilentDay => {
  const [answered, unknown]: [JobId[], JobId[]] = [[], []]
  let uncontrolled = 0
  for (const look of looks) {
    const met = metBy(look, hours, isControlled, ranRatio * Math.floor(scheduledIn(hours, look)))
    uncontrolled += met.uncontrolled
    if (met.standing === 'answered') answered.push(look.job)
    if (met.standing === 'unknown') unknown.push(look.job)
  }
  const isSilent = looks.length > 0 && unknown.length === 0
  return {
    day: hours.day,
    standing: answered.length > 0 ? 'answered' : isSilent ? 'silent' : 'unknown',
    answered: orNone(answered),
    unknown: orNone(unknown),
    uncontrolled,
  }
}

/** Silent days since the last answer; days of which nothing is known neither count nor end them. */
export const silentSinceAnswer = (days: readonly SilentDay[]): number => {
  const last = days.findLastIndex(({ standing }) => standing === 'answered')
  return days.slice(last + 1).filter(({ standing }) => standing === 'silent').length
}
