import { Args, Flags } from '@oclif/core'
import { assessmentOf } from '../../inventory/mlps/edit.ts'
import {
  about,
  type CategoryCode,
  categoryLabels,
  confidenceLabels,
  type Result,
  resultLabels,
} from '../../inventory/mlps/index.ts'
import { readWording } from '../../inventory/mlps/wording-file.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { ItemResult } from '../compliance/combine.ts'
import {
  type CategoryStanding,
  conclude,
  type Conclusion,
  type Dossier,
  itemResultsOf,
  type Standing,
} from '../compliance/conclude.ts'
import { dossiersOf } from '../compliance/dossier.ts'
import { type Gap, riskLabels } from '../compliance/gaps.ts'
import type { Tally } from '../compliance/rate.ts'
import { checkLabels, type Claim } from '../compliance/evidence/claim.ts'
import { verdictLabels } from '../compliance/verdict.ts'
import { EnvironmentFault, exitCodes, UsageFault } from '../core/fault.ts'
import { examineInventory } from '../service/evidence.ts'
import type { Config } from '../config/index.ts'
import { type Column, table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'
import { attachmentColumns, attachmentsOn } from './mlps-attachments.ts'
import { officialColumn } from './mlps-wording.ts'
import { codeOf, dayIn, listed } from './mlps-words.ts'

const percent = (value: number | undefined): string => (value === undefined ? '—' : `${value.toFixed(1)}%`)

const rateText = ({ counts, counted, percent: least, percentAtBest }: Tally): string =>
  `${percent(least)}${counts.untested > 0 ? `（未测评全部符合时 ${percent(percentAtBest)}）` : ''}，${counts.conforms}/${counted} 项`

const verdictText = ({ verdicts }: Standing): string =>
  verdicts.length === 0
    ? '无适用项，不作结论'
    : `${verdicts.map((verdict) => verdictLabels[verdict]).join(' 或 ')}${verdicts.length > 1 ? '（未定）' : ''}`

/** Whether evidence contradicts the result of an item on an asset. */
type IsContradicted = (asset: string, item: string) => boolean

const onAssets =
  (isContradicted: IsContradicted) =>
  ({ item, assets }: ItemResult): string =>
    assets
      .map(({ asset, result, carried, waived }) =>
        [
          asset.name,
          resultLabels[result],
          carried && '沿用',
          waived && '豁免',
          isContradicted(asset.id, item.id) && checkLabels.contradicted,
        ]
          .filter(Boolean)
          .join(' '),
      )
      .join('；')

const evidence = ({ item, assets }: ItemResult): string =>
  assets.flatMap(({ asset }) => asset.results[item.id]?.evidence ?? []).join('；')

const itemColumns = (
  texts: ReadonlyMap<string, string>,
  isContradicted: IsContradicted,
): readonly Column<ItemResult>[] => [
  { header: '编号', read: ({ item }) => item.id },
  { header: '控制点', read: ({ item }) => item.controlPoint, least: 8 },
  { header: `要求（${about().notice}）`, read: ({ item }) => item.requirement, least: 20, optional: true },
  ...officialColumn<ItemResult>(texts, ({ item }) => item.id),
  { header: '结果', read: ({ result }) => resultLabels[result] },
  { header: '资产', read: onAssets(isContradicted), least: 16 },
  { header: '证据', read: evidence, least: 12, optional: true },
]

const gapColumns: readonly Column<Gap>[] = [
  { header: '编号', read: ({ item }) => item },
  { header: '要点', read: ({ topic }) => topic, least: 8 },
  { header: '结果', read: ({ result }) => resultLabels[result] },
  { header: '风险', read: ({ risk }) => riskLabels[risk] },
  {
    header: '工作量',
    read: ({ effortDays }) => (effortDays === undefined ? '未估' : `${effortDays} 人日`),
    align: 'right',
  },
  { header: '豁免', read: ({ waived }) => (waived ? '是' : '') },
  { header: '整改', read: ({ remediations }) => remediations.join(' '), least: 8, optional: true },
  { header: '资产', read: ({ assets }) => assets.map(({ name }) => name).join('、'), least: 12 },
  { header: '情形', read: ({ scenarios }) => scenarios.join(' '), least: 12, optional: true },
]

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
  { header: '结论（2025 版规则）', read: ({ standing }) => verdictText(standing) },
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

const onFlag = Flags.string({
  summary: 'the day on which waivers are to hold (default: today)',
  helpValue: 'DATE',
})
const assessmentArgument = Args.string({ description: 'id of the assessment', required: true })

interface Viewed {
  readonly dossiers: readonly Dossier[]
  readonly day: string
  /** Absent where what was observed cannot be read. */
  readonly contradictions: readonly Claim[] | undefined
}

/** Commands that look at assessments on a day. */
abstract class ViewCommand extends YiwangCommand {
  protected async dossiers(
    flags: {
      readonly data?: string | undefined
      readonly config?: string | undefined
      readonly on?: string | undefined
    },
    id?: string,
  ): Promise<Viewed> {
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    if (id !== undefined) assessmentOf(inventory, id)
    return {
      dossiers: dossiersOf(inventory).filter(({ assessment }) => id === undefined || assessment.id === id),
      day: flags.on ?? dayIn(config.timezone, Date.now()),
      contradictions: await this.contradictions(config, inventory, id),
    }
  }

  /** The checklist is to be seen even where what was observed cannot be read. */
  private async contradictions(
    config: Config,
    inventory: Inventory,
    id: string | undefined,
  ): Promise<readonly Claim[] | undefined> {
    try {
      const { claims } = await examineInventory(config, inventory, Date.now())
      return claims.filter(
        ({ check, assessment }) => check === 'contradicted' && (id === undefined || assessment === id),
      )
    } catch (error) {
      if (!(error instanceof EnvironmentFault || error instanceof UsageFault)) throw error
      this.note(`results are not compared with evidence: ${error.message}`)
      return undefined
    }
  }

  protected noteContradictions(found: readonly Claim[] | undefined, assessment: string): void {
    if (found !== undefined && found.length > 0)
      this.note(`${found.length} 项记录的结果与证据矛盾，见 yiwang mlps contradictions ${assessment}`)
  }
}

export class MlpsShow extends ViewCommand {
  static override readonly summary = 'show the items of an assessment with their results'
  static override readonly description =
    'Attachments of these results are checked against their hashes: exit code 3 where one is missing or was altered.'
  static override readonly examples = [
    '<%= config.bin %> mlps show net-2026 --category CES',
    '<%= config.bin %> mlps show net-2026 --result 未测评',
  ]
  static override readonly args = { assessment: assessmentArgument }
  static override readonly flags = {
    category: Flags.option({
      summary: 'only this category; may be repeated',
      options: Object.keys(categoryLabels) as CategoryCode[],
      multiple: true,
    })(),
    result: Flags.string({ summary: `only this result: ${listed(resultLabels)}` }),
    on: onFlag,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsShow)
    const wanted = flags.result === undefined ? undefined : codeOf(resultLabels, flags.result, '--result')
    const { dossiers, day, contradictions } = await this.dossiers(flags, args.assessment)
    const contradicted = new Set(contradictions?.map(({ asset, item }) => `${asset} ${item}`))
    const isContradicted: IsContradicted = (asset, item) => contradicted.has(`${asset} ${item}`)
    const { texts } = await readWording(this.configuration(flags).dataFolder)
    const items = dossiers
      .flatMap((dossier) => itemResultsOf(dossier, day))
      .filter(({ item }) => flags.category?.includes(item.category) ?? true)
      .filter(({ result }) => wanted === undefined || result === wanted)
    const attachments = await attachmentsOn(items, this.configuration(flags).dataFolder)
    if (!this.jsonEnabled()) {
      this.line(table(itemColumns(texts, isContradicted), items))
      if (attachments.length > 0) this.line(table(attachmentColumns, attachments))
    }
    if (attachments.some(({ state }) => state !== 'intact')) process.exitCode = exitCodes.targetFailed
    this.noteContradictions(contradictions, args.assessment)
    return {
      assessment: dossiers[0]?.assessment,
      notice: about().notice,
      attachments,
      items: items.map(({ item, result, afterWaivers, assets }) => ({
        item: item.id,
        ...(texts.has(item.id) && { officialWording: texts.get(item.id) }),
        result,
        afterWaivers,
        assets: assets.map((each) => ({
          id: each.asset.id,
          name: each.asset.name,
          ...each.asset.results[item.id],
          result: each.result,
          waived: each.waived,
          ...(contradictions && { contradicted: isContradicted(each.asset.id, item.id) }),
        })),
      })),
    }
  }
}

