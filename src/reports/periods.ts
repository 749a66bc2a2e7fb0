import { UsageFault } from '../core/fault.ts'
import type { BulletinKind } from '../../inventory/bulletin.ts'
import type { ReportKind } from './model.ts'
import {
  addDays,
  type Day,
  type DayRange,
  daysBetween,
  monthRange,
  parseDay,
  weekOf,
  weekRange,
} from '../core/day.ts'

/** A week, a month or a span, and the one before it. */
export interface Period {
  /** `2018-W26`, `2018-06`, `2018-06-01..2018-06-20`. */
  readonly name: string
  readonly range: DayRange
  readonly before: DayRange
}

/** What a report is of. */
export interface Chosen {
  readonly kind: ReportKind
  readonly period: Period
}

const kinds: Readonly<
  Record<BulletinKind, { readonly flag: string; readonly example: string; readonly of: (day: Day) => string }>
> = {
  weekly: { flag: '--week', example: 'an ISO week (2018-W26)', of: weekOf },
  monthly: { flag: '--month', example: 'a month (2018-06)', of: (day) => day.slice(0, 7) },
}

const rangeOf = (kind: BulletinKind, name: string): DayRange | undefined =>
  kind === 'weekly' ? weekRange(name) : monthRange(name)

const existing = (kind: BulletinKind, name: string, where: string): DayRange => {
  const range = rangeOf(kind, name)
  if (range === undefined)
    throw new UsageFault([{ where, message: `expected ${kinds[kind].example}, got ${name}` }])
  return range
}

/**
 * The period of that name; without a name the last that is over. Throws `UsageFault`, which names the flag, for what
 * is none, or is to come.
 */
export const periodOf = (
  kind: BulletinKind,
  name: string | undefined,
  today: Day,
  where = kinds[kind].flag,
): Period => {
  const { of } = kinds[kind]
  const current = existing(kind, of(today), where)
  const chosen = name ?? of(addDays(current.from, -1))
  const range = existing(kind, chosen, where)
  if (range.from > today)
    throw new UsageFault([
      {
        where,
        message: `expected a period that has begun by ${today}, got ${chosen}, which begins on ${range.from}`,
        suggestion: 'name an earlier one, or move the clock with --as-of',
      },
    ])
  return { name: chosen, range, before: existing(kind, of(addDays(range.from, -1)), where) }
}

/** The longest span: a year. */
const maxSpanDays = 366

const dayOf = (where: string, text: string): Day => {
  const day = parseDay(text)
  if (day !== undefined) return day
  throw new UsageFault([{ where, message: `expected a day (2018-06-30), got ${text}` }])
}

/** The days of a span, both included; the one before has as many. Throws `UsageFault`. */
export const spanOf = (since: string, until: string | undefined, today: Day): Period => {
  const range = { from: dayOf('--since', since), to: until === undefined ? today : dayOf('--until', until) }
  const refuse = (where: string, message: string, suggestion?: string): never => {
    throw new UsageFault([{ where, message, ...(suggestion !== undefined && { suggestion }) }])
  }
  const days = daysBetween(range.from, range.to) + 1
  if (range.from > today)
    refuse('--since', `expected a day up to ${today}, got ${since}`, 'move the clock with --as-of')
  if (days < 1) refuse('--until', `expected a day from ${since} on, got ${range.to}`)
  if (days > maxSpanDays) refuse('--since', `expected at most ${maxSpanDays} days, got ${days}`)
  const before = { from: addDays(range.from, -days), to: addDays(range.from, -1) }
  return { name: `${range.from}..${range.to}`, range, before }
}
