import { existsSync } from 'node:fs'
import type { Config } from '../config/index.ts'
import { minuteIn } from '../core/day.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { type Ledger, openLedger } from '../security/ledger/ledger.ts'
import { ledgerFile } from '../service/security.ts'

/** Works on the findings and incidents of a data folder. Throws `EnvironmentFault` where no collector has run there. */
export const withLedger = <Value>(config: Config, work: (ledger: Ledger) => Value): Value => {
  const file = ledgerFile(config.dataFolder)
  if (!existsSync(file))
    throw new EnvironmentFault(
      'STORE_MISSING',
      `${file}: expected findings and incidents, there are none yet`,
      {
        suggestion: 'run a collector on this data folder: yiwang run, or yiwang collector run',
      },
    )
  using ledger = openLedger(file)
  return work(ledger)
}

/** `2026-11-26 16:40`, in a time zone: what is due, or is kept, may be of another year. */
export const timeIn = minuteIn
