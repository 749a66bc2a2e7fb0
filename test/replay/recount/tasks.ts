import { dayAfter, dayOf, type Json } from './raw.ts'
import type { Moment } from './network.ts'

/** States of tasks and milestones at a moment, from the moves on record. */

export interface Item {
  readonly id: string
  readonly name: string
  readonly lead: readonly string[]
  readonly state: string
  readonly overdue: boolean
  readonly due?: string
}

const isDone = (state: string): boolean => state === 'claimed' || state === 'verified'

export const tasksOf = ({ records, cutoff }: Moment): readonly Json[] => {
  const moves = [...(records['progress']?.values() ?? [])]
    .filter(({ at, to }) => to !== undefined && Date.parse(at) <= cutoff)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
  const milestones = [...(records['milestone']?.values() ?? [])]
  const today = dayOf(cutoff)
  return [...(records['task']?.values() ?? [])].map((task) => {
    // The simulated office moves tasks only: their milestones are what they are.
    const state: string = moves.findLast(({ subject }) => subject === task.id)?.to ?? 'not_started'
    const isOpen = !isDone(state) && state !== 'deferred'
    const own = milestones.filter((each) => each.task === task.id)
    const parts = own.map((each): Item => ({
      id: each.id,
      name: each.scope === undefined ? task.name : `${task.name}：${each.scope}`,
      lead: task.lead,
      state,
      overdue: isOpen && each.date < today,
      due: each.date,
    }))
    return {
      id: task.id,
      name: task.name,
      lead: task.lead,
      state,
      overdue: isOpen && parts.some(({ overdue }) => overdue),
      parts,
      waitsFor: [...(task.dependsOn ?? []), ...(task.dependsOnInferred ?? [])],
    }
  })
}

/** Milestones, and tasks that have none. */
export const leavesOf = (tasks: readonly Json[]): readonly Item[] =>
  tasks.flatMap((task) => (task.parts.length > 0 ? task.parts : [task]))

/** Holidays and worked weekends of April to July 2018, as the State Council announced them. */
const holidays: readonly string[] = ['2018-04-30', '2018-05-01', '2018-06-18']
const worked: readonly string[] = ['2018-04-28']

const isWorking = (day: string): boolean => {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  return worked.includes(day) || (weekday > 0 && weekday < 6 && !holidays.includes(day))
}

const slipDays: readonly number[] = [1, 6, 11]

/** Milestones that get a slip between two days: on the first, sixth and eleventh working day after a missed deadline. */
export const slippedIn = (tasks: readonly Json[], from: string, to: string): readonly string[] =>
  leavesOf(tasks)
    .filter(({ overdue }) => overdue)
    .filter(({ due = '' }) => {
      let working = 0
      for (let day = dayAfter(due, 1); day <= to; day = dayAfter(day, 1)) {
        if (!isWorking(day)) continue
        working += 1
        if (day >= from && slipDays.includes(working)) return true
      }
      return false
    })
    .map(({ id }) => id)

/** What is open and falls due after a day, up to another, or is needed by something that does. */
export const dueBetween = (
  tasks: readonly Json[],
  goals: readonly Json[],
  [after, until]: readonly [string, string],
) => {
  const isWithin = (day: string | undefined): boolean => day !== undefined && after < day && day <= until
  const open = tasks.filter(({ state }) => !isDone(state))
  const firstDue = (id: string): string | undefined => {
    const task = open.find((each) => each.id === id)
    if (task === undefined) return undefined
    const needed = open.filter(({ waitsFor }) => waitsFor.includes(id)).map((each) => firstDue(each.id))
    return [...task.parts.map(({ due }: Item) => due), ...needed].filter(Boolean).toSorted()[0]
  }
  return [
    ...leavesOf(open).filter(({ due }) => isWithin(due)),
    ...open.filter(({ id, parts }) => parts.length === 0 && isWithin(firstDue(id))),
    ...goals.filter(({ due }) => isWithin(due)),
  ].map(({ id }: Json) => id as string)
}
