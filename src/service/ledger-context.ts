import { type Calendar, calendarWith, readCalendar } from '../../inventory/ledger/index.ts'
import type { Config } from '../config/index.ts'
import { readYaml } from '../config/yaml-source.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { type Context, policyOf } from '../ledger/index.ts'

const calendarOf = (file: string | undefined): Calendar => {
  if (file === undefined) return calendarWith()
  const source = readYaml(file)
  if (source === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `there is no calendar file ${file}`)
  return calendarWith(readCalendar(source.value, source.placeOf))
}

/**
 * By what the ledger is judged at an instant, milliseconds since the epoch. Reads the calendar's file. Throws
 * `UsageFault` and `EnvironmentFault` of it.
 */
export const ledgerContext = (
  { timezone, ledger }: Pick<Config, 'timezone' | 'ledger'>,
  now: number,
): Context => ({
  now,
  timeZone: timezone,
  calendar: calendarOf(ledger.calendarFile),
  policy: policyOf(ledger),
})
