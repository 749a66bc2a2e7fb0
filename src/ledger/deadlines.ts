import type { Day } from '../core/day.ts'
import type { GoalStanding, Ledger, Standing } from './standing.ts'

/** Something that must be true by a day. */
export interface Deadline {
  readonly day: Day
  /** `plan`: the plan sets the day; `need`: something that waits on it does. */
  readonly basis: 'plan' | 'need'
  readonly item: Standing | GoalStanding
}

const needed = (item: Standing): readonly Deadline[] =>
  item.due === undefined && item.need !== undefined ? [{ day: item.need.day, basis: 'need', item }] : []

/**
 * What must be true by when: milestones, goals, and tasks without a day of their own by the first day on which
 * something else needs them. In the order of days, up to `until`.
 */
export const deadlinesOf = ({ tasks, milestones, goals }: Ledger, until?: Day): readonly Deadline[] =>
  [
    ...milestones.flatMap((item): readonly Deadline[] =>
      item.due === undefined ? [] : [{ day: item.due, basis: 'plan', item }],
    ),
    ...tasks.flatMap(needed),
    ...goals.map((item): Deadline => ({ day: item.due, basis: 'plan', item })),
  ]
    .filter(({ day }) => until === undefined || day <= until)
    .sort((left, right) => (left.day < right.day ? -1 : left.day > right.day ? 1 : 0))
