import { type Problem, UsageFault } from '../core/fault.ts'
import { addDays, type Day, type DayRange, monthRange, weekOf, weekRange } from '../core/day.ts'
import type { ReportKind } from './model.ts'

/** A week or a month, and the one before it. */
export interface Period {
  /** `2018-W26` or `2018-06`. */
  readonly name: string
  readonly range: DayRange
  readonly before: DayRange
}

const kinds: Readonly<
  Record<ReportKind, { readonly flag: string; readonly example: string; readonly of: (day: Day) => string }>
> = {
  weekly: { flag: '--week', example: 'an ISO week (2018-W26)', of: weekOf },
  monthly: { flag: '--month', example: 'a month (2018-06)', of: (day) => day.slice(0, 7) },
}

const rangeOf = (kind: ReportKind, name: string): DayRange | undefined =>
  kind === 'weekly' ? weekRange(name) : monthRange(name)

const fault = (kind: ReportKind, problem: Omit<Problem, 'where'>): UsageFault =>
  new UsageFault([{ where: kinds[kind].flag, ...problem }])

const existing = (kind: ReportKind, name: string): DayRange => {
  const range = rangeOf(kind, name)
  if (range === undefined) throw fault(kind, { message: `expected ${kinds[kind].example}, got ${name}` })
  return range
}

/** The period of that name; without a name the last that is over. Throws `UsageFault` for what is none, or is to come. */
export const periodOf = (kind: ReportKind, name: string | undefined, today: Day): Period => {
  const { of } = kinds[kind]
  const current = existing(kind, of(today))
  const chosen = name ?? of(addDays(current.from, -1))
  const range = existing(kind, chosen)
  if (range.from > today)
    throw fault(kind, {
      message: `expected a period that has begun by ${today}, got ${chosen}, which begins on ${range.from}`,
      suggestion: 'name an earlier one, or move the clock with --as-of',
    })
  return { name: chosen, range, before: existing(kind, of(addDays(range.from, -1))) }
}
