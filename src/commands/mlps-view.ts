import { Args, Flags } from '@oclif/core'
import { assessmentOf } from '../../inventory/mlps/edit.ts'
import { about, remediationLabels, resultLabels } from '../../inventory/mlps/index.ts'
import { readWording } from '../../inventory/mlps/wording-file.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { ItemResult } from '../compliance/combine.ts'
import { conclude, type Dossier, itemResultsOf } from '../compliance/conclude.ts'
import { dossiersOf } from '../compliance/dossier.ts'
import { type Gap, riskLabels } from '../compliance/gaps.ts'
import { type Measure, measureOn } from '../compliance/remediation.ts'
import { checkLabels, type Claim } from '../compliance/evidence/claim.ts'
import { unkeptText } from '../compliance/evidence/unkept.ts'
import type { Day } from '../core/day.ts'
import { EnvironmentFault, exitCodes, UsageFault } from '../core/fault.ts'
import { examineInventory } from '../service/evidence.ts'
import type { Config } from '../config/index.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { attachmentColumns, attachmentsOn } from './mlps-attachments.ts'
import { categoryFlag } from './mlps-flags.ts'
import { officialColumn } from './mlps-wording.ts'
import { codeOf, dayIn, listed } from './mlps-words.ts'

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

/** `r-1 整改中 45 天，逾期 3 天` */
const measureText = ({ id, state, ageDays, overdueDays }: Measure): string =>
  [
    `${id} ${remediationLabels[state]}${ageDays === undefined ? '' : ` ${ageDays} 天`}`,
    overdueDays > 0 && `逾期 ${overdueDays} 天`,
  ]
    .filter(Boolean)
    .join('，')

const measuresText = (measures: readonly Measure[]): string => measures.map(measureText).join('；')

/** What is shown of an item: its results, and what is done about it. */
interface ShownItem extends ItemResult {
  readonly remediations: readonly Measure[]
}

const shownItemsOf = (dossier: Dossier, day: Day): readonly ShownItem[] => {
  const measures = Map.groupBy(dossier.remediations, ({ item }) => item)
  return itemResultsOf(dossier, day).map((each) => ({
    ...each,
    remediations: (measures.get(each.item.id) ?? []).map((measure) => measureOn(measure, day)),
  }))
}

const itemColumns = (
  texts: ReadonlyMap<string, string>,
  isContradicted: IsContradicted,
): readonly Column<ShownItem>[] => [
  { header: '编号', read: ({ item }) => item.id },
  { header: '控制点', read: ({ item }) => item.controlPoint, least: 8 },
  { header: `要求（${about().notice}）`, read: ({ item }) => item.requirement, least: 20, optional: true },
  ...officialColumn<ShownItem>(texts, ({ item }) => item.id),
  { header: '结果', read: ({ result }) => resultLabels[result] },
  { header: '资产', read: onAssets(isContradicted), least: 16 },
  {
    header: '整改',
    read: ({ remediations }) => measuresText(remediations.filter(({ open }) => open)),
    least: 8,
    optional: true,
  },
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
  { header: '整改', read: ({ remediations }) => measuresText(remediations), least: 8, optional: true },
  { header: '资产', read: ({ assets }) => assets.map(({ name }) => name).join('、'), least: 12 },
  { header: '情形', read: ({ scenarios }) => scenarios.join(' '), least: 12, optional: true },
]

const assessmentArgument = Args.string({ description: 'id of the assessment', required: true })

interface Viewed {
  readonly dossiers: readonly Dossier[]
  readonly day: string
  /** Absent where what was observed cannot be read. */
  readonly contradictions: readonly Claim[] | undefined
}

interface Ground {
  readonly config: Config
  readonly inventory: Inventory
  readonly now: number
}

/** Commands that look at assessments as of an instant. */
export abstract class ViewCommand extends YiwangCommand {
  protected async dossiers(
    flags: {
      readonly data?: string | undefined
      readonly config?: string | undefined
      readonly 'as-of'?: string | undefined
    },
    id?: string,
  ): Promise<Viewed> {
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const now = instantOf(flags['as-of'], config.timezone, Date.now())
    if (id !== undefined) assessmentOf(inventory, id)
    return {
      dossiers: dossiersOf(inventory).filter(({ assessment }) => id === undefined || assessment.id === id),
      day: dayIn(config.timezone, now),
      contradictions: await this.contradictions({ config, inventory, now }, id),
    }
  }

  /** The checklist is to be seen even where what was observed cannot be read. */
  private async contradictions(
    { config, inventory, now }: Ground,
    id: string | undefined,
  ): Promise<readonly Claim[] | undefined> {
    try {
      const { claims, unkept } = await examineInventory(config, inventory, now)
      const lost = unkeptText(unkept)
      if (lost !== undefined) this.note(lost)
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
    category: categoryFlag,
    result: Flags.string({ summary: `only this result: ${listed(resultLabels)}` }),
    ...asOfFlag,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsShow)
    const wanted = flags.result === undefined ? undefined : codeOf(resultLabels, flags.result, '--result')
    const { dossiers, day, contradictions } = await this.dossiers(flags, args.assessment)
    const contradicted = new Set(contradictions?.map(({ asset, item }) => `${asset} ${item}`))
    const isContradicted: IsContradicted = (asset, item) => contradicted.has(`${asset} ${item}`)
    const { texts } = await readWording(this.configuration(flags).dataFolder)
    const items = dossiers
      .flatMap((dossier) => shownItemsOf(dossier, day))
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
      items: items.map(({ item, result, afterWaivers, assets, remediations }) => ({
        item: item.id,
        ...(texts.has(item.id) && { officialWording: texts.get(item.id) }),
        result,
        afterWaivers,
        remediations,
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
  static override readonly flags = asOfFlag

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsGaps)
    const { dossiers, day, contradictions } = await this.dossiers(flags, args.assessment)
    const conclusions = dossiers.map((dossier) => conclude(dossier, day))
    const gaps = conclusions.flatMap((conclusion) => conclusion.gaps)
    const untested = conclusions.reduce((sum, { standing }) => sum + standing.tally.counts.untested, 0)
    if (!this.jsonEnabled()) {
      if (gaps.length > 0) this.line(table(gapColumns, gaps))
      this.note(
        `不符合和部分符合 ${gaps.length} 项${untested > 0 ? `，另有未测评 ${untested} 项不在其内` : ''}`,
      )
    }
    this.noteContradictions(contradictions, args.assessment)
    return { assessment: args.assessment, gaps, untested, contradicted: contradictions?.length }
  }
}
