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

const byTime = (left: Progress, right: Progress): number =>
  left.at < right.at || (left.at === right.at && left.id < right.id) ? -1 : 1

/** The moves of each task and milestone in the order of time. */
export const movesBySubject = (progress: Iterable<Progress>): ReadonlyMap<string, readonly Move[]> => {
  const moves = [...progress]
    .sort(byTime)
    .flatMap((record) => (record.to === undefined ? [] : [{ record, to: record.to }]))
  return Map.groupBy(moves, ({ record }) => record.subject)
}
