import { Args, Flags } from '@oclif/core'
import {
  about,
  assetLabels,
  catalogue,
  categoryLabels,
  confidenceLabels,
  coverageLabels,
  idBasisLabels,
  type Item,
  itemById,
  methodLabels,
  partLabels,
  scenarioById,
  unknownItem,
  withWording,
} from '../../inventory/mlps/index.ts'
import { readWording } from '../../inventory/mlps/wording-file.ts'
import { rules } from '../compliance/evidence/rules/index.ts'
import { UsageFault } from '../core/fault.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { wrap } from '../terminal/wrap.ts'
import { YiwangCommand } from './base.ts'
import { categoryFlag, levelFlag } from './mlps-flags.ts'
import { officialColumn } from './mlps-wording.ts'

type Texts = ReadonlyMap<string, string>

const clause: Column<Item> = { header: '条款', read: (item) => `${item.clause} ${item.letter}` }
const controlPoint: Column<Item> = { header: '控制点', read: (item) => item.controlPoint }
/** Wherever our words go, what they are goes with them. */
const requirement = (): Column<Item> => ({
  header: `要求（${about().notice}）`,
  read: (item) => item.requirement,
})
const methods: Column<Item> = {
  header: '测评方法',
  read: (item) => item.methods.map((method) => methodLabels[method]).join('、'),
}
const automatic: Column<Item> = {
  header: '自动取证',
  read: ({ auto }) => (auto === undefined ? '' : coverageLabels[auto.coverage]),
}
const risks: Column<Item> = {
  header: '高风险情形',
  read: (item) => item.risks.map(({ scenario }) => scenario).join(' '),
}
const id: Column<Item> = { header: '编号', read: (item) => item.id }

const shownColumns = (texts: Texts): readonly Column<Item>[] => [
  id,
  clause,
  { ...controlPoint, least: 8 },
  { ...requirement(), least: 24 },
  ...officialColumn<Item>(texts, (item) => item.id),
  { ...methods, optional: true },
  { ...automatic, optional: true },
  {
    header: '高风险情形',
    read: (item) => (item.risks.length === 0 ? '' : `${item.risks.length} 项`),
    align: 'right',
    optional: true,
  },
]

const everyColumn = (texts: Texts): readonly Column<Item>[] => [
  id,
  { header: '编号依据', read: (item) => idBasisLabels[item.idBasis] },
  { header: '部分', read: (item) => partLabels[item.part] },
  { header: '类别', read: (item) => categoryLabels[item.category] },
  clause,
  controlPoint,
  { header: '要点', read: (item) => item.topic },
  requirement(),
  ...officialColumn<Item>(texts, (item) => item.id),
  methods,
  { header: '预期证据', read: (item) => item.evidence.join('、') },
  { header: '适用对象', read: (item) => item.assets.map((kind) => assetLabels[kind]).join('、') },
  automatic,
  { header: '怎样取证', read: ({ auto }) => auto?.how ?? '' },
  risks,
]

/** A card is for a terminal of 80 columns. */
const cardColumns = 76

export class MlpsCatalog extends YiwangCommand {
  static override readonly summary = 'list what classified protection (等级保护) asks for, in our own words'
  static override readonly description =
    'Items of GB/T 22239-2019 with how they are assessed, what evidence is expected and what probes and agents can show. The texts are ours, not official. docs/mlps.md has the counts and the high-risk scenarios.'
  static override readonly examples = [
    '<%= config.bin %> mlps catalog --level 2',
    '<%= config.bin %> mlps catalog L3-CNS1-02',
    '<%= config.bin %> mlps catalog --cloud --category CES --auto',
    '<%= config.bin %> mlps catalog --cloud --csv > mlps.csv',
  ]
  static override readonly args = {
    item: Args.string({ description: 'id of an item: all that is known of it (default: a line for each)' }),
  }
  static override readonly flags = {
    level: levelFlag,
    cloud: Flags.boolean({ summary: 'the extension for cloud computing (云计算安全扩展要求) as well' }),
    category: categoryFlag,
    auto: Flags.boolean({ summary: 'only what a probe or an agent can show, in whole or in part' }),
    csv: Flags.boolean({ summary: 'print CSV with every column', exclusive: ['json'] }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsCatalog)
    const level = flags.level === '2' ? 2 : 3
    const { texts } = await readWording(this.configuration(flags).dataFolder)
    if (args.item !== undefined) return this.card(args.item, texts)
    const items = withWording(catalogue(level, { cloud: flags.cloud }), texts)
      .filter((item) => flags.category?.includes(item.category) ?? true)
      .filter((item) => !flags.auto || item.auto !== undefined)
    if (!this.jsonEnabled()) {
      this.line(flags.csv ? csv(everyColumn(texts), items) : table(shownColumns(texts), items))
      const shown = items.filter(({ auto }) => auto !== undefined).length
      this.note(`${items.length} items, ${shown} of which can be shown automatically in whole or in part`)
    }
    return { level, ...about(), items }
  }

  private card(wanted: string, texts: Texts): unknown {
    const item = itemById(wanted)
    if (item === undefined) throw new UsageFault([unknownItem('item', wanted)])
    const scenarios = item.risks.flatMap(({ scenario }) => scenarioById(scenario) ?? [])
    const speaking = rules.filter(({ items }) => items.includes(item.id))
    const lines: readonly (readonly [string, string])[] = [
      ...everyColumn(texts)
        .filter((column) => column !== risks)
        .map(({ header, read }) => [header, read(item)] as const),
      ...scenarios.map(
        ({ id: code, text, confidence }) =>
          ['高风险情形', `${code} ${text}〔${confidenceLabels[confidence]}〕`] as const,
      ),
      ...speaking.map(({ id: code, title }) => ['取证规则', `${code} ${title}`] as const),
    ]
    for (const [header, text] of lines)
      if (text !== '') this.line(wrap(`${header}：${text}`, cardColumns).join('\n'))
    return {
      ...about(),
      item,
      scenarios,
      rules: speaking.map(({ id: code, title }) => ({ id: code, title })),
    }
  }
}
