import {
  isBefore,
  isDoneState,
  type LedgerState,
  milestoneState,
  type Move,
  taskState,
} from '../../inventory/ledger/index.ts'
import type { Day } from '../core/day.ts'
import { type Context, dayOf } from './context.ts'

/** One state of a task or milestone, from a moment on. */
export interface Step {
  readonly state: LedgerState
  /** ISO 8601, UTC. */
  readonly at: string
  readonly day: Day
}

/** The states in their order; none: 未启动 ever since. */
export type Timeline = readonly Step[]

export const stateOf = (timeline: Timeline): LedgerState => timeline.at(-1)?.state ?? 'not_started'

/** The state at the end of a day. */
export const stateOn = (timeline: Timeline, day: Day): LedgerState =>
  timeline.findLast((step) => step.day <= day)?.state ?? 'not_started'

/** Since when it is done, where it is: verification later does not move the day. */
export const doneSince = (timeline: Timeline): Step | undefined => {
  if (!isDoneState(stateOf(timeline))) return undefined
  return timeline[timeline.findLastIndex(({ state }) => !isDoneState(state)) + 1]
}

const known = ({ now }: Context, moves: readonly Move[]): readonly Move[] =>
  moves.filter(({ record }) => Date.parse(record.at) <= now)

/** The states that follow from some lists of moves, one entry a change. */
const fold = (
  context: Context,
  lists: readonly (readonly Move[])[],
  read: (last: readonly (Move | undefined)[]) => LedgerState,
): Timeline => {
  const events = lists
    .flatMap((moves, list) => known(context, moves).map((move) => ({ move, list })))
    .sort((left, right) => (isBefore(left.move, right.move) ? -1 : 1))
  const last: (Move | undefined)[] = lists.map(() => undefined)
  const steps: Step[] = []
  for (const { move, list } of events) {
    last[list] = move
    const state = read(last)
    const { at } = move.record
    if (state !== stateOf(steps)) steps.push({ state, at, day: dayOf(context, at) })
  }
  return steps
}

export const milestoneTimeline = (context: Context, own: readonly Move[], task: readonly Move[]): Timeline =>
  fold(context, [own, task], ([mine, whole]) => milestoneState(mine, whole))

/** `parts` are the moves of each of its milestones. */
export const taskTimeline = (
  context: Context,
  own: readonly Move[],
  parts: readonly (readonly Move[])[],
): Timeline => fold(context, [own, ...parts], ([mine, ...rest]) => taskState(mine, rest))
