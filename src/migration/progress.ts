import {
  isDone,
  isOutOfScope,
  lastOnPath,
  type Migration,
  type MigrationState,
  type Move,
  path,
  placeOf,
  recordAt,
  stateAt,
  stateLabels,
  type Wave,
} from '../../inventory/migration/index.ts'
import { addDays, dayIn, type Day, daysBetween, startOfDay } from '../core/day.ts'

/** How far the migration is: pure functions of the records, at any instant. */

/** The three values of AWS Migration Hub, its failure, and what does not move at all. */
export type RollUp = 'NOT_STARTED' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'OUT_OF_SCOPE'

/** A system beside the way stands where it left it, unless it was rolled back or does not move. */
export const rollUpOf = (record: Migration, at: number): RollUp => {
  const state = stateAt(record, at)
  if (isOutOfScope(state)) return 'OUT_OF_SCOPE'
  if (state === 'rolled_back') return 'FAILED'
  const place = placeOf(lastOnPath(recordAt(record, at)))
  if (place >= placeOf('accepted')) return 'COMPLETED'
  return place >= placeOf('deploying') ? 'IN_PROGRESS' : 'NOT_STARTED'
}

export interface FunnelStep {
  readonly state: MigrationState
  readonly label: string
  /** Systems in this state. */
  readonly count: number
  /** On the way: systems in this state or further. */
  readonly reached?: number
}

const states = Object.keys(stateLabels) as readonly MigrationState[]

/** Systems by state, in the order of the way, then those beside it. */
export const funnelOf = (migrations: Iterable<Migration>, at: number): readonly FunnelStep[] => {
  const counts = new Map<MigrationState, number>()
  for (const record of migrations) {
    const state = stateAt(record, at)
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  const countOf = (state: MigrationState): number => counts.get(state) ?? 0
  return states.map((state) => ({
    state,
    label: stateLabels[state],
    count: countOf(state),
    ...(placeOf(state) >= 0 && {
      reached: path.slice(placeOf(state)).reduce((sum, further) => sum + countOf(further), 0),
    }),
  }))
}

/** A move that was made though a gate refused it. */
export interface Override {
  readonly system: string
  readonly move: Move
}

export const overridesOf = (migrations: Iterable<Migration>, at: number): readonly Override[] =>
  [...migrations].flatMap((record) =>
    recordAt(record, at)
      .moves.filter(({ override }) => override !== undefined)
      .map((move) => ({ system: record.id, move })),
  )

/** When it became done, without having been undone since; undefined: it is not, or nobody recorded when. */
const doneAt = (record: Migration, at: number): number | undefined => {
  const { moves } = recordAt(record, at)
  const undone = moves.findLastIndex(({ to }) => !isDone(to))
  const first = moves[undone + 1]
  return first === undefined || !isDone(first.to) ? undefined : Date.parse(first.at)
}

export interface Slip {
  readonly system: string
  readonly wave: string
  readonly state: MigrationState
  readonly plannedOn: Day
  /** Absent: it is not done yet. */
  readonly doneOn?: Day
  /** Days late, so far where it is not done. */
  readonly days: number
}

/** Systems that were or are later than their wave, the latest first. */
export const slipsOf = (
  migrations: Iterable<Migration>,
  waves: ReadonlyMap<string, Wave>,
  { at, zone }: Clock,
): readonly Slip[] =>
  [...migrations]
    .flatMap((record): readonly Slip[] => {
      const wave = waves.get(record.wave ?? '')
      const state = stateAt(record, at)
      if (wave === undefined || isOutOfScope(state)) return []
      const done = doneAt(record, at)
      if (done === undefined && isDone(state)) return []
      const doneOn = done === undefined ? undefined : dayIn(zone, done)
      const days = daysBetween(wave.endsOn, doneOn ?? dayIn(zone, at))
      if (days <= 0) return []
      const known = { system: record.id, wave: wave.id, state, plannedOn: wave.endsOn, days }
      return [{ ...known, ...(doneOn !== undefined && { doneOn }) }]
    })
    .toSorted((a, b) => b.days - a.days || (a.system < b.system ? -1 : 1))

/** An instant (milliseconds since the epoch) and the time zone of days. */
export interface Clock {
  readonly at: number
  readonly zone: string
}

export interface BurnDownPoint {
  /** By the end of this day. */
  readonly day: Day
  /** Systems that are to move. */
  readonly scope: number
  /** Not done yet, as the waves plan it; systems without a wave never are. */
  readonly planned: number
  /** Not done yet; absent for days that are to come. */
  readonly remaining?: number
}

const spanOf = (waves: readonly Wave[], today: Day): readonly [Day, Day] => {
  const starts = waves.map(({ startsOn }) => startsOn).toSorted()
  const ends = [...waves.map(({ endsOn }) => endsOn), today].toSorted()
  return [[starts[0] ?? today, today].toSorted()[0] ?? today, ends.at(-1) ?? today]
}

const maxPoints = 1000

/**
 * What is left to move, every `stepDays` from the first wave's begin to the last wave's end or today, whichever is
 * later; the last day always. At most 1,000 points: the step grows where there would be more.
 */
export const burnDown = (
  migrations: readonly Migration[],
  waves: ReadonlyMap<string, Wave>,
  { at, zone }: Clock,
  stepDays = 7,
): readonly BurnDownPoint[] => {
  const today = dayIn(zone, at)
  const [from, to] = spanOf([...waves.values()], today)
  const length = daysBetween(from, to)
  const step = Math.max(stepDays, Math.ceil(length / maxPoints))
  const days = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) =>
    addDays(from, index * step),
  )
  const all = [...new Set([...days, today, to])].filter((day) => day >= from).toSorted()
  return all.map((day) => {
    const end = Math.min(at, startOfDay(zone, addDays(day, 1)) - 1)
    const inScope = migrations.filter((record) => !isOutOfScope(stateAt(record, end)))
    const dueBy = inScope.filter(({ wave }) => (waves.get(wave ?? '')?.endsOn ?? '9999') <= day)
    const remaining = inScope.filter((record) => !isDone(stateAt(record, end))).length
    return {
      day,
      scope: inScope.length,
      planned: inScope.length - dueBy.length,
      ...(day <= today && { remaining }),
    }
  })
}
