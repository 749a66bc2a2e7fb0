import { type Goal, isDoneState, type LedgerState, stateLabels } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Day, daysBetween } from '../core/day.ts'
import { given } from '../core/given.ts'
import { type Context, today } from './context.ts'
import { isOpen, type Item, itemsOf } from './items.ts'
import { lightOf, type Lit, worst } from './lights.ts'
import type { Light, SlipColour } from './policy.ts'
import { type Slip, slipsOf } from './slips.ts'
import { doneSince } from './timeline.ts'
import { type Delay, delayOf, type Need, needsOf, type Obstacle, obstaclesOf } from './waiting.ts'
import { lastWorkingDay, workingDaysBetween } from './working-days.ts'

/** Where a task or milestone stands at a moment. Everything in it is derived. */
export interface Standing {
  readonly id: string
  readonly kind: 'task' | 'milestone'
  readonly plan: string
  /** Task that it is, or belongs to. */
  readonly task: string
  readonly name: string
  readonly lead: readonly string[]
  readonly joint: readonly string[]
  readonly state: LedgerState
  /** Since when it is in that state; absent: nobody has moved it. ISO 8601, UTC. */
  readonly since?: string
  readonly overdue: boolean
  /** 逾期, or the word of its state. */
  readonly status: string
  readonly due?: Day
  /** The last working day up to the deadline, where that is another day. */
  readonly lastWorkingDay?: Day
  /** By when something else needs it. */
  readonly need?: Need
  /** Calendar days until the deadline; negative: past it. */
  readonly daysLeft?: number
  readonly workingDaysLeft?: number
  /** Since when it is claimed or verified. */
  readonly doneOn?: Day
  /** Days between the deadline and when it was done; 0: in time. */
  readonly doneLateDays?: number
  /** What it waits on that is not done, nearest first. */
  readonly waitsOn: readonly { readonly id: string; readonly state: LedgerState; readonly due?: Day }[]
  readonly delay?: Delay
  readonly light: Light
  readonly why: string
  readonly slips: readonly Slip[]
  /** The slip that is running: the last, while it is neither done nor put off. */
  readonly slip?: SlipColour
}

export interface GoalStanding {
  readonly id: string
  readonly plan: string
  readonly name: string
  readonly due: Day
  readonly tasks: readonly string[]
  readonly counts: Readonly<Record<LedgerState, number>>
  readonly overdue: boolean
  readonly light: Light
  readonly why: string
}

export interface Ledger {
  readonly today: Day
  readonly tasks: readonly Standing[]
  readonly milestones: readonly Standing[]
  readonly goals: readonly GoalStanding[]
  /** Years that deadlines lie in, or that passed since, of which the calendar knows nothing: Monday to Friday was counted. */
  readonly uncharted: readonly number[]
}

/** Working days from today to a day, negative backwards. */
const workingDaysTo = ({ calendar }: Context, from: Day, to: Day): number =>
  to >= from ? workingDaysBetween(calendar, from, to) : -workingDaysBetween(calendar, to, from)

interface Surroundings {
  readonly context: Context
  readonly obstacles: readonly Obstacle[]
  readonly need: Need | undefined
  /** Lights of the milestones, of a task that has some. */
  readonly parts: readonly Standing[]
}

const unverifiedFor = (item: Item, context: Context): number | undefined => {
  const done = doneSince(item.timeline)
  if (item.state !== 'claimed' || done === undefined) return undefined
  return workingDaysBetween(context.calendar, done.day, today(context))
}

const lit = (item: Item, overdue: boolean, { context, obstacles, need, parts }: Surroundings): Lit => {
  const day = today(context)
  const target = item.due ?? need?.day
  const own = lightOf(
    {
      state: item.state,
      overdue,
      ...given({
        due: item.due,
        workingDaysLeft: target === undefined ? undefined : workingDaysTo(context, day, target),
        unverifiedWorkingDays: unverifiedFor(item, context),
        delay: delayOf(item, obstacles, day),
        need,
      }),
    },
    context.policy,
  )
  return isOpen(item) ? (worst(parts.length > 0 ? parts : [own]) ?? own) : own
}

