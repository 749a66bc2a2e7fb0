import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Flags } from '@oclif/core'
import { bulletinNumber } from '../../inventory/bulletin.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { type Day, dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import type { Report } from '../reports/model.ts'
import { type Chosen, periodOf, spanOf } from '../reports/periods.ts'
import { render, type ReportFormat, reportFormats } from '../reports/render.ts'
import { issuedFor } from '../service/issue-report.ts'
import { makeReport } from '../service/reports.ts'
import { asOfFlag } from './as-of.ts'
import { recordOf } from './inventory/record.ts'
import { groundOf, organFlag, templateFlag, templateOf, unitFlag } from './report-ground.ts'
import { type LedgerFlags, contextOf } from './ledger-base.ts'
import { YiwangCommand } from './base.ts'

const draftFlags = {
  unit: unitFlag,
  organ: organFlag,
  out: Flags.string({ summary: 'file to write; its ending is the form', helpValue: 'FILE' }),
  format: Flags.option({
    summary: 'form (default: the ending of --out, or md)',
    options: reportFormats,
  })(),
  template: templateFlag,
  ...asOfFlag,
}

interface DraftFlags extends LedgerFlags {
  readonly unit?: string | undefined
  readonly organ?: string | undefined
  readonly out?: string | undefined
  readonly format?: ReportFormat | undefined
  readonly template?: string | undefined
}

/** Forms that are text and may go to a terminal. */
const texts: ReadonlySet<ReportFormat> = new Set(['md', 'html'])

const formatOf = ({ out, format }: DraftFlags): ReportFormat => {
  const ending = path.extname(out ?? '').slice(1)
  const chosen =
    format ?? reportFormats.find((each) => each === ending) ?? (out === undefined ? 'md' : undefined)
  if (chosen === undefined)
    throw new UsageFault([
      {
        where: '--out',
        message: `expected a file that ends in ${reportFormats.map((each) => `.${each}`).join(', ')}, got ${out ?? ''}`,
        suggestion: 'or name the form with --format',
      },
    ])
  if (out === undefined && !texts.has(chosen))
    throw new UsageFault([{ where: '--out', message: `expected a file for ${chosen}, got none` }])
  return chosen
}

abstract class DraftCommand extends YiwangCommand {
  protected async draft(choose: (today: Day) => Chosen, flags: DraftFlags): Promise<Report> {
    const format = formatOf(flags)
    if (flags.template !== undefined && format !== 'docx')
      throw new UsageFault([{ where: '--template', message: `expected it with a docx, got ${format}` }])
    const template = await templateOf(flags.template)
    const config = this.configuration(flags)
    const context = contextOf(config, flags['as-of'])
    await using store = await this.openInventory(config)
    const ground = await groundOf(store, config, context)
    const { unit, organ, out } = flags
    if (unit !== undefined) recordOf(ground.inventory, 'unit', unit)
    const { kind, period } = choose(dayIn(context.timeZone, context.now))
    const report = await makeReport(ground, { kind, period, unit, organ, template })
    const issued = issuedFor(ground.inventory, { kind, unit, period })
    if (issued !== undefined)
      this.note(
        `${period.name} was issued as ${issued.id} (${bulletinNumber(issued)}): this is another draft`,
      )
    const isPrinted = out === undefined && this.jsonEnabled()
    const bytes = isPrinted ? new Uint8Array() : await render(report, format, template)
    if (out !== undefined) {
      await guarded(out, () => writeFile(out, bytes))
      this.note(
        `${out}: ${report.title.replaceAll('\n', '')}, ${report.number}, draft, ${bytes.length} bytes`,
      )
    } else if (!isPrinted) this.line(Buffer.from(bytes).toString().trimEnd())
    return report
  }
}

export class ReportWeekly extends DraftCommand {
  static override readonly summary = 'the weekly bulletin (周通报) as a draft: docx, xlsx, html or md'
  static override readonly description =
    'A draft until `report issue` freezes it. Nothing later than the end of the week, or than --as-of, is in it; --json prints its model.'
  static override readonly examples = [
    '<%= config.bin %> report weekly --week 2018-W26 --as-of 2018-07-02 --out w26.docx',
    '<%= config.bin %> report weekly --week 2018-W26 --as-of 2018-07-02',
  ]
  static override readonly flags = {
    week: Flags.string({ summary: 'ISO week (default: the last that is over)', helpValue: 'YYYY-Www' }),
    ...draftFlags,
  }

  async run(): Promise<Report> {
    const { flags } = await this.parse(ReportWeekly)
    return this.draft((today) => ({ kind: 'weekly', period: periodOf('weekly', flags.week, today) }), flags)
  }
}

export class ReportMonthly extends DraftCommand {
  static override readonly summary =
    'the monthly supervision (月督导) as a draft, with trends and a sheet a unit'
  static override readonly description =
    'A draft until `report issue` freezes it. Nothing later than the end of the month, or than --as-of, is in it; --json prints its model.'
  static override readonly examples = [
    '<%= config.bin %> report monthly --month 2018-06 --as-of 2018-07-02 --out 2018-06.xlsx',
  ]
  static override readonly flags = {
    month: Flags.string({ summary: 'month (default: the last that is over)', helpValue: 'YYYY-MM' }),
    ...draftFlags,
  }

  async run(): Promise<Report> {
    const { flags } = await this.parse(ReportMonthly)
    return this.draft(
      (today) => ({ kind: 'monthly', period: periodOf('monthly', flags.month, today) }),
      flags,
    )
  }
}

export class ReportSpan extends DraftCommand {
  static override readonly summary =
    'a report over any days (阶段通报), compared with as many days before them'
  static override readonly description =
    'Never issued: it has no number, bulletins are of weeks and months. Days are those of the configured time zone. Nothing later than the last day, or than --as-of, is in it; --json prints its model.'
  static override readonly examples = [
    '<%= config.bin %> report span --since 2018-06-01 --until 2018-06-20 --out june.docx',
  ]
  static override readonly flags = {
    since: Flags.string({ summary: 'first day', helpValue: 'DAY', required: true }),
    until: Flags.string({ summary: 'last day (default: today, or the day of --as-of)', helpValue: 'DAY' }),
    ...draftFlags,
  }

  async run(): Promise<Report> {
    const { flags } = await this.parse(ReportSpan)
    return this.draft((today) => ({ kind: 'span', period: spanOf(flags.since, flags.until, today) }), flags)
  }
}
