import { endOfDay } from '../../core/day.ts'
import type { Block } from '../model.ts'
import { countByState, type GoalStanding, rosterChangeLine, yearsText } from '../../ledger/index.ts'
import { countsOf, type NoRatio, type VerifiedRatio } from '../../verify/index.ts'
import { pastText, unfinishedText } from '../text.ts'
import { complianceText } from './compliance.ts'
import { difference, type Field, heading, lightWord, paragraph, percentOf, tableOf } from './blocks.ts'
import type { ReportInput } from './input.ts'
import type { Scene, Verdicts } from './scene.ts'
import { securityText } from './security.ts'

/** 总体情况: the goals by what is claimed, what is verified, and the gap between. */

interface GoalRow {
  readonly goal: GoalStanding
  readonly ratio: VerifiedRatio | NoRatio
  readonly before: VerifiedRatio | undefined
}

const ratioOf = ({ ratio }: GoalRow): VerifiedRatio | undefined =>
  ratio.kind === 'ratio' ? ratio : undefined

const fields: readonly Field<GoalRow>[] = [
  { title: '目标', format: 'text', width: 3.6, read: ({ goal }) => goal.name },
  { title: '期限', format: 'text', width: 2, read: ({ goal }) => goal.due },
  { title: '上报率', format: 'percent', width: 1.3, read: (row) => ratioOf(row)?.claimedPercent },
  { title: '核验率', format: 'percent', width: 1.3, read: (row) => ratioOf(row)?.verifiedPercent },
  {
    title: '核验率较上期',
    format: 'change',
    width: 1.3,
    read: (row) => difference(ratioOf(row)?.verifiedPercent, row.before?.verifiedPercent),
  },
  { title: '矛盾', format: 'integer', read: (row) => ratioOf(row)?.gap.contradicted },
  { title: '证据过期', format: 'integer', read: (row) => ratioOf(row)?.gap.stale },
  { title: '无法验证', format: 'integer', read: (row) => ratioOf(row)?.gap.unverifiable },
  { title: '灯', format: 'light', width: 0.8, read: ({ goal }) => lightWord[goal.light] },
]

/** Over what a ratio is. */
const ratioNote = (row: GoalRow): string | undefined => {
  const ratio = ratioOf(row)
  if (ratio === undefined) return undefined
  const { roster, denominator, claimed, verified } = ratio
  return `${row.goal.name}：分母 ${denominator}，上报 ${claimed}、核验相符 ${verified}（名册“${roster.name}”第 ${roster.version} 版，${roster.effectiveOn} 起，来源：${roster.source}）。`
}

/** Over what the ratios are, and which goals have none. */
const ratioNotes = (rows: readonly GoalRow[]): string => {
  const uncounted = rows.filter((row) => ratioOf(row) === undefined).map(({ goal }) => goal.name)
  return [
    ...rows.map(ratioNote),
    uncounted.length > 0 && `没有名册、不计比率的目标：${uncounted.join('；')}。`,
  ]
    .filter(Boolean)
    .join('')
}

const goalRows = ({ ledger, verdicts, verdictsBefore }: Scene): readonly GoalRow[] => {
  const find = (of: Pick<Verdicts, 'ratios'> | undefined, goal: GoalStanding) =>
    of?.ratios.find(({ itemKind, item }) => itemKind === 'goal' && item.id === goal.id)?.ratio
  return ledger.goals.map((goal) => {
    const before = find(verdictsBefore, goal)
    return {
      goal,
      ratio: find(verdicts, goal) ?? { kind: 'none', why: '没有指定名录' },
      before: before?.kind === 'ratio' ? before : undefined,
    }
  })
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
    `未完成的任务中逾期 ${overdue} 项（较上期 ${signed(overdue - overdueBefore)}）。`,
  ].join('；')
}

const claimText = ({ verdicts }: Scene): string => {
  if (verdicts.all.length === 0) return '没有有效的上报，不作核验统计。'
  const { consistent, contradicted, stale, unverifiable } = countsOf(verdicts.all)
  const gap = contradicted + stale + unverifiable
  return `有效上报 ${verdicts.all.length} 条：核验相符 ${consistent} 条；差距 ${gap} 条，其中矛盾 ${contradicted} 条、证据过期 ${stale} 条、无法验证 ${unverifiable} 条。`
}

const isOver = ({ range, context: { now, timeZone } }: ReportInput): boolean =>
  endOfDay(timeZone, range.to) - now < 1000

export const headlineSection = (scene: Scene): readonly Block[] => {
  const { input, ledger, silent, rosters } = scene
  const rows = goalRows(scene)
  return [
    heading(1, '总体情况'),
    ...(isOver(input) ? [] : [paragraph(unfinishedText(input.basis))]),
    ...(input.basis.past.kind === 'unknown' ? [paragraph(`台账时点：${pastText(input.basis.past)}。`)] : []),
    ...(ledger.tasks.length === 0 ? [paragraph('台账中没有任务。')] : [paragraph(taskText(scene))]),
    paragraph(claimText(scene)),
    paragraph(securityText(scene)),
    paragraph(complianceText(scene)),
    ...(silent ? [paragraph('本期台账没有任何上报、进展或状态变更记录。')] : []),
    ...(rows.length === 0 ? [] : [tableOf('各项目标', fields, rows, ratioNotes(rows))]),
    ...rosters.map((change) => paragraph(`${rosterChangeLine(change)}。`)),
    ...(ledger.uncharted.length === 0
      ? []
      : [paragraph(`工作日历不含 ${yearsText(ledger.uncharted)} 年，这些年份的工作日按周一至周五计。`)]),
  ]
}
