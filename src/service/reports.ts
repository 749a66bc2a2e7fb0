import { existsSync } from 'node:fs'
import { bulletinNumber } from '../../inventory/bulletin.ts'
import type { Inventory } from '../../inventory/store.ts'
import { readTotals } from '../collector/history/totals.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { Config } from '../config/index.ts'
import { type Day, type DayRange, dayIn, endOfDay, startOfDay } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import type { Context } from '../ledger/index.ts'
import { compilePlan } from '../plan/compile.ts'
import { planSettings } from '../plan/settings.ts'
import { assemble } from '../reports/assemble/index.ts'
import type { Looks } from '../reports/assemble/input.ts'
import { type Corrected, type Report, type ReportKind, reportKindLabels } from '../reports/model.ts'
import type { Period } from '../reports/periods.ts'
import { historyFile } from './host-evidence.ts'
import { readVerifyInput } from './verify.ts'

export interface ReportRequest {
  readonly kind: ReportKind
  readonly period: Period
  /** Only this unit. */
  readonly unit?: string | undefined
  /** Whose bulletin it is; default: whom the work plan names for it. */
  readonly organ?: string | undefined
  readonly issuedOn?: Day
  readonly corrects?: Corrected
}

/** From what a report is made. */
export interface ReportGround {
  readonly config: Config
  readonly inventory: Inventory
  readonly auditHead: string
  /** Clock and rules of whoever asks. */
  readonly context: Context
}

const sum = (all: readonly Looks[]): Looks =>
  all.reduce((left, right) => ({
    target: left.target,
    up: left.up + right.up,
    down: left.down + right.down,
    unknown: left.unknown + right.unknown,
  }))

/** Looks by target within some days up to the cut-off; of those that must not be answered, none. */
const looksIn = (
  { config, inventory }: ReportGround,
  ranges: readonly DayRange[],
  cutoff: number,
): readonly (readonly Looks[])[] => {
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return ranges.map(() => [])
  const turned = new Set(
    compilePlan(inventory, planSettings(config.probing))
      .jobs.filter(({ expect }) => expect !== 'reachable')
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

/** The same instant as a clock on the wall there shows it, with its offset. */
const wallClock = (timeZone: string, at: number): string => {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')
    ?.value.replace('GMT', '')
  return `${format.format(at).replace(' ', 'T')}${offset === '' || offset === undefined ? 'Z' : offset}`
}

const organOf = (inventory: Inventory, { kind, organ }: ReportRequest): string => {
  if (organ !== undefined) return organ
  const word = reportKindLabels[kind]
  const by = [...inventory.workplan.values()]
    .flatMap(({ reporting }) => reporting)
    .find(({ name }) => name === word)?.by
  const name = inventory.unit.get(by ?? '')?.name
  if (name !== undefined) return name
  throw new UsageFault([
    {
      where: '--organ',
      message: `expected whose bulletin it is: no work plan names a unit for ${word}`,
      suggestion: '--organ 开封市行政服务中心, or `reporting` of the work plan',
    },
  ])
}

/** The number that a bulletin of this kind and unit has next, in the year of a day. */
export const nextNumber = (
  inventory: Inventory,
  { kind, unit }: Pick<ReportRequest, 'kind' | 'unit'>,
  day: Day,
): { readonly year: number; readonly issue: number } => {
  const year = Number(day.slice(0, 4))
  const issues = [...inventory.bulletin.values()]
    .filter((each) => each.kind === kind && each.unit === unit && each.year === year)
    .map(({ issue }) => issue)
  return { year, issue: Math.max(0, ...issues) + 1 }
}

const commandOf = ({ kind, period, unit }: ReportRequest, cutoff: string): string =>
  [
    `yiwang report ${kind} ${kind === 'weekly' ? '--week' : '--month'} ${period.name}`,
    unit !== undefined && `--unit ${unit}`,
    `--as-of ${cutoff}`,
  ]
    .filter(Boolean)
    .join(' ')

/** When the evidence of a period ends: with it, or now. */
export const cutoffOf = ({ timeZone, now }: Context, { range }: Period): number =>
  // A clock on the wall has no milliseconds, and the cut-off is to be given back to --as-of.
  Math.floor(Math.min(now, endOfDay(timeZone, range.to)) / 1000) * 1000

/** Makes a report. Rejects with `UsageFault` where nobody is named for it, `EnvironmentFault` where the history cannot be read. */
export const makeReport = async (ground: ReportGround, request: ReportRequest): Promise<Report> => {
  const { config, inventory, auditHead, context } = ground
  const { kind, period, unit, issuedOn, corrects } = request
  const now = cutoffOf(context, period)
  const [looks = [], looksBefore = []] = looksIn(ground, [period.range, period.before], now)
  const cutoff = wallClock(context.timeZone, now)
  return assemble({
    kind,
    organ: organOf(inventory, request),
    number: bulletinNumber(nextNumber(inventory, request, issuedOn ?? dayIn(context.timeZone, context.now))),
    period: period.name,
    range: period.range,
    before: period.before,
    inventory,
    context: { ...context, now },
    looks,
    looksBefore,
    verify: await readVerifyInput(config, inventory, { ...context, now }),
    verifyBefore: await readVerifyInput(config, inventory, {
      ...context,
      now: endOfDay(context.timeZone, period.before.to),
    }),
    ...(unit !== undefined && { unit }),
    ...(issuedOn !== undefined && { issuedOn }),
    ...(corrects !== undefined && { corrects }),
    basis: {
      storeRevision: inventory.revision,
      auditHead,
      evidenceCutoff: cutoff,
      command: commandOf(request, cutoff),
    },
  })
}
