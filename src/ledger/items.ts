import { type LedgerState, type Milestone, movesBySubject, type Task } from '../../inventory/ledger/index.ts'
import { isDoneState } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Day } from '../core/day.ts'
import type { Context } from './context.ts'
import { milestoneTimeline, stateOf, taskTimeline, type Timeline } from './timeline.ts'

/** A task or milestone with what follows from its moves. */
export interface Item {
  readonly id: string
  readonly name: string
  readonly task: Task
  /** Absent: the task itself. */
  readonly milestone?: Milestone
  /** Of a task the latest of its milestones; absent: the plan gives no day. */
  readonly due?: Day
  readonly timeline: Timeline
  readonly state: LedgerState
  /** What must be done before it, and who says so. */
  readonly waits: readonly { readonly id: string; readonly basis: 'stated' | 'inferred' }[]
}

export const isOpen = ({ state }: Item): boolean => !isDoneState(state)

const latest = (milestones: readonly Milestone[]): Day | undefined =>
  milestones.reduce<Day | undefined>(
    (day, { date }) => (day === undefined || date > day ? date : day),
    undefined,
  )

const taskWaits = ({ dependsOn, dependsOnInferred }: Task): Item['waits'] => [
  ...dependsOn.map((id) => ({ id, basis: 'stated' as const })),
  ...dependsOnInferred.map((id) => ({ id, basis: 'inferred' as const })),
]

/** A milestone that names nothing waits on what its task waits on. */
const milestoneWaits = ({ dependsOn }: Milestone, task: Task): Item['waits'] =>
  dependsOn.length > 0 ? dependsOn.map((id) => ({ id, basis: 'stated' as const })) : taskWaits(task)

/** 任务题目（范围） */
const milestoneName = ({ scope, kind }: Milestone, task: Task): string =>
  `${task.name}${scope === undefined ? '' : `：${scope}`}${kind === 'start' && scope === undefined ? '（启动）' : ''}`

/** Every task and milestone, or those of one plan, as they were known at the context's clock. */
export const itemsOf = (inventory: Inventory, context: Context, plan?: string): ReadonlyMap<string, Item> => {
  const moves = movesBySubject(inventory.progress.values())
  const parts = Map.groupBy(inventory.milestone.values(), ({ task }) => task)
  const movesOf = (id: string) => moves.get(id) ?? []
  const items = [...inventory.task.values()]
    .filter((task) => plan === undefined || task.plan === plan)
    .flatMap((task): readonly Item[] => {
      const milestones = parts.get(task.id) ?? []
      const due = latest(milestones)
      const timeline = taskTimeline(
        context,
        movesOf(task.id),
        milestones.map(({ id }) => movesOf(id)),
      )
      const whole: Item = {
        id: task.id,
        name: task.name,
        task,
        ...(due !== undefined && { due }),
        timeline,
        state: stateOf(timeline),
        waits: taskWaits(task),
      }
      return [
        whole,
        ...milestones.map((each) =>
          milestoneItem(each, task, milestoneTimeline(context, movesOf(each.id), movesOf(task.id))),
        ),
      ]
    })
  return new Map(items.map((item) => [item.id, item]))
}

const milestoneItem = (milestone: Milestone, task: Task, timeline: Timeline): Item => ({
  id: milestone.id,
  name: milestoneName(milestone, task),
  task,
  milestone,
  due: milestone.date,
  timeline,
  state: stateOf(timeline),
  waits: milestoneWaits(milestone, task),
})
