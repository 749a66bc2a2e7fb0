import {
  about,
  type Category,
  categoryLabels,
  confidenceLabels,
  idBasisLabels,
  type Item,
  mappingLabels,
  mitigationLabels,
  type MlpsLevel,
  mlpsLevels,
  outline,
  type Part,
  partLabels,
  type RiskList,
  riskLists,
  type Scenario,
} from '../inventory/mlps/index.ts'
import { table } from './markdown.ts'
import { evidenceSections, evidenceTable } from './mlps-evidence-reference.ts'

const parts = Object.keys(partLabels) as Part[]
const levelNames: Readonly<Record<MlpsLevel, string>> = { 2: '二级', 3: '三级' }

const categoriesOf = (level: MlpsLevel, part: Part): readonly Category[] =>
  outline(level, { cloud: true }).filter((category) => category.part === part)

const automatic = (items: readonly Item[]): readonly Item[] => items.filter(({ auto }) => auto !== undefined)

const countOf = (items: readonly Item[] = []): string =>
  items.length === 0 ? '–' : `${items.length}（${automatic(items).length}）`

const categoryTable = (part: Part): string => {
  const levels = mlpsLevels.map((level) => categoriesOf(level, part))
  const rows = Object.entries(categoryLabels).map(([code, name]) => [
    code,
    name,
    ...levels.map((categories) => countOf(categories.find((category) => category.code === code)?.items)),
  ])
  const totals = levels.map((categories) => countOf(categories.flatMap(({ items }) => items)))
  return table(
    ['代码', '类别', ...mlpsLevels.map((level) => levelNames[level])],
    [...rows, ['', '合计', ...totals]],
  )
}

const idRange = (items: readonly Item[]): string => {
  const [first, last] = [items.at(0)?.id ?? '', items.at(-1)?.id ?? '']
  return first === last ? first : `${first} – ${last}`
}

const controlPointTable = (level: MlpsLevel, part: Part): string =>
  table(
    ['条款', '类别', '控制点', '项数', '可自动取证', '测评项编号', '编号依据'],
    categoriesOf(level, part).flatMap(({ name, controlPoints }) =>
      controlPoints.map((point) => [
        point.clause,
        name,
        point.name,
        point.items.length,
        automatic(point.items).length,
        idRange(point.items),
        [...new Set(point.items.map(({ idBasis }) => idBasisLabels[idBasis]))].join('、'),
      ]),
    ),
  )

const levelOf = ({ fromLevel, levelConfidence, confidence }: Scenario): string => {
  if (fromLevel === undefined) return '未写明'
  const doubt = levelConfidence === confidence ? '' : `（${confidenceLabels[levelConfidence]}）`
  return `${['', '', '二', '三', '四'][fromLevel] ?? ''}级起${doubt}`
}

const linksOf = ({ items, beyond }: Scenario): string =>
  items
    .map(({ item, mapping }) => (mapping === 'carried-over' ? `${item}（${mappingLabels[mapping]}）` : item))
    .join('、') ||
  (beyond ?? '')

const conditionOf = ({ limit, mitigation }: Scenario): string =>
  [
    limit === undefined
      ? ''
      : `仅${limit.text}${limit.confidence === undefined ? '' : `（${confidenceLabels[limit.confidence]}）`}`,
    mitigation === undefined ? '' : mitigationLabels[mitigation],
  ]
    .filter(Boolean)
    .join('；')

const riskSection = ({ title, note, gaps, scenarios }: RiskList): string =>
  [
    `### ${title}`,
    note,
    gaps.map((gap) => `- 缺漏或存疑：${gap}`).join('\n'),
    table(
      ['编号', '情形（本产品释义）', '级别', '测评项', '条件', '可信程度'],
      scenarios.map((scenario) => [
        scenario.id,
        scenario.text,
        levelOf(scenario),
        linksOf(scenario),
        conditionOf(scenario),
        confidenceLabels[scenario.confidence],
      ]),
    ),
  ].join('\n\n')

/** Markdown of the catalogue for officials: counts, what can be shown automatically, risks, what is unverified. */
export const mlpsReference = (): string => {
  const { notice, standard, assessmentStandard, unverified } = about()
  return (
    [
      '# 等级保护测评目录',
      '<!-- Generated from inventory/mlps/catalogue/: change that and run `npm run generate`. -->',
      `**${notice}。** 依据 ${standard} 的条款结构和 ${assessmentStandard} 的测评项编号整理，文字均为本产品自行撰写，不是标准原文。逐项内容见 \`yiwang mlps catalog\`。`,
      unverified.map((each) => `- ${each}`).join('\n'),
      '## 各类项数',
      '括号内为可自动取证（含部分）的项数。',
      ...parts.flatMap((part) => [`### ${partLabels[part]}`, categoryTable(part)]),
      '## 各控制点项数',
      ...mlpsLevels.flatMap((level) =>
        parts.flatMap((part) => [
          `### ${levelNames[level]} ${partLabels[part]}`,
          controlPointTable(level, part),
        ]),
      ),
      '## 可自动取证的项',
      '由探测、主机核查或台账提供全部或部分证据；是否符合仍由测评人员判断。“规则”一栏是产生证据的规则（见下）；主机核查之后的数字是对该项有话说的检查数。没有规则的，写明理由。',
      ...mlpsLevels.flatMap((level) => [`### ${levelNames[level]}`, evidenceTable(level)]),
      ...evidenceSections(),
      '## 重大风险隐患与高风险情形',
      ...riskLists().map(riskSection),
    ].join('\n\n') + '\n'
  )
}
