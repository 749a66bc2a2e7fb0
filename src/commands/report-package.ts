import { Flags } from '@oclif/core'
import { type Day, dayIn } from '../core/day.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { type Chosen, periodOf, spanOf } from '../reports/periods.ts'
import { packReport, type Packed } from '../service/report-package.ts'
import { asOfFlag } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { recordOf } from './inventory/record.ts'
import { contextOf } from './ledger-base.ts'
import { groundOf, organFlag, unitFlag } from './report-ground.ts'

interface PeriodFlags {
  readonly week?: string | undefined
  readonly month?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

const chosenOf = ({ week, month, since, until }: PeriodFlags, today: Day): Chosen => {
  if (since !== undefined) return { kind: 'span', period: spanOf(since, until, today) }
  if (until !== undefined)
    throw new UsageFault([
      { where: '--since', message: `expected a first day beside --until ${until}, got none` },
    ])
  if (month !== undefined) return { kind: 'monthly', period: periodOf('monthly', month, today) }
  return { kind: 'weekly', period: periodOf('weekly', week, today) }
}

export class ReportPackage extends YiwangCommand {
  static override readonly summary =
    'a package for a third party (第三方评估): report, data, documents, and a script that recomputes it'
  static override readonly description =
    '`node recompute.mjs` in the package needs Node.js and nothing else: it checks each file against the manifest, works the headline numbers out again from the data and compares them with the report. Tell the SHA-256 of the manifest apart from the package. The same inputs give the same bytes. Exit code 3 where a document that a record names is kept here and was altered.'
  static override readonly examples = [
    '<%= config.bin %> report package --week 2018-W26 --as-of 2018-07-02 --out w26.zip',
    '<%= config.bin %> report package --since 2018-06-01 --until 2018-06-20 --out june',
  ]
  static override readonly flags = {
    week: Flags.string({ summary: 'ISO week (default: the last that is over)', helpValue: 'YYYY-Www' }),
    month: Flags.string({ summary: 'month', helpValue: 'YYYY-MM', exclusive: ['week'] }),
    since: Flags.string({ summary: 'first day of a span', helpValue: 'DAY', exclusive: ['week', 'month'] }),
    until: Flags.string({ summary: 'last day of a span (default: today)', helpValue: 'DAY' }),
    unit: unitFlag,
    organ: organFlag,
    out: Flags.string({
      summary: 'new folder, or new file that ends in .zip',
      helpValue: 'PATH',
      required: true,
    }),
    ...asOfFlag,
  }

  async run(): Promise<Packed> {
    const { flags } = await this.parse(ReportPackage)
    const config = this.configuration(flags)
    const context = contextOf(config, flags['as-of'])
    await using store = await this.openInventory(config)
    const ground = await groundOf(store, config, context)
    const { unit, organ, out } = flags
    if (unit !== undefined) recordOf(ground.inventory, 'unit', unit)
    const chosen = chosenOf(flags, dayIn(context.timeZone, context.now))
    const packed = await packReport(ground, { ...chosen, unit, organ }, out)
    const { intact, missing, altered } = packed.documents
    this.line(`${packed.sha256}  ${out}: ${packed.files} files, ${packed.bytes} bytes`)
    this.note(`documents: ${intact} enclosed, ${missing} not kept here, ${altered} altered and left out`)
    this.note('→ node recompute.mjs --expect <that SHA-256 of its manifest.json>, in the package')
    if (altered > 0) process.exitCode = exitCodes.targetFailed
    return packed
  }
}
