import type { Inventory } from '../../../inventory/store.ts'
import { conclude, type Conclusion } from '../../compliance/conclude.ts'
import { dossiersOf } from '../../compliance/dossier.ts'
import { verdictLabels } from '../../compliance/verdict.ts'
import { today } from '../../ledger/index.ts'
import type { Block } from '../model.ts'
import { type Field, heading, paragraph, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 等级保护: what the assessments on record come to. */

interface Row {
  readonly name: string
  readonly system: string
  readonly level: number
  readonly conclusion: Conclusion
}

const verdictText = ({ standing: { verdicts } }: Conclusion): string =>
  verdicts.length === 0
    ? '不作结论'
    : `${verdicts.map((each) => verdictLabels[each]).join('或')}${verdicts.length > 1 ? '（未定）' : ''}`

const fields: readonly Field<Row>[] = [
  { title: '测评', format: 'text', width: 3, read: ({ name }) => name },
  { title: '系统', format: 'text', width: 3, read: ({ system }) => system },
  { title: '级别', format: 'integer', read: ({ level }) => level },
  {
    title: '符合率',
    format: 'percent',
    width: 1.2,
    read: ({ conclusion }) => conclusion.standing.tally.percent,
  },
  { title: '未测评', format: 'integer', read: ({ conclusion }) => conclusion.standing.tally.counts.untested },
  { title: '重大风险', format: 'integer', width: 1.2, read: ({ conclusion }) => conclusion.hazards.length },
  { title: '结论', format: 'text', width: 2, read: ({ conclusion }) => verdictText(conclusion) },
]

const rowsOf = (inventory: Inventory, day: string, unit: string | undefined): readonly Row[] =>
  dossiersOf(inventory)
    .filter(
      ({ assessment }) => unit === undefined || inventory.system.get(assessment.system ?? '')?.unit === unit,
    )
    .map((dossier) => {
      const { name, system = '', level } = dossier.assessment
      return {
        name,
        system: inventory.system.get(system)?.name ?? system,
        level,
        conclusion: conclude(dossier, day),
      }
    })

export const complianceSection = ({ input: { inventory, context, unit } }: Scene): readonly Block[] => {
  const rows = rowsOf(inventory, today(context), unit)
  return [
    heading(1, '等级保护'),
    rows.length === 0
      ? paragraph('没有登记的等级测评。')
      : tableOf(
          '等级测评情况',
          fields,
          rows,
          '按现有测评记录计算，不代替测评机构的结论；记录没有历史，反映制作本期时的情况。',
        ),
  ]
}
