import { type BulletinKind, bulletinKinds, bulletinNumber } from '../../inventory/bulletin.ts'
import { inventoryAt } from '../../inventory/past.ts'
import type { AuditEntry, Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { type Day, dayIn, endOfDay, startOfDay, timeIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { given } from '../core/given.ts'
import type { Context } from '../ledger/index.ts'
import { assemble } from '../reports/assemble/index.ts'
import type { Template } from '../reports/docx/template-file.ts'
import type { ReportInput } from '../reports/assemble/input.ts'
import { type Corrected, type Report, type ReportKind, reportKindLabels } from '../reports/model.ts'
import { recordedWithin, verifyNamed } from '../verify/index.ts'
import { examineInventory } from './evidence.ts'
import { looksIn } from './report-looks.ts'
import { readSecurityRecords } from './security-records.ts'
import type { Period } from '../reports/periods.ts'
import { verdictHistory } from './verdict-log.ts'
import { readVerifyInput } from './verify.ts'

export interface ReportRequest {
  readonly kind: ReportKind
  readonly period: Period
  /** Only this unit. */
  readonly unit?: string | undefined
  /** Whose bulletin it is; default: whom the work plan names for it. */
  readonly organ?: string | undefined
  readonly issuedOn?: Day
  /** Gives the docx its layout. */
  readonly template?: Template | undefined
  readonly corrects?: Corrected
}

/** From what a report is made. */
export interface ReportGround {
  readonly config: Config
  readonly inventory: Inventory
  readonly auditHead: string
  /** The audit log, oldest entry first. */
  readonly audit: () => AsyncIterable<AuditEntry>
  /** Clock and rules of whoever asks. */
  readonly context: Context
}

/** The same instant as a clock on the wall there shows it, with its offset. */
const wallClock = (timeZone: string, at: number): string => {
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')
    ?.value.replace('GMT', '')
  return `${timeIn(timeZone, at).replace(' ', 'T')}${offset === '' || offset === undefined ? 'Z' : offset}`
}

const organOf = (inventory: Inventory, { kind, organ }: ReportRequest): string => {
  if (organ !== undefined) return organ
  const word = reportKindLabels[kind]
  // A work plan says who reports weeks and months; who does, reports what lies between.
  const words = kind === 'span' ? Object.values(bulletinKinds) : [word]
  const [by = ''] = [...inventory.workplan.values()]
    .flatMap(({ reporting }) => reporting)
    .filter(({ name }) => words.includes(name))
    .flatMap(({ by }) => by ?? [])
  const name = inventory.unit.get(by)?.name
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
  { kind, unit }: { readonly kind: BulletinKind; readonly unit?: string | undefined },
  day: Day,
): { readonly year: number; readonly issue: number } => {
  const year = Number(day.slice(0, 4))
  const issues = [...inventory.bulletin.values()]
    .filter((each) => each.kind === kind && each.unit === unit && each.year === year)
    .map(({ issue }) => issue)
  return { year, issue: Math.max(0, ...issues) + 1 }
}

/** The flags that name a period. */
export const periodFlags = ({
  kind,
  period: { name, range },
}: Pick<ReportRequest, 'kind' | 'period'>): string => {
  if (kind === 'span') return `--since ${range.from} --until ${range.to}`
  return `${kind === 'weekly' ? '--week' : '--month'} ${name}`
}

const commandOf = (request: ReportRequest, cutoff: string): string => {
  const { kind, unit, template } = request
  return [
    `yiwang report ${kind} ${periodFlags(request)}`,
    unit !== undefined && `--unit ${unit}`,
    template !== undefined && `--template ${template.name}`,
    `--as-of ${cutoff}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** When the evidence of a period ends: with it, or now. */
export const cutoffOf = ({ timeZone, now }: Context, { range }: Period): number =>
  // A clock on the wall has no milliseconds, and the cut-off is to be given back to --as-of.
  Math.floor(Math.min(now, endOfDay(timeZone, range.to)) / 1000) * 1000

const numberOf = (inventory: Inventory, { kind, unit, issuedOn }: ReportRequest, today: Day): string =>
  kind === 'span' ? '' : bulletinNumber(nextNumber(inventory, { kind, unit }, issuedOn ?? today))

/** What was seen and judged by the cut-off, and by the end of the period before. */
const seenBy = async (ground: ReportGround, { period }: ReportRequest, now: number) => {
  const { config, inventory, context } = ground
  const [looks = [], looksBefore = []] = looksIn(ground, [period.range, period.before], now)
  const before = endOfDay(context.timeZone, period.before.to)
  const verify = await readVerifyInput(config, inventory, { ...context, now }, { everySystem: true })
  const security = readSecurityRecords(config.dataFolder, { now, before })
  const recordedBefore = recordedWithin(await verdictHistory(config.dataFolder), {
    from: startOfDay(context.timeZone, period.before.from),
    to: before,
  })
  const { claims: results, unkept } = await examineInventory(config, inventory, now)
  return {
    looks,
    looksBefore,
    verify,
    named: verifyNamed(verify),
    results,
    unkept,
    ...given({ security, recordedBefore }),
  }
}

/** Everything that a report is made of. Rejects as `makeReport` does. */
export const reportInput = async (newest: ReportGround, request: ReportRequest): Promise<ReportInput> => {
  const { auditHead, context } = newest
  const { kind, period, unit, issuedOn, corrects, template } = request
  const now = cutoffOf(context, period)
  const cutoff = wallClock(context.timeZone, now)
  const { inventory, past } = await inventoryAt(newest.inventory, newest.audit(), now)
  return {
    kind,
    organ: organOf(inventory, request),
    number: numberOf(inventory, request, dayIn(context.timeZone, context.now)),
    period: period.name,
    range: period.range,
    before: period.before,
    inventory,
    context: { ...context, now },
    ...(await seenBy({ ...newest, inventory }, request, now)),
    ...(unit !== undefined && { unit }),
    ...(issuedOn !== undefined && { issuedOn }),
    ...(corrects !== undefined && { corrects }),
    basis: {
      storeRevision: inventory.revision,
      auditHead,
      past:
        past.kind === 'unknown'
          ? { ...past, firstAt: wallClock(context.timeZone, Date.parse(past.firstAt)) }
          : past,
      ...(template !== undefined && { template: { name: template.name, sha256: template.sha256 } }),
      evidenceCutoff: cutoff,
      command: commandOf(request, cutoff),
    },
  }
}

/** Makes a report. Rejects with `UsageFault` where nobody is named for it, `EnvironmentFault` where the history cannot be read. */
export const makeReport = async (ground: ReportGround, request: ReportRequest): Promise<Report> =>
  assemble(await reportInput(ground, request))
