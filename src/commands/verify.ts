import { Args, Flags } from '@oclif/core'
import { checkLabels } from '../compliance/evidence/claim.ts'
import { exitCodes } from '../core/fault.ts'
import { recordVerified } from '../service/verdict-log.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { countsOf, type NamedFinding, verifyNamed } from '../verify/index.ts'
import { asOfFlag } from './as-of.ts'
import { csvFlag } from './base.ts'
import { codeOf, listed } from './mlps-words.ts'
import {
  ageText,
  everything,
  type Examination,
  ratioColumns,
  scopeOf,
  verifiedColumns,
  VerifyCommand,
} from './verify-base.ts'

const namedColumns: readonly Column<NamedFinding>[] = [
  { header: '编号', read: ({ mention }) => mention, least: 14 },
  { header: '名称', read: ({ name }) => name, least: 10 },
  { header: '请求', read: ({ request }) => request, least: 16, optional: true },
  { header: '断言', read: ({ assertion }) => assertion, least: 10 },
  {
    header: '结论',
    read: ({ documentsOnly, verdict }) => (documentsOnly ? '仅文件可核' : checkLabels[verdict]),
  },
  { header: '依据', read: ({ because }) => because, least: 16 },
  { header: '距今', read: ageText },
  { header: '须有文件', read: ({ documents }) => documents.join('；'), least: 10, optional: true },
]

export class Verify extends VerifyCommand {
  static override readonly summary = 'hold claims against what the network shows (核验)'
  static override readonly description =
    'Each claim that stands is 相符, 矛盾, 证据过期 or 无法验证, with what decided it. A silent agent or a look that failed on our side makes 无法验证, never 矛盾. Ratios name their roster; what is claimed and not verified is split. Exit code 0: nothing is contradicted, 3: something is.'
  static override readonly examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify 4.1.4 --as-of 2018-06-30',
    '<%= config.bin %> verify --named',
  ]
  static override readonly args = {
    of: Args.string({ description: 'only of this unit, system, node, region, task or goal: its id' }),
  }
  static override readonly flags = {
    ...asOfFlag,
    verdict: Flags.string({ summary: `list only these: ${listed(checkLabels)}` }),
    named: Flags.boolean({
      summary: 'the systems that the plan names: request, assertion, and what is seen now, claimed or not',
      exclusive: ['verdict', 'record'],
    }),
    record: Flags.boolean({
      summary: 'add verdicts that changed to the history of verdicts (核验记录)',
    }),
    ...csvFlag,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Verify)
    const wanted = flags.verdict === undefined ? undefined : codeOf(checkLabels, flags.verdict, '--verdict')
    const examination = await this.examine(flags, flags.named)
    const { inventory, context, input, verified, ratios } = examination
    const scope = args.of === undefined ? everything : scopeOf(args.of, examination)
    const asOf = new Date(context.now).toISOString()
    if (flags.named) {
      const named = verifyNamed(input).filter(({ mention }) => args.of === undefined || mention === args.of)
      if (!this.jsonEnabled()) this.line((flags.csv ? csv : table)(namedColumns, named))
      return { asOf, revision: inventory.revision, named }
    }
    const own = verified.filter(scope.holds)
    const claims = own.filter(({ verdict }) => wanted === undefined || verdict === wanted)
    const counted = ratios.filter(scope.item)
    if (flags.record) await this.record(examination)
    if (!this.jsonEnabled()) {
      this.line((flags.csv ? csv : table)(verifiedColumns, claims))
      if (counted.length > 0 && !flags.csv) this.line(`\n${table(ratioColumns, counted)}`)
      this.noteCounts(own)
    }
    const counts = countsOf(own)
    if (counts.contradicted > 0) process.exitCode = exitCodes.targetFailed
    return { asOf, revision: inventory.revision, counts, claims, ratios: counted }
  }

  private async record({ config, inventory, context, verified }: Examination): Promise<void> {
    const { now } = context
    const added = await recordVerified(config.dataFolder, verified, { now, revision: inventory.revision })
    this.note(`核验记录新增 ${added} 条`)
  }
}