const timesOf = (item: Item, context: Context) => {
  const { due } = item
  const day = today(context)
  const doneOn = doneSince(item.timeline)?.day
  if (due === undefined) return given({ doneOn })
  const working = lastWorkingDay(context.calendar, due)
  return given({
    due,
    lastWorkingDay: working === due ? undefined : working,
    daysLeft: daysBetween(day, due),
    workingDaysLeft: workingDaysTo(context, day, due),
    doneOn,
    doneLateDays: doneOn === undefined ? undefined : Math.max(0, daysBetween(due, doneOn)),
  })
}

const isOverdue = (item: Item, parts: readonly Standing[], day: Day): boolean =>
  isOpen(item) &&
  item.state !== 'deferred' &&
  (parts.some(({ overdue }) => overdue) || (item.due !== undefined && item.due < day))

const standingOf = (item: Item, surroundings: Surroundings): Standing => {
  const { context, obstacles, need, parts } = surroundings
  const { id, name, task, milestone, state, timeline } = item
  const day = today(context)
  const overdue = isOverdue(item, parts, day)
  const slips = milestone === undefined ? [] : slipsOf(item, context)
  return {
    id,
    kind: milestone === undefined ? 'task' : 'milestone',
    plan: task.plan,
    task: task.id,
    name,
    lead: task.lead,
    joint: task.joint,
    state,
    overdue,
    status: overdue ? '逾期' : stateLabels[state],
    ...timesOf(item, context),
    waitsOn: obstacles.map(({ item: { id: on, state: theirs, due } }) => ({
      id: on,
      state: theirs,
      ...given({ due }),
    })),
    ...lit(item, overdue, surroundings),
    slips,
    ...given({
      since: timeline.at(-1)?.at,
      need,
      delay: delayOf(item, obstacles, day),
      slip: overdue ? slips.at(-1)?.colour : undefined,
    }),
  }
}

const noTasks: Readonly<Record<LedgerState, number>> = {
  not_started: 0,
  in_progress: 0,
  claimed: 0,
  verified: 0,
  deferred: 0,
}

/** How many are in each state. */
export const countByState = (standings: readonly Standing[]): Readonly<Record<LedgerState, number>> => {
  const counts = { ...noTasks }
  for (const { state } of standings) counts[state] += 1
  return counts
}

const goalStanding = (goal: Goal, tasks: readonly Standing[], day: Day): GoalStanding => {
  const { id, plan, name, due, tasks: ids } = goal
  const own = tasks.filter((task) => ids.includes(task.id))
  const overdue = due < day && own.some(({ state }) => !isDoneState(state))
  const light = overdue ? { light: 'red' as const, why: `已过期限 ${due}` } : worst(own)
  return {
    id,
    plan,
    name,
    due,
    tasks: ids,
    counts: countByState(own),
    overdue,
    light: light?.light ?? 'green',
    why: light?.why ?? '无任务',
  }
}

const unchartedYears = (days: readonly Day[], { calendar }: Context): readonly number[] => {
  const years = days.map((day) => Number(day.slice(0, 4))).sort((left, right) => left - right)
  const [first, last] = [years[0], years.at(-1)]
  if (first === undefined || last === undefined) return []
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (year) => !calendar.has(year),
  )
}

/** The whole ledger, or that of one plan, as it stood at the context's clock. Pure. */
export const ledgerAt = (inventory: Inventory, context: Context, plan?: string): Ledger => {
  const day = today(context)
  const items = itemsOf(inventory, context, plan)
  const obstacles = new Map([...items.values()].map((item) => [item, obstaclesOf(items, item)]))
  const needs = needsOf(new Map([...obstacles].filter(([item]) => isOpen(item))))
  const stand = (item: Item, parts: readonly Standing[]): Standing =>
    standingOf(item, { context, obstacles: obstacles.get(item) ?? [], need: needs.get(item.id), parts })
  const all = [...items.values()]
  const milestones = all.filter(({ milestone }) => milestone !== undefined).map((item) => stand(item, []))
  const parts = Map.groupBy(milestones, ({ task }) => task)
  const tasks = all
    .filter(({ milestone }) => milestone === undefined)
    .map((item) => stand(item, parts.get(item.id) ?? []))
  const goals = [...inventory.goal.values()]
    .filter((goal) => plan === undefined || goal.plan === plan)
    .map((goal) => goalStanding(goal, tasks, day))
  const dues = milestones.flatMap(({ due }) => due ?? [])
  return {
    today: day,
    tasks,
    milestones,
    goals,
    uncharted: dues.length === 0 ? [] : unchartedYears([day, ...dues], context),
  }
}
