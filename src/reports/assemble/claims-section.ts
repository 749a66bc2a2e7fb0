import { claimKindLabels } from '../../../inventory/ledger/index.ts'
import { checkLabels } from '../../compliance/evidence/claim.ts'
import { dayIn } from '../../core/day.ts'
import { countsOf, type Judged, type Verdict, type Verified } from '../../verify/index.ts'
import type { Block, Sheet } from '../model.ts'
import { difference, evidenceText, type Field, heading, paragraph, tableOf, unitName } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 上报与核验: what was claimed against what was seen, and what is contradicted by name. */

interface UnitRow {
  readonly name: string
  readonly counts: ReturnType<typeof countsOf>
  /** Absent: no verdicts of then are on record. */
  readonly before: ReturnType<typeof countsOf> | undefined
}

const totalOf = (counts: UnitRow['counts']): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0)

const unitFields: readonly Field<UnitRow>[] = [
  { title: '上报单位', format: 'text', width: 3, read: ({ name }) => name },
  { title: '上报', format: 'integer', read: ({ counts }) => totalOf(counts) },
  ...(Object.entries(checkLabels) as [Verdict, string][]).map(([verdict, title]): Field<UnitRow> => ({
    title: verdict === 'consistent' ? '核验相符' : title,
    format: 'integer',
    read: ({ counts }) => counts[verdict],
  })),
  {
    title: '相符较上期',
    format: 'change',
    read: ({ counts, before }) => difference(counts.consistent, before?.consistent),
  },
]

const whole = '合计'

const rowsOf = ({ input: { inventory }, verdicts, verdictsBefore }: Scene): readonly UnitRow[] => {
  const nameOf = ({ unit }: Judged): string => (unit === undefined ? '未写明单位' : unitName(inventory, unit))
  const before = verdictsBefore && Map.groupBy(verdictsBefore.all, nameOf)
  const units = [...Map.groupBy(verdicts.all, nameOf)].map(([name, own]) => ({
    name,
    counts: countsOf(own),
    before: before && countsOf(before.get(name) ?? []),
  }))
  const byGap = (left: UnitRow, right: UnitRow): number =>
    right.counts.contradicted - left.counts.contradicted || totalOf(right.counts) - totalOf(left.counts)
  const all = {
    name: whole,
    counts: countsOf(verdicts.all),
    before: verdictsBefore && countsOf(verdictsBefore.all),
  }
  return [...units.toSorted(byGap), all]
}

const claimText = ({ claim: { kind, value } }: Verified): string =>
  `${claimKindLabels[kind]}${value === undefined ? '' : `：${value}`}`

const answerText = ({ answers }: Verified): string | undefined =>
  answers.length === 0 ? undefined : answers.map(({ text, by }) => `${by}：${text}`).join('；')

const dayOf = ({ input: { context } }: Scene, at: number | undefined): string | undefined =>
  at === undefined ? undefined : dayIn(context.timeZone, at)

const claimFields = (scene: Scene): readonly Field<Verified>[] => {
  const { inventory } = scene.input
  return [
    { title: '对象', format: 'text', width: 1.8, read: ({ name }) => name },
    { title: '上报内容', format: 'text', width: 1.5, read: claimText },
    {
      title: '上报单位',
      format: 'text',
      width: 1.6,
      read: ({ unit }) => (unit === undefined ? undefined : unitName(inventory, unit)),
    },
    { title: '上报日', format: 'text', width: 2.1, read: ({ claim }) => dayOf(scene, Date.parse(claim.at)) },
    { title: '证据', format: 'text', width: 4, read: evidenceText },
    { title: '申诉', format: 'text', width: 1.6, read: answerText },
  ]
}

const mostNamed = 30

const contradictions = (scene: Scene): readonly Block[] => {
  const found = scene.verdicts.all.filter(({ verdict }) => verdict === 'contradicted')
  const rest = found.length - mostNamed
  return [
    heading(2, '矛盾'),
    found.length === 0
      ? paragraph('没有发现与证据矛盾的上报。')
      : tableOf(
          '与证据矛盾的上报',
          claimFields(scene),
          found.slice(0, mostNamed),
          rest > 0 ? `另有 ${rest} 条，见工作簿“上报核验”。` : undefined,
        ),
  ]
}

const note =
  '上报与核验相符之间的差距分为矛盾、证据过期、无法验证三类；探针失联、没有证据的，计入无法验证，不计入矛盾。'
const noRecord = '上期没有核验记录，不作比较。'

const noteOf = ({ verdictsBefore }: Scene): string => `${note}${verdictsBefore === undefined ? noRecord : ''}`

export const claimsSection = (scene: Scene): readonly Block[] =>
  scene.verdicts.all.length === 0
    ? [heading(1, '上报与核验'), paragraph('没有可以核验的上报。')]
    : [
        heading(1, '上报与核验'),
        tableOf('各单位上报与核验', unitFields, rowsOf(scene), noteOf(scene)),
        ...contradictions(scene),
      ]

/** Every claim with its verdict. */
export const claimSheets = (scene: Scene): readonly Sheet[] => {
  const [first, ...others] = claimFields(scene)
  const fields: readonly Field<Verified>[] = [
    { title: '上报编号', format: 'text', read: ({ claim }) => claim.id },
    ...(first === undefined ? [] : [first]),
    { title: '结论', format: 'text', read: ({ verdict }) => checkLabels[verdict] },
    ...others,
    { title: '证据日', format: 'text', read: ({ observedAt }) => dayOf(scene, observedAt) },
    { title: '证据来源', format: 'text', read: ({ source }) => source?.what },
    { title: '所需文件', format: 'text', read: ({ documents }) => documents.join('；') },
  ]
  return scene.verdicts.all.length === 0
    ? []
    : [{ name: '上报核验', table: tableOf('上报核验', fields, scene.verdicts.all) }]
}
