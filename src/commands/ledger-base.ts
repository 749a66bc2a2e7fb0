import { Flags } from '@oclif/core'
import type { Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { type Context, type Ledger, yearsText } from '../ledger/index.ts'
import { ledgerContext } from '../service/ledger-context.ts'
import { instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'

export const planFlag = Flags.string({ summary: 'only this work plan', helpValue: 'ID' })

export const contextOf = (config: Config, asOf: string | undefined): Context =>
  ledgerContext(config, instantOf(asOf, config.timezone, Date.now()))

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
      this.note(`工作日历没有 ${yearsText(uncharted)} 年：按周一至周五计；可用 ledger.calendarFile 补充`)
  }
}

/** When something is said to have happened: not later than now. ISO 8601. */
export const happenedAt = (text: string | undefined, timeZone: string, now: number): string => {
  const moment = instantOf(text, timeZone, now)
  // Today's end is still to come; what happened today happened by now.
  if (text !== undefined && dayIn(timeZone, now) === text) return new Date(now).toISOString()
  if (moment <= now) return new Date(moment).toISOString()
  throw new UsageFault([{ where: '--as-of', message: `expected a time that has come, got ${text ?? ''}` }])
}
