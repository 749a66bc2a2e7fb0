import type { Progress } from './records.ts'
import type { LedgerState } from './words.ts'

/** A change of state of a task or milestone. */
export interface Move {
  readonly record: Progress
  readonly to: LedgerState
}

/** Forward in order, back where a check failed or what was done turns out not to be; 暂缓 from what is not done. */
export const nextStates: Readonly<Record<LedgerState, readonly LedgerState[]>> = {
  not_started: ['in_progress', 'claimed', 'deferred'],
  in_progress: ['claimed', 'deferred'],
  claimed: ['verified', 'in_progress'],
  verified: ['in_progress'],
  deferred: ['in_progress', 'not_started'],
}

const isDone: ReadonlySet<LedgerState> = new Set(['claimed', 'verified'])
/** Claimed, or verified: whoever answers for it has nothing left to do. */
export const isDoneState = (state: LedgerState): boolean => isDone.has(state)

const precedes = (left: Progress, right: Progress): boolean =>
  left.at < right.at || (left.at === right.at && left.id < right.id)

/** Whether one move was made before another. */
export const isBefore = (left: Move, right: Move): boolean => precedes(left.record, right.record)

/** The moves of each task and milestone in the order of time. */
export const movesBySubject = (progress: Iterable<Progress>): ReadonlyMap<string, readonly Move[]> => {
  const moves = [...progress]
    .sort((left, right) => (precedes(left, right) ? -1 : 1))
    .flatMap((record) => (record.to === undefined ? [] : [{ record, to: record.to }]))
  return Map.groupBy(moves, ({ record }) => record.subject)
}

/** What a milestone is, by its own last move and that of its task: the task ends, or puts off, what is open in it. */
export const milestoneState = (own: Move | undefined, task: Move | undefined): LedgerState => {
  if (own === undefined) return task?.to ?? 'not_started'
  if (task === undefined || !isBefore(own, task)) return own.to
  const isEnding = isDoneState(task.to) || (task.to === 'deferred' && !isDoneState(own.to))
  return isEnding ? task.to : own.to
}

/** What a task is, by its own last move; of one that only its milestones moved, by theirs. */
export const taskState = (own: Move | undefined, parts: readonly (Move | undefined)[]): LedgerState => {
  if (own !== undefined) return own.to
  const states = parts.map((part) => part?.to ?? 'not_started')
  if (states.every((state) => state === 'not_started')) return 'not_started'
  if (states.every((state) => state === 'verified')) return 'verified'
  return states.every(isDoneState) ? 'claimed' : 'in_progress'
}
