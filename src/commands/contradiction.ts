import { Args, Flags } from '@oclif/core'
import { claimKindLabels } from '../../inventory/ledger/index.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { checkLabels } from '../compliance/evidence/claim.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { given } from '../core/given.ts'
import type { Context } from '../ledger/index.ts'
import { verdictHistory } from '../service/verdict-log.ts'
import { csv } from '../terminal/csv.ts'
import { table } from '../terminal/table.ts'
import type { Answer, Part, VerdictChange, Verified } from '../verify/index.ts'
import { asOfFlag } from './as-of.ts'
import { csvFlag, writeFlags } from './base.ts'
import { documentOf } from './document.ts'
import { recordOf } from './inventory/record.ts'
import { happenedAt } from './ledger-base.ts'
import {
  type Examination,
  momentText,
  scopeOf,
  subjectText,
  verifiedColumns,
  VerifyCommand,
} from './verify-base.ts'

export class ContradictionList extends VerifyCommand {
  static override readonly summary = 'claims that the network contradicts (矛盾)'
  static override readonly description = 'Exit code 0: none, 3: there are some.'
  static override readonly examples = [
    '<%= config.bin %> contradiction list',
    '<%= config.bin %> contradiction list u-410200-information-center --as-of 2018-06-30',
  ]
  static override readonly args = {
    of: Args.string({ description: 'only of this unit, system, node, region, task or goal: its id' }),
  }
  static override readonly flags = { ...asOfFlag, ...csvFlag }

  async run(): Promise<readonly Verified[]> {
    const { args, flags } = await this.parse(ContradictionList)
    const examination = await this.examine(flags)
    const holds = args.of === undefined ? () => true : scopeOf(args.of, examination).holds
    const shown = examination.verified.filter((each) => each.verdict === 'contradicted' && holds(each))
    if (!this.jsonEnabled()) {
      this.line((flags.csv ? csv : table)(verifiedColumns, shown))
      this.noteCounts(examination.verified.filter(holds))
    }
    if (shown.length > 0) process.exitCode = exitCodes.targetFailed
    return shown
  }
}

const verifiedById = ({ inventory, verified }: Examination, id: string): Verified => {
  const found = verified.find(({ claim }) => claim.id === id)
  if (found !== undefined) return found
  const { withdrawn } = recordOf(inventory, 'claim', id)
  throw new UsageFault([
    {
      where: id,
      message: `expected a claim that stands, got one that ${withdrawn === undefined ? 'a newer one stands for, or that was made later' : 'was withdrawn'}`,
      suggestion: '`yiwang verify` lists those that stand',
    },
  ])
}

const answerText = ({ at, by, unit, text, documentName }: Answer): string =>
  `${at} ${by}${unit === undefined ? '' : `（${unit}）`}：${text}${documentName === undefined ? '' : `（附 ${documentName}）`}`

/** Where it was seen, by whom and when, and what the probe itself said of it. */
const sourceText = ({ source, observedAt }: Part, context: Context): string =>
  source === undefined
    ? ''
    : ` [${[
        source.what,
        source.agent !== undefined && `探针 ${source.agent}`,
        observedAt !== undefined && momentText(context, observedAt),
        source.detail,
      ]
        .filter(Boolean)
        .join('，')}]`

const linesOf = (
  each: Verified,
  history: readonly VerdictChange[],
  { context }: Examination,
): readonly string[] => [
  `${each.claim.id} ${subjectText(each)} ${each.name}：${claimKindLabels[each.claim.kind]}`,
  `填报 ${each.claim.at} ${each.claim.by}`,
  `结论 ${checkLabels[each.verdict]}：${each.because}`,
  ...each.parts.map(
    (part) => `  ${checkLabels[part.verdict]} ${part.asserts}：${part.saw}${sourceText(part, context)}`,
  ),
  ...(each.documents.length > 0 ? [`须有文件 ${each.documents.join('；')}`] : []),
  ...each.answers.map((answer) => `申诉 ${answerText(answer)}`),
  ...history.map(({ at, verdict, because }) => `记录 ${at} ${checkLabels[verdict]}：${because}`),
]

export class ContradictionShow extends VerifyCommand {
  static override readonly summary = 'a claim, what decided its verdict, answers, and its verdicts so far'
  static override readonly examples = ['<%= config.bin %> contradiction show c-000012']
  static override readonly args = { claim: Args.string({ description: 'its id', required: true }) }
  static override readonly flags = asOfFlag

  async run(): Promise<Verified & { readonly history: readonly VerdictChange[] }> {
    const { args, flags } = await this.parse(ContradictionShow)
    const examination = await this.examine(flags)
    const found = verifiedById(examination, args.claim)
    const history = (await verdictHistory(examination.config.dataFolder)).changes.filter(
      ({ claim, at }) => claim === args.claim && Date.parse(at) <= examination.context.now,
    )
    if (!this.jsonEnabled()) this.line(linesOf(found, history, examination).join('\n'))
    return { ...found, history }
  }
}

export class ContradictionAnswer extends VerifyCommand {
  static override readonly summary = 'what a unit says of a contradiction (申诉): it stands beside the claim'
  static override readonly description =
    'The verdict stays what the evidence makes it; the answer is printed beside it wherever it is printed. Answers are neither changed nor removed.'
  static override readonly examples = [
    '<%= config.bin %> contradiction answer c-000012 --text 探测期间割接，已于次日恢复 --document 说明.pdf',
  ]
  static override readonly args = { claim: Args.string({ description: 'its id', required: true }) }
  static override readonly flags = {
    text: Flags.string({ summary: 'what is answered', required: true }),
    document: Flags.string({ summary: 'a file: its SHA-256 and name are kept', helpValue: 'FILE' }),
    by: Flags.string({ summary: 'who answers (default: --actor)', helpValue: 'NAME' }),
    unit: Flags.string({ summary: 'for which unit', helpValue: 'ID' }),
    'as-of': { ...asOfFlag['as-of'], summary: 'when (default: now)' },
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(ContradictionAnswer)
    const examination = await this.examine(flags)
    const { config, inventory } = examination
    const { verdict } = verifiedById(examination, args.claim)
    if (flags.unit !== undefined) recordOf(inventory, 'unit', flags.unit)
    if (verdict !== 'contradicted')
      throw new UsageFault([
        {
          where: args.claim,
          message: `expected a claim that is contradicted (矛盾), got ${checkLabels[verdict]}`,
          suggestion: '`yiwang contradiction list` shows them',
        },
      ])
    const document = flags.document === undefined ? undefined : await documentOf(flags.document)
    const answer = {
      at: happenedAt(flags['as-of'], config.timezone, Date.now()),
      by: flags.by ?? flags.actor,
      text: flags.text,
      ...given({ unit: flags.unit, document: document?.sha256, documentName: document?.name }),
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (now) => {
        const claim = recordOf(now, 'claim', args.claim)
        return [{ op: 'put', collection: 'claim', record: { ...claim, answers: [...claim.answers, answer] } }]
      },
    })
    this.line(`answered ${args.claim}, revision ${result.revision}`)
    return result
  }
}
