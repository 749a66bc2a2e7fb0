import { isDoneState, type LedgerState, stateLabels } from '../../../inventory/ledger/index.ts'
import { type Ledger, slipLabels, type Standing } from '../../ledger/index.ts'
import type { Block, Sheet } from '../model.ts'
import { type Field, heading, lightWord, paragraph, tableOf, unitName, unitNames } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 任务进展: what was done, what is late, who answers for it. */

const standingFields = ({ input: { inventory } }: Scene): readonly Field<Standing>[] => [
  { title: '编号', format: 'text', width: 1.6, read: ({ id }) => id },
  { title: '事项', format: 'text', width: 4, read: ({ name }) => name },
  { title: '牵头单位', format: 'text', width: 2, read: ({ lead }) => unitNames(inventory, lead) },
  { title: '状态', format: 'text', width: 1.6, read: ({ status }) => status },
  { title: '期限', format: 'text', width: 1.8, read: ({ due }) => due },
  { title: '灯', format: 'light', width: 0.7, read: ({ light }) => lightWord[light] },
]

const listed = (
  scene: Scene,
  { title, none }: { readonly title: string; readonly none: string },
  standings: readonly Standing[],
): readonly Block[] => [
  heading(2, title),
  standings.length === 0 ? paragraph(none) : tableOf(title, standingFields(scene), standings),
]

const slipsPart = ({ input: { inventory }, slips }: Scene): readonly Block[] => [
  heading(2, '督查单'),
  slips.length === 0
    ? paragraph('本期没有新的督查单。')
    : tableOf(
        '本期督查单',
        [
          { title: '督查单', format: 'light', read: ({ colour }) => lightWord[colour] },
          { title: '日期', format: 'text', width: 1.8, read: ({ issuedOn }) => issuedOn },
          { title: '节点', format: 'text', width: 1.6, read: ({ milestone }) => milestone.id },
          { title: '事项', format: 'text', width: 4, read: ({ milestone }) => milestone.name },
          {
            title: '牵头单位',
            format: 'text',
            width: 2,
            read: ({ milestone }) => unitNames(inventory, milestone.lead),
          },
        ],
        slips,
        `督查单按逾期工作日数由规则生成：${Object.values(slipLabels).join('、')}依次升级。`,
      ),
]

interface UnitRow {
  readonly name: string
  readonly tasks: readonly Standing[]
}

const countOf =
  (state: LedgerState) =>
  ({ tasks }: UnitRow): number =>
    tasks.filter((task) => task.state === state).length
const overdueOf = ({ tasks }: UnitRow): number => tasks.filter(({ overdue }) => overdue).length

const unitFields: readonly Field<UnitRow>[] = [
  { title: '牵头单位', format: 'text', width: 3, read: ({ name }) => name },
  { title: '任务', format: 'integer', read: ({ tasks }) => tasks.length },
  ...(Object.entries(stateLabels) as [LedgerState, string][]).map(([state, title]): Field<UnitRow> => ({
    title,
    format: 'integer',
    read: countOf(state),
  })),
  { title: '逾期', format: 'integer', read: overdueOf },
]

const unitRows = ({ input: { inventory }, ledger }: Scene): readonly UnitRow[] => {
  const byUnit = new Map<string, Standing[]>()
  for (const task of ledger.tasks)
    for (const unit of task.lead) byUnit.set(unit, [...(byUnit.get(unit) ?? []), task])
  return [...byUnit]
    .map(([unit, tasks]) => ({ name: unitName(inventory, unit), tasks }))
    .toSorted((left, right) => overdueOf(right) - overdueOf(left) || right.tasks.length - left.tasks.length)
}

/** Milestones, and tasks that have none. */
const leaves = ({ tasks, milestones }: Ledger): readonly Standing[] => {
  const split = new Set(milestones.map(({ task }) => task))
  return [...milestones, ...tasks.filter(({ id }) => !split.has(id))]
}

/** What is so at the cut-off and was not at the end of the period before. */
const became = ({ ledger, ledgerBefore }: Scene, holds: (each: Standing) => boolean): readonly Standing[] => {
  const before = new Set(
    leaves(ledgerBefore)
      .filter(holds)
      .map(({ id }) => id),
  )
  return leaves(ledger).filter((each) => holds(each) && !before.has(each.id))
}

export const tasksSection = (scene: Scene): readonly Block[] => {
  const units = unitRows(scene)
  return [
    heading(1, '任务进展'),
    ...listed(
      scene,
      { title: '本期报完成', none: '本期没有事项报完成。' },
      became(scene, ({ state }) => isDoneState(state)),
    ),
    ...listed(
      scene,
      { title: '本期核验销号', none: '本期没有事项核验销号。' },
      became(scene, ({ state }) => state === 'verified'),
    ),
    ...listed(
      scene,
      { title: '本期新增逾期', none: '本期没有新增逾期。' },
      became(scene, ({ overdue }) => overdue),
    ),
    ...slipsPart(scene),
    ...(units.length === 0
      ? []
      : [
          heading(2, '各单位情况'),
          tableOf('牵头单位任务情况', unitFields, units, '一项任务有多个牵头单位的，各计一次。'),
        ]),
  ]
}

const workFields = (scene: Scene): readonly Field<Standing>[] => [
  ...standingFields(scene),
  { title: '配合单位', format: 'text', read: ({ joint }) => unitNames(scene.input.inventory, joint) },
  { title: '剩余工作日', format: 'integer', read: ({ workingDaysLeft }) => workingDaysLeft },
  {
    title: '督查单',
    format: 'light',
    read: ({ slip }) => (slip === undefined ? undefined : lightWord[slip]),
  },
  { title: '灯的原因', format: 'text', read: ({ why }) => why },
  { title: '等待', format: 'text', read: ({ waitsOn }) => waitsOn.map(({ id }) => id).join('、') },
]

/** The ledger in full. */
export const taskSheets = (scene: Scene): readonly Sheet[] => [
  { name: '任务台账', table: tableOf('任务台账', workFields(scene), scene.ledger.tasks) },
  { name: '时限节点', table: tableOf('时限节点', workFields(scene), scene.ledger.milestones) },
]

/** 月督导: a sheet a unit that leads something. */
export const unitSheets = (scene: Scene): readonly Sheet[] =>
  unitRows(scene).map(({ name, tasks }) => ({ name, table: tableOf(name, workFields(scene), tasks) }))
