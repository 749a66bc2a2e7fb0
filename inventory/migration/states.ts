import {
  asideLabels,
  type AsideState,
  type Migration,
  type MigrationState,
  pathLabels,
  type PathState,
} from './model.ts'

/** The way, in its order. */
export const path = Object.keys(pathLabels) as readonly PathState[]

export const isAside = (state: MigrationState): state is AsideState => state in asideLabels

export const isOnPath = (state: MigrationState): state is PathState => state in pathLabels

/** How far a state of the way is along it, from 0; -1 beside it. */
export const placeOf = (state: MigrationState): number => (path as readonly MigrationState[]).indexOf(state)

/** Decided by somebody, so that it needs what it was decided by; the others are facts of the work. */
export const needsBasis: ReadonlySet<MigrationState> = new Set(['exempt', 'merged', 'deferred'])

/** Does not move at all: outside of what is to be moved. */
export const isOutOfScope = (state: MigrationState): boolean => state === 'exempt' || state === 'merged'

export const isDone = (state: MigrationState): boolean => placeOf(state) >= placeOf('accepted')

type Moving = Pick<Migration, 'state' | 'stateSince' | 'moves'>

/** A time in one state; `from` is unknown where it was recorded in it and nobody said since when. */
export interface Stay {
  readonly state: MigrationState
  /** Milliseconds since the epoch. */
  readonly from?: number
  /** Absent: it is there still. */
  readonly to?: number
}

/**
 * Every state that a system has been in, oldest first, as far as it is recorded. `startOf` says when a day begins,
 * in milliseconds since the epoch.
 */
export const staysOf = (
  { state, stateSince, moves }: Moving,
  startOf: (day: string) => number,
): readonly Stay[] => {
  const times = moves.map(({ at }) => Date.parse(at))
  return [moves[0]?.from ?? state, ...moves.map(({ to }) => to)].map((each, index) => {
    const from = index === 0 ? stateSince && startOf(stateSince) : times[index - 1]
    const to = times[index]
    return {
      state: each,
      ...(typeof from === 'number' && { from }),
      ...(to !== undefined && { to }),
    }
  })
}

/** The state at an instant, milliseconds since the epoch; before its first move it is as it was recorded first. */
export const stateAt = ({ state, moves }: Pick<Migration, 'state' | 'moves'>, at: number): MigrationState =>
  moves.findLast((move) => Date.parse(move.at) <= at)?.to ?? moves[0]?.from ?? state

/** The record as it was at an instant, milliseconds since the epoch: later moves are not made yet. */
export const recordAt = (record: Migration, at: number): Migration => ({
  ...record,
  state: stateAt(record, at),
  moves: record.moves.filter((move) => Date.parse(move.at) <= at),
})

/** The furthest that it stands on the way: where it is, or was when it left the way. */
export const lastOnPath = ({ state, moves }: Pick<Migration, 'state' | 'moves'>): PathState => {
  const states: readonly MigrationState[] = [moves[0]?.from ?? state, ...moves.map(({ to }) => to)]
  return states.findLast(isOnPath) ?? 'surveyed'
}
