import type { NotifySettings } from '../../config/notify-settings.ts'
import { backoffMs } from '../../core/backoff.ts'
import { addDays, dayIn, startOfDay } from '../../core/day.ts'
import type { Severity } from '../events.ts'
import { isAsGrave } from './notice.ts'

export type Policy = Pick<NotifySettings, 'quiet' | 'digest'> & { readonly timezone: string }

const minuteMs = 60_000

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** When the quiet hours end that an instant lies in; undefined where it lies in none. */
const quietUntil = (at: number, { quiet: { from, to }, timezone }: Policy): number | undefined => {
  if (from === undefined || to === undefined) return undefined
  const today = dayIn(timezone, at)
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  const atMinute = (day: string, minutes: number): number => startOfDay(timezone, day) + minutes * minuteMs
  return [addDays(today, -1), today]
    .map((day) => ({ from: atMinute(day, begin), to: atMinute(end > begin ? day : addDays(day, 1), end) }))
    .find((span) => at >= span.from && at < span.to)?.to
}

/** The same instant, or the end of the quiet hours that hold back a notice of that severity then. */
export const notInQuiet = (severity: Severity, at: number, policy: Policy): number =>
  isAsGrave(severity, policy.quiet.unless) ? at : (quietUntil(at, policy) ?? at)

/** When a notice of that severity may be told: now, with the next digest, or when the quiet hours end. */
export const dueAt = (severity: Severity, at: number, policy: Policy): number => {
  const { digest } = policy
  const canWait = isAsGrave(digest.severity, severity)
  const soonest = canWait ? Math.ceil(at / (digest.seconds * 1000)) * digest.seconds * 1000 : at
  return notInQuiet(severity, soonest, policy)
}

const maxRetryMs = 30 * minuteMs
/** News that is older is no news: it stays in the log. */
const giveUpMs = 24 * 60 * minuteMs

/** When to try again after so many failures; undefined where it is to be given up. */
export const retryAt = (failures: number, firstAt: number, now: number): number | undefined =>
  now - firstAt > giveUpMs ? undefined : now + backoffMs(failures, maxRetryMs)
