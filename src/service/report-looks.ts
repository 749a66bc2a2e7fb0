import { existsSync } from 'node:fs'
import type { Inventory } from '../../inventory/store.ts'
import { openForReading } from '../collector/history/schema.ts'
import { readTotals } from '../collector/history/totals.ts'
import type { Config } from '../config/index.ts'
import { type DayRange, endOfDay, startOfDay } from '../core/day.ts'
import { compileJobs } from '../plan/compile.ts'
import { planSettings } from '../plan/settings.ts'
import type { Looks } from '../reports/assemble/input.ts'
import { historyFile } from './host-evidence.ts'

const sum = (all: readonly Looks[]): Looks =>
  all.reduce((left, right) => ({
    target: left.target,
    up: left.up + right.up,
    down: left.down + right.down,
    unknown: left.unknown + right.unknown,
  }))

/** Looks by target within some days up to the cut-off; of those that must not be answered, none. */
export const looksIn = (
  { config, inventory }: { readonly config: Config; readonly inventory: Inventory },
  ranges: readonly DayRange[],
  cutoff: number,
): readonly (readonly Looks[])[] => {
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return ranges.map(() => [])
  const turned = new Set(
    compileJobs(inventory, planSettings(config.probing))
      .filter(({ expect }) => expect !== 'reachable')
      .map(({ id }) => id),
  )
  const database = openForReading(file)
  try {
    return ranges.map(({ from, to }) => {
      const window = {
        from: startOfDay(config.timezone, from),
        to: Math.min(endOfDay(config.timezone, to), cutoff) + 1,
      }
      const totals = readTotals(database, window).filter(({ job }) => !turned.has(job))
      return [...Map.groupBy(totals, ({ target }) => target).values()].map(sum)
    })
  } finally {
    database.close()
  }
}
