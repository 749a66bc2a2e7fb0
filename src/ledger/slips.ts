import { isDoneState } from '../../inventory/ledger/index.ts'
import { addDays, type Day } from '../core/day.ts'
import { type Context, today } from './context.ts'
import type { Item } from './items.ts'
import type { SlipColour } from './policy.ts'
import { stateOn } from './timeline.ts'
import { isWorkingDay } from './working-days.ts'

/** A supervision slip (督查单) that the rules issue. */
export interface Slip {
  readonly colour: SlipColour
  readonly issuedOn: Day
}

/**
 * The slips that an item has got so far. Only days on which it was open count: putting it off stops the clock,
 * being done ends it, falling back starts it again where it stood.
 */
export const slipsOf = (item: Item, context: Context): readonly Slip[] => {
  const { due, timeline } = item
  const end = today(context)
  const slips: Slip[] = []
  if (due === undefined) return slips
  let open = 0
  for (let day = addDays(due, 1); day <= end; day = addDays(day, 1)) {
    const rule = context.policy.slips[slips.length]
    if (rule === undefined) break
    const state = stateOn(timeline, day)
    if (isDoneState(state) || state === 'deferred' || !isWorkingDay(context.calendar, day)) continue
    open += 1
    if (open >= rule.afterWorkingDays) slips.push({ colour: rule.colour, issuedOn: day })
  }
  return slips
}
