import type { Calendar } from '../../inventory/ledger/index.ts'
import { type Day, dayIn } from '../core/day.ts'
import type { Policy } from './policy.ts'

/** By which clock, calendar and rules the ledger is judged. */
export interface Context {
  /** Nothing that was recorded later is known. */
  readonly now: number
  readonly timeZone: string
  readonly calendar: Calendar
  readonly policy: Policy
}

export const today = ({ now, timeZone }: Context): Day => dayIn(timeZone, now)

/** Day of a recorded time in the context's zone. */
export const dayOf = ({ timeZone }: Context, at: string): Day => dayIn(timeZone, Date.parse(at))
