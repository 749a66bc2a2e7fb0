import { Args } from '@oclif/core'
import { confidenceLabels, type Result, resultLabels } from '../../inventory/mlps/index.ts'
import { type CategoryStanding, conclude, type Conclusion, type Standing } from '../compliance/conclude.ts'
import type { Tally } from '../compliance/rate.ts'
import { verdictLabels } from '../compliance/verdict.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag } from './as-of.ts'
import { ViewCommand } from './mlps-view.ts'

const percent = (value: number | undefined): string => (value === undefined ? '—' : `${value.toFixed(1)}%`)

const rateText = ({ counts, counted, percent: least, percentAtBest }: Tally): string =>
  `${percent(least)}${counts.untested > 0 ? `（未测评全部符合时 ${percent(percentAtBest)}）` : ''}，${counts.conforms}/${counted} 项`

const verdictText = ({ verdicts }: Standing): string =>
  verdicts.length === 0
    ? '无适用项，不作结论'
    : `${verdicts.map((verdict) => verdictLabels[verdict]).join(' 或 ')}${verdicts.length > 1 ? '（未定）' : ''}`

const categoryColumns: readonly Column<CategoryStanding>[] = [
  { header: '条款', read: ({ clause }) => clause },
  { header: '类别', read: ({ name }) => name },
  { header: '符合率', read: ({ tally }) => percent(tally.percent), align: 'right' },
  ...(Object.keys(resultLabels) as readonly Result[]).map((result): Column<CategoryStanding> => ({
    header: resultLabels[result],
    read: ({ tally }) => String(tally.counts[result]),
    align: 'right',
  })),
]

const summaryColumns: readonly Column<Checked>[] = [
  { header: '测评', read: ({ assessment }) => assessment },
  { header: '结论（2025 版规则）', read: ({ standing }) => verdictText(standing), least: 18 },
  { header: '符合率', read: ({ standing }) => percent(standing.tally.percent), align: 'right' },
  { header: '豁免后', read: ({ afterWaivers }) => percent(afterWaivers.tally.percent), align: 'right' },
  { header: '未测评', read: ({ standing }) => String(standing.tally.counts.untested), align: 'right' },
  { header: '问题', read: ({ gaps }) => String(gaps.length), align: 'right' },
  { header: '矛盾', read: ({ contradicted }) => String(contradicted ?? '—'), align: 'right' },
]

const hazardLines = ({ hazards }: Conclusion): readonly string[] => {
  const confirmed = hazards.filter(({ judgement }) => judgement === 'confirmed')
  const mended = confirmed.filter(({ rectified }) => rectified).length
  const unjudged = hazards.filter(({ judgement }) => judgement === 'unjudged')
  return [
    `重大风险隐患：${confirmed.length}（${mended}个已整改），待判定 ${unjudged.length}`,
    ...unjudged.map(({ scenario, text, items }) => `  待判定 ${scenario} ${text}：${items.join(' ')}`),
  ]
}

const wayLines = ({ ways }: Conclusion): readonly string[] =>
  ways.map(({ verdict, items, hazards, gaps }) =>
    items > 0
      ? `达到${verdictLabels[verdict]}：还需 ${items} 项符合${hazards > 0 ? `，且无已确认的重大风险隐患（现 ${hazards} 个）` : ''}；按工作量先做 ${gaps.join(' ') || '未测评项'}`
      : `符合率已过${verdictLabels[verdict]}线：再失 ${1 - items} 项即不再高于该线${hazards > 0 ? `；另有 ${hazards} 个已确认的重大风险隐患` : ''}`,
  )

const edgeLines = ({ edges }: Conclusion): readonly string[] =>
  edges
    .filter(({ bears }) => bears)
    .map(
      ({ text, confidence }) =>
        `注意：${text}${confidence === undefined ? '' : `〔${confidenceLabels[confidence]}〕`}`,
    )

/** A conclusion, and how many of the results that it rests on evidence contradicts. */
type Checked = Conclusion & {
  /** Absent where what was observed cannot be read. */
  readonly contradicted?: number
}

const contradictedText = ({ assessment, contradicted }: Checked): string => {
  if (contradicted === undefined) return '未与自动取证核对'
  return contradicted === 0
    ? '与自动取证核对未见矛盾，没有证据的不在其内'
    : `其中 ${contradicted} 项与证据矛盾，见 yiwang mlps contradictions ${assessment}`
}

const conclusionText = (conclusion: Checked): string =>
  [
    `${conclusion.assessment}：${verdictText(conclusion.standing)}（2025 版报告模版规则，非官方结论）`,
    `符合率（填报值，${contradictedText(conclusion)}）：${rateText(conclusion.standing.tally)}`,
    `豁免后：${rateText(conclusion.afterWaivers.tally)}，${verdictText(conclusion.afterWaivers)}（仅供内部管理，规则不认豁免；有效豁免 ${conclusion.waivers} 条）`,
    ...hazardLines(conclusion),
    table(categoryColumns, conclusion.categories),
    ...wayLines(conclusion),
    ...edgeLines(conclusion),
  ].join('\n')

export class MlpsConclude extends ViewCommand {
  static override readonly summary =
    'rate of conformity (符合率) and conclusion (结论) by the public rule of 2025'
  static override readonly description =
    'What the public rule leaves open is said beside the conclusion, and where it matters, or where something is untested, every conclusion that remains possible is named. There is no score of 2019 or 2021: their weights are not public.'
  static override readonly examples = [
    '<%= config.bin %> mlps conclude',
    '<%= config.bin %> mlps conclude net-2026 --as-of 2026-06-30',
  ]
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment (default: a line for each)' }),
  }
  static override readonly flags = asOfFlag

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsConclude)
    const { dossiers, day, contradictions } = await this.dossiers(flags, args.assessment)
    const byAssessment = contradictions && Map.groupBy(contradictions, ({ assessment }) => assessment)
    const conclusions = dossiers.map((dossier): Checked => ({
      ...conclude(dossier, day),
      ...(byAssessment && { contradicted: byAssessment.get(dossier.assessment.id)?.length ?? 0 }),
    }))
    if (!this.jsonEnabled())
      this.line(
        args.assessment === undefined
          ? table(summaryColumns, conclusions)
          : conclusions.map(conclusionText).join('\n'),
      )
    return { day, conclusions }
  }
}