export class MlpsGaps extends ViewCommand {
  static override readonly summary = 'list what does not conform, by risk and then by effort'
  static override readonly examples = ['<%= config.bin %> mlps gaps net-2026']
  static override readonly args = { assessment: assessmentArgument }
  static override readonly flags = { on: onFlag }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsGaps)
    const { dossiers, day, contradictions } = await this.dossiers(flags, args.assessment)
    const gaps = dossiers.flatMap((dossier) => conclude(dossier, day).gaps)
    if (!this.jsonEnabled()) this.line(table(gapColumns, gaps))
    this.noteContradictions(contradictions, args.assessment)
    return { assessment: args.assessment, gaps, contradicted: contradictions?.length }
  }
}

export class MlpsConclude extends ViewCommand {
  static override readonly summary =
    'rate of conformity (符合率) and conclusion (结论) by the public rule of 2025'
  static override readonly description =
    'What the public rule leaves open is said beside the conclusion, and where it matters, or where something is untested, every conclusion that remains possible is named. There is no score of 2019 or 2021: their weights are not public.'
  static override readonly examples = [
    '<%= config.bin %> mlps conclude',
    '<%= config.bin %> mlps conclude net-2026',
  ]
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment (default: a line for each)' }),
  }
  static override readonly flags = { on: onFlag }

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
