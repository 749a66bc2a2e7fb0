import { Flags } from '@oclif/core'
import { endOfDay, parseDay } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'

export const asOfFlag = {
  'as-of': Flags.string({
    summary: 'judge as of the end of this day, or of this time (default: now)',
    helpValue: 'DATE',
  }),
}

/** The instant that a flag means: the last millisecond of a day in the zone, or a time with its offset. */
export const instantOf = (text: string | undefined, zone: string, now: number, flag = '--as-of'): number => {
  if (text === undefined) return now
  const day = parseDay(text)
  if (day !== undefined) return endOfDay(zone, day)
  const time = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/u.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(time)) return time
  throw new UsageFault([
    {
      where: flag,
      message: `expected a day (2018-06-30) or a time (2018-06-30T18:00:00+08:00), got ${text}`,
    },
  ])
}
