import type { Inventory } from '../../../inventory/store.ts'
import { itemById, resultLabels } from '../../../inventory/mlps/index.ts'
import { conclude, type Conclusion } from '../../compliance/conclude.ts'
import { dossiersOf } from '../../compliance/dossier.ts'
import { type Check, checkLabels, type Claim } from '../../compliance/evidence/claim.ts'
import { unkeptText } from '../../compliance/evidence/unkept.ts'
import { verdictLabels } from '../../compliance/verdict.ts'
import { dayIn } from '../../core/day.ts'
import { today } from '../../ledger/index.ts'
import type { Block, Sheet } from '../model.ts'
import { type Field, heading, paragraph, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 等级保护: what the assessments on record come to, and what was seen of their results. */

interface Row {
  readonly id: string
  readonly name: string
  readonly system: string | undefined
  readonly level: number
  readonly conclusion: Conclusion
}

const verdictText = ({ standing: { verdicts } }: Conclusion): string =>
  verdicts.length === 0
    ? '不作结论'
    : `${verdicts.map((each) => verdictLabels[each]).join('或')}${verdicts.length > 1 ? '（未定）' : ''}`

const fields: readonly Field<Row>[] = [
  { title: '测评', format: 'text', width: 2.6, read: ({ name }) => name },
  { title: '系统', format: 'text', width: 2.4, read: ({ system }) => system },
  { title: '级别', format: 'text', width: 1.2, read: ({ level }) => (level === 3 ? '第三级' : '第二级') },
  {
    title: '计入项',
    format: 'integer',
    width: 1.2,
    read: ({ conclusion }) => conclusion.standing.tally.counted,
  },
  {
    title: '符合率',
    format: 'percent',
    width: 1.2,
    read: ({ conclusion }) => conclusion.standing.tally.percent,
  },
  {
    title: '未测评',
    format: 'integer',
    width: 1.1,
    read: ({ conclusion }) => conclusion.standing.tally.counts.untested,
  },
  { title: '重大风险', format: 'integer', width: 1.5, read: ({ conclusion }) => conclusion.hazards.length },
  { title: '结论', format: 'text', width: 2, read: ({ conclusion }) => verdictText(conclusion) },
]

const rowsOf = (inventory: Inventory, day: string, unit: string | undefined): readonly Row[] =>
  dossiersOf(inventory)
    .filter(
      ({ assessment }) => unit === undefined || inventory.system.get(assessment.system ?? '')?.unit === unit,
    )
    .map((dossier) => {
      const { id, name, system, level } = dossier.assessment
      return {
        id,
        name,
        system: inventory.system.get(system ?? '')?.name ?? system,
        level,
        conclusion: conclude(dossier, day),
      }
    })

const checks = Object.keys(checkLabels) as readonly Check[]

const countOf = (results: readonly Claim[], check: Check): number =>
  results.filter((result) => result.check === check).length

interface CheckRow {
  readonly name: string
  readonly results: readonly Claim[]
}

const checkFields: readonly Field<CheckRow>[] = [
  { title: '测评', format: 'text', width: 3, read: ({ name }) => name },
  { title: '已记录结果', format: 'integer', width: 1.3, read: ({ results }) => results.length },
  ...checks.map((check): Field<CheckRow> => ({
    title: checkLabels[check],
    format: 'integer',
    read: ({ results }) => countOf(results, check),
  })),
]

const resultFields = ({ input: { inventory, context } }: Scene): readonly Field<Claim>[] => [
  {
    title: '测评',
    format: 'text',
    width: 2,
    read: ({ assessment }) => inventory.assessment.get(assessment)?.name ?? assessment,
  },
  { title: '资产', format: 'text', width: 1.8, read: ({ assetName }) => assetName },
  {
    title: '要求项',
    format: 'text',
    width: 2.2,
    read: ({ item }) => `${item} ${itemById(item)?.topic ?? ''}`.trim(),
  },
  { title: '记录', format: 'text', read: ({ claimed }) => resultLabels[claimed] },
  { title: '所见', format: 'text', width: 3.4, read: ({ deciding }) => deciding?.saw },
  {
    title: '证据日',
    format: 'text',
    width: 2.1,
    read: ({ deciding }) => deciding && dayIn(context.timeZone, deciding.observedAt),
  },
]

const mostNamed = 30

const contradictedPart = (scene: Scene, results: readonly Claim[]): Block => {
  const found = results.filter(({ check }) => check === 'contradicted')
  const rest = found.length - mostNamed
  return found.length === 0
    ? paragraph('没有发现与证据矛盾的测评记录。')
    : tableOf(
        '与证据矛盾的测评记录',
        resultFields(scene),
        found.slice(0, mostNamed),
        rest > 0 ? `另有 ${rest} 条，见工作簿“测评矛盾”。` : undefined,
      )
}

interface Standing {
  readonly rows: readonly Row[]
  readonly results: readonly Claim[]
}

const standingIn = ({ input: { inventory, context, unit, results } }: Scene): Standing => {
  const rows = rowsOf(inventory, today(context), unit)
  const own = new Set(rows.map(({ id }) => id))
  return { rows, results: results.filter(({ assessment }) => own.has(assessment)) }
}

/** One sentence for 总体情况. */
export const complianceText = (scene: Scene): string => {
  const { rows, results } = standingIn(scene)
  if (rows.length === 0) return '等级保护：没有数据，没有登记的等级测评。'
  const percents = rows.flatMap(({ conclusion }) => conclusion.standing.tally.percent ?? [])
  const range = [Math.min(...percents), Math.max(...percents)].map((percent) => `${percent.toFixed(1)}%`)
  return [
    `等级保护：登记等级测评 ${rows.length} 项`,
    percents.length === 0 ? '尚不能计算符合率' : `符合率 ${[...new Set(range)].join('至')}`,
    `已记录结果 ${results.length} 项，与证据核对：${checks.map((check) => `${checkLabels[check]} ${countOf(results, check)} 项`).join('、')}。`,
  ].join('；')
}

const checkNote = ({ input: { unkept } }: Scene): string =>
  ['没有证据的、探针失联的，计入无法验证；同一对象只核对最近一次测评', unkeptText(unkept)]
    .filter(Boolean)
    .map((sentence) => `${sentence}。`)
    .join('')

export const complianceSection = (scene: Scene): readonly Block[] => {
  const { rows, results } = standingIn(scene)
  if (rows.length === 0) return [heading(1, '等级保护'), paragraph('没有数据，没有登记的等级测评。')]
  const byAssessment = Map.groupBy(results, ({ assessment }) => assessment)
  return [
    heading(1, '等级保护'),
    tableOf(
      '等级测评情况',
      fields,
      rows,
      '符合率为符合项÷计入项：部分符合和未测评不算符合，不适用不计入。按现有测评记录计算，不代替测评机构的结论。',
    ),
    tableOf(
      '测评记录与证据核对',
      checkFields,
      rows.map(({ id, name }) => ({ name, results: byAssessment.get(id) ?? [] })),
      checkNote(scene),
    ),
    contradictedPart(scene, results),
  ]
}

export const complianceSheets = (scene: Scene): readonly Sheet[] => {
  const found = standingIn(scene).results.filter(({ check }) => check === 'contradicted')
  return found.length === 0
    ? []
    : [{ name: '测评矛盾', table: tableOf('与证据矛盾的测评记录', resultFields(scene), found) }]
}
