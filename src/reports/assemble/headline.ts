import type { Block } from '../model.ts'
import {
  claimedRatio,
  countByState,
  type GoalStanding,
  type NoRoster,
  type Ratio,
  rosterChangeLine,
  today,
} from '../../ledger/index.ts'
import { difference, type Field, heading, lightWord, paragraph, percentOf, tableOf } from './blocks.ts'
import type { Scene } from './scene.ts'

/** 总体情况: the goals by what is claimed, what is verified, and the gap between. */

interface GoalRow {
  readonly goal: GoalStanding
  readonly before: GoalStanding | undefined
  readonly ratio: Ratio | NoRoster | undefined
}

const claimedTasks = ({ counts }: GoalStanding): number => counts.claimed + counts.verified

const fields: readonly Field<GoalRow>[] = [
  { title: '目标', format: 'text', width: 3.6, read: ({ goal }) => goal.name },
  { title: '期限', format: 'text', width: 2, read: ({ goal }) => goal.due },
  { title: '任务', format: 'integer', read: ({ goal }) => goal.tasks.length },
  { title: '报完成', format: 'integer', read: ({ goal }) => claimedTasks(goal) },
  { title: '已核验', format: 'integer', read: ({ goal }) => goal.counts.verified },
  { title: '差距', format: 'integer', read: ({ goal }) => goal.counts.claimed },
  {
    title: '核验较上期',
    format: 'change',
    read: ({ goal, before }) => difference(goal.counts.verified, before?.counts.verified),
  },
  {
    title: '上报率',
    format: 'percent',
    width: 1.2,
    read: ({ ratio }) => (ratio?.kind === 'ratio' ? ratio.percent : undefined),
  },
  { title: '灯', format: 'light', read: ({ goal }) => lightWord[goal.light] },
]

/** Over what a ratio is, and what was left out by which basis. */
const ratioNote = ({ goal, ratio }: GoalRow): string | undefined => {
  if (ratio === undefined) return undefined
  if (ratio.kind === 'no-roster')
    return `${goal.name}：名册 ${ratio.series} 在 ${ratio.day} 尚无版本，不计上报率`
  const { roster, listed, denominator, exclusions, exceeds } = ratio
  const out = exclusions.map(({ what, count, basis }) => `${what} ${count} 个（依据：${basis}）`)
  return [
    `${goal.name}：分母 ${denominator}，名册“${roster.name}”第 ${roster.version} 版，列入 ${listed}`,
    out.length === 0 ? '无排除' : `排除 ${out.join('、')}`,
    ...(exceeds ? ['上报数超过分母'] : []),
  ].join('，')
}

const goalRows = ({ input, ledger, ledgerBefore, claims }: Scene): readonly GoalRow[] => {
  const { inventory, context } = input
  return ledger.goals.map((goal) => ({
    goal,
    before: ledgerBefore.goals.find(({ id }) => id === goal.id),
    ratio: claimedRatio({ id: goal.id, roster: inventory.goal.get(goal.id)?.roster }, 'goal', {
      claims,
      rosters: inventory.roster.values(),
      context,
    }),
  }))
}

const signed = (change: number): string => (change > 0 ? `+${change}` : String(change))

const taskText = ({ ledger, ledgerBefore }: Scene): string => {
  const [now, before] = [countByState(ledger.tasks), countByState(ledgerBefore.tasks)]
  const total = ledger.tasks.length
  const claimed = now.claimed + now.verified
  const [overdue, overdueBefore] = [ledger.tasks, ledgerBefore.tasks].map(
    (tasks) => tasks.filter((task) => task.overdue).length,
  ) as [number, number]
  const rate = percentOf(now.verified, total)
  return [
    `共 ${total} 项任务：报完成 ${claimed} 项（较上期 ${signed(claimed - before.claimed - before.verified)}）`,
    `其中已核验销号 ${now.verified} 项（较上期 ${signed(now.verified - before.verified)}${rate === undefined ? '' : `，占 ${rate.toFixed(1)}%`}）`,
    `报完成而未核验 ${now.claimed} 项`,
    `推进中 ${now.in_progress} 项，未启动 ${now.not_started} 项，暂缓 ${now.deferred} 项`,
    `逾期 ${overdue} 项（较上期 ${signed(overdue - overdueBefore)}）。`,
  ].join('；')
}

export const headlineSection = (scene: Scene): readonly Block[] => {
  const { input, ledger, silent, rosters } = scene
  const rows = goalRows(scene)
  const notes = rows.flatMap((row) => ratioNote(row) ?? [])
  return [
    heading(1, '总体情况'),
    ...(input.range.to >= today(input.context)
      ? [paragraph(`统计期到 ${input.range.to} 为止，以下数据截至 ${input.basis.evidenceCutoff}。`)]
      : []),
    ...(ledger.tasks.length === 0 ? [paragraph('台账中没有任务。')] : [paragraph(taskText(scene))]),
    ...(silent ? [paragraph('本期台账没有任何上报、进展或状态变更记录。')] : []),
    ...(rows.length === 0
      ? []
      : [tableOf('各项目标', fields, rows, notes.length === 0 ? undefined : `${notes.join('；')}。`)]),
    ...rosters.map((change) => paragraph(`${rosterChangeLine(change)}。`)),
    ...(ledger.uncharted.length === 0
      ? []
      : [paragraph(`工作日历没有 ${ledger.uncharted.join('、')} 年，该年工作日按周一至周五计。`)]),
  ]
}
