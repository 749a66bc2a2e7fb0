import type { LedgerState } from '../../inventory/ledger/index.ts'
import { stateLabels } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import {
  type Deadline,
  delayLabels,
  type GoalStanding,
  lightLabels,
  type NoRoster,
  type Ratio,
  slipLabels,
  type Standing,
} from '../ledger/index.ts'
import type { Column } from '../terminal/table.ts'

/** Chinese columns of the ledger's lists: for officials. */

export type Names = (units: readonly string[]) => string

export const unitNames =
  ({ unit }: Inventory): Names =>
  (ids) =>
    ids.map((id) => unit.get(id)?.name ?? id).join('、')

const due = ({ due: day, lastWorkingDay, need }: Standing): string => {
  if (day !== undefined) return lastWorkingDay === undefined ? day : `${day}（工作日至 ${lastWorkingDay}）`
  return need === undefined ? '无时限' : `无时限（${need.by} 需于 ${need.day} 前）`
}

const waits = ({ waitsOn, delay }: Standing): string => {
  if (delay !== undefined) return `${delayLabels[delay.kind]}：${delay.path.join(' → ')}`
  return waitsOn.map(({ id }) => id).join(' ')
}

export const standingColumns = (names: Names): readonly Column<Standing>[] => [
  { header: '编号', read: ({ id }) => id },
  { header: '灯', read: ({ light }) => lightLabels[light] },
  { header: '状态', read: ({ status }) => status },
  { header: '名称', read: ({ name }) => name, least: 16 },
  { header: '期限', read: due, least: 11 },
  { header: '督查单', read: ({ slip }) => (slip === undefined ? '' : slipLabels[slip]) },
  { header: '牵头单位', read: ({ lead }) => names(lead), least: 12 },
  { header: '说明', read: ({ why }) => why, least: 12, optional: true },
  { header: '前置', read: waits, least: 10, optional: true },
]

export const ratioText = (ratio: Ratio | NoRoster | undefined): string => {
  if (ratio === undefined) return '无填报'
  if (ratio.kind === 'no-roster') return `${ratio.series}：${ratio.day} 尚无名录`
  const { numerator, denominator, percent, roster, exclusions, exceeds } = ratio
  const excluded = exclusions.reduce((sum, { count }) => sum + count, 0)
  const over = exceeds ? '，超出分母' : ''
  return `${numerator}/${denominator}${percent === undefined ? '' : `（${percent.toFixed(1)}%）`}${over}，名录 ${roster.id}${excluded > 0 ? `，排除 ${excluded}` : ''}`
}

export interface GoalRow {
  readonly goal: GoalStanding
  readonly claimed: Ratio | NoRoster | undefined
}

const counts = ({ counts: by }: GoalStanding): string =>
  (Object.keys(stateLabels) as LedgerState[])
    .filter((state) => by[state] > 0)
    .map((state) => `${stateLabels[state]} ${by[state]}`)
    .join('，')

export const goalColumns: readonly Column<GoalRow>[] = [
  { header: '编号', read: ({ goal }) => goal.id },
  { header: '灯', read: ({ goal }) => lightLabels[goal.light] },
  { header: '目标', read: ({ goal }) => goal.name, least: 20 },
  { header: '期限', read: ({ goal }) => goal.due },
  { header: '任务', read: ({ goal }) => counts(goal), least: 16 },
  { header: '填报（未经核验）', read: ({ claimed }) => ratioText(claimed), least: 16 },
  { header: '说明', read: ({ goal }) => goal.why, least: 12, optional: true },
]

const isStanding = (item: Deadline['item']): item is Standing => 'kind' in item

export const deadlineColumns = (names: Names): readonly Column<Deadline>[] => [
  { header: '日期', read: ({ day }) => day },
  { header: '编号', read: ({ item }) => item.id },
  { header: '灯', read: ({ item }) => lightLabels[item.light] },
  { header: '状态', read: ({ item }) => (isStanding(item) ? item.status : item.overdue ? '逾期' : '') },
  { header: '应完成', read: ({ item }) => item.name, least: 14 },
  {
    header: '依据',
    read: ({ basis, item }) =>
      basis === 'plan' ? '方案' : `${isStanding(item) ? (item.need?.by ?? '') : ''} 需要`,
  },
  { header: '牵头单位', read: ({ item }) => (isStanding(item) ? names(item.lead) : ''), least: 10 },
  { header: '前置', read: ({ item }) => (isStanding(item) ? waits(item) : ''), least: 12, optional: true },
]
