import { Flags } from '@oclif/core'
import { type Calendar, calendarWith, readCalendar } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { readYaml } from '../config/yaml-source.ts'
import { dayIn, endOfDay, parseDay } from '../core/day.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { type Context, type Ledger, policyOf } from '../ledger/index.ts'
import { YiwangCommand } from './base.ts'

export const asOfFlag = Flags.string({
  summary: 'as it was at the end of this day, or at this moment (default: now)',
  helpValue: 'DATE',
})

export const planFlag = Flags.string({ summary: 'only this work plan', helpValue: 'ID' })

/** The moment that `--as-of` names: a day is its end in the time zone. */
export const momentOf = (text: string | undefined, timeZone: string, now: number): number => {
  if (text === undefined) return now
  const day = parseDay(text)
  if (day !== undefined) return endOfDay(timeZone, day)
  const instant = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/u.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(instant)) return instant
  throw new UsageFault([
    {
      where: '--as-of',
      message: `expected a day or a moment with its zone, got ${text}`,
      suggestion: '2018-06-30, or 2018-06-30T12:00:00+08:00',
    },
  ])
}

const calendarOf = (file: string | undefined): Calendar => {
  if (file === undefined) return calendarWith()
  const source = readYaml(file)
  if (source === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `there is no calendar file ${file}`)
  return calendarWith(readCalendar(source.value, source.placeOf))
}

export const contextOf = (config: Config, asOf: string | undefined): Context => ({
  now: momentOf(asOf, config.timezone, Date.now()),
  timeZone: config.timezone,
  calendar: calendarOf(config.ledger.calendarFile),
  policy: policyOf(config.ledger),
})

export interface LedgerFlags {
  readonly data?: string | undefined
  readonly config?: string | undefined
  readonly 'as-of'?: string | undefined
}

/** Commands that look at the ledger. */
export abstract class LedgerCommand extends YiwangCommand {
  protected async look(
    flags: LedgerFlags,
  ): Promise<{ readonly inventory: Inventory; readonly context: Context }> {
    const config = this.configuration(flags)
    const context = contextOf(config, flags['as-of'])
    await using store = await this.openInventory(config)
    return { inventory: await store.read(), context }
  }

  /** What a reader of working days has to know. */
  protected noteUncharted({ uncharted }: Ledger): void {
    if (uncharted.length > 0)
      this.note(`工作日历没有 ${uncharted.join('、')} 年：按周一至周五计；可用 ledger.calendarFile 补充`)
  }
}

/** When something is said to have happened: not later than now. ISO 8601. */
export const happenedAt = (text: string | undefined, timeZone: string, now: number): string => {
  const moment = momentOf(text, timeZone, now)
  // Today's end is still to come; what happened today happened by now.
  if (text !== undefined && dayIn(timeZone, now) === text) return new Date(now).toISOString()
  if (moment <= now) return new Date(moment).toISOString()
  throw new UsageFault([{ where: '--as-of', message: `expected a time that has come, got ${text ?? ''}` }])
}
