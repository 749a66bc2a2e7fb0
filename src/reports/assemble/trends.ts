import { addDays, daysBetween, type Day, type DayRange, endOfDay } from '../../core/day.ts'
import { countByState, ledgerAt } from '../../ledger/index.ts'
import type { Block, Chart } from '../model.ts'
import { heading } from './blocks.ts'
import { remainingOn } from './migration.ts'
import { isOf, type Scene } from './scene.ts'

/** How the numbers moved within a month or a longer span: a week a step or more, its last day always. */

const weekDays = 7
const mostSteps = 26

/** Long enough for a trend: more than two weeks. */
export const isLong = ({ from, to }: DayRange): boolean => daysBetween(from, to) >= 2 * weekDays

const daysIn = ({ from, to }: DayRange): readonly Day[] => {
  const stepDays = Math.max(weekDays, Math.ceil(daysBetween(from, to) / mostSteps))
  const days: Day[] = []
  for (let day = to; day >= from; day = addDays(day, -stepDays)) days.unshift(day)
  return [addDays(from, -1), ...days]
}

const tasksOn = ({ input: { inventory, context, unit } }: Scene, day: Day) => {
  const now = Math.min(context.now, endOfDay(context.timeZone, day))
  const tasks = ledgerAt(inventory, { ...context, now }).tasks.filter((task) => isOf(unit, task))
  const { claimed, verified } = countByState(tasks)
  return { claimed: claimed + verified, verified, overdue: tasks.filter((task) => task.overdue).length }
}

export const trendsSection = (scene: Scene): readonly Block[] => {
  const days = daysIn(scene.input.range)
  const points = days.map((day) => tasksOn(scene, day))
  const lines = (caption: string, unit: string, series: Chart['series']): Chart => ({
    kind: 'chart',
    caption,
    shape: 'lines',
    unit,
    categories: days.map((day) => day.slice(5)),
    series,
  })
  const remaining = days.map((day) => remainingOn(scene, day))
  return [
    heading(1, scene.input.kind === 'monthly' ? '本月趋势' : '期间趋势'),
    lines('任务趋势', '项', [
      { name: '报完成', values: points.map(({ claimed }) => claimed) },
      { name: '已核验', values: points.map(({ verified }) => verified) },
      { name: '逾期', values: points.map(({ overdue }) => overdue) },
    ]),
    ...(remaining.some((value) => value !== undefined)
      ? [lines('未完成迁移的系统', '个', [{ name: '未完成', values: remaining }])]
      : []),
  ]
}
