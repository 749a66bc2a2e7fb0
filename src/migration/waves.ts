import {
  byStart,
  isDone,
  isOutOfScope,
  type Migration,
  stateAt,
  type Wave,
} from '../../inventory/migration/index.ts'
import { findCycles } from '../../inventory/cycles.ts'
import type { Day } from '../core/day.ts'

/** Which system moves in which wave: never before what it depends on, never more than a wave can take. */

type Migrations = ReadonlyMap<string, Migration>
type Waves = ReadonlyMap<string, Wave>

export interface Placement {
  readonly system: string
  readonly wave: string
}

export interface WavePlan {
  /** Systems that are given a wave, in the order in which they can move. */
  readonly placed: readonly Placement[]
  /** Systems that find none, and why. */
  readonly unplaced: readonly { readonly system: string; readonly why: string }[]
}

/** Waits for a wave, or has one: those that are over, out of scope or put off do not, nor what is not to move. */
const isPending = ({ state, decision }: Migration): boolean =>
  decision !== 'retire' &&
  decision !== 'retain' &&
  !isDone(state) &&
  !isOutOfScope(state) &&
  state !== 'deferred'

const pendingOf = (migrations: Migrations): Migrations =>
  new Map(Iterator.from(migrations).filter(([, migration]) => isPending(migration)))

/** What it depends on that has yet to move. */
const waitsOn = (id: string, pending: Migrations): readonly string[] =>
  pending.get(id)?.dependsOn.filter((each) => pending.has(each)) ?? []

/** Systems that depend on each other in a ring, each with its ring. */
const ringsOf = (pending: Migrations): ReadonlyMap<string, readonly string[]> => {
  const cycles = findCycles(pending.keys(), (id) => waitsOn(id, pending))
  return new Map(cycles.flatMap((cycle) => cycle.map((id) => [id, cycle] as const)))
}

/** Ids, each behind all that it waits on; those in rings and behind them are left out. */
const inOrder = (pending: Migrations): readonly string[] => {
  const open = new Map([...pending.keys()].map((id) => [id, waitsOn(id, pending).length]))
  const waiting = new Map<string, string[]>()
  for (const id of pending.keys())
    for (const on of waitsOn(id, pending)) waiting.set(on, [...(waiting.get(on) ?? []), id])
  const ready = [...open].filter(([, count]) => count === 0).map(([id]) => id)
  for (const id of ready)
    for (const next of waiting.get(id) ?? []) {
      const left = (open.get(next) ?? 0) - 1
      open.set(next, left)
      if (left === 0) ready.push(next)
    }
  return ready
}

interface Room {
  readonly waves: readonly Wave[]
  /** Places left, by wave. */
  readonly free: number[]
}

const roomOf = (migrations: Migrations, waves: Waves): Room => {
  const ordered = [...waves.values()].toSorted(byStart)
  const taken = Map.groupBy(migrations.values(), ({ wave }) => wave)
  return { waves: ordered, free: ordered.map(({ id, capacity }) => capacity - (taken.get(id)?.length ?? 0)) }
}

/**
 * The latest wave that each may have, so that what depends on it, directly or not, and has one already can keep it:
 * also where what depends on it is in a ring or behind one.
 */
const latestOf = (
  pending: Migrations,
  numberOf: (id: string | undefined) => number,
): ReadonlyMap<string, number> => {
  const latest = new Map<string, number>()
  const given = [...pending].map(([id, { wave }]) => ({ id, number: numberOf(wave) }))
  const withWave = given.filter(({ number }) => number >= 0)
  // The earliest first: the first to reach a system bounds it.
  for (const { id, number } of withWave.toSorted((a, b) => a.number - b.number)) {
    const reached = [id]
    for (const each of reached)
      for (const on of waitsOn(each, pending)) {
        if (latest.has(on)) continue
        latest.set(on, number)
        reached.push(on)
      }
  }
  return latest
}

interface Bounds {
  readonly from: number
  readonly to: number
}

const whyNot = ({ waves }: Room, { from, to }: Bounds): string => {
  if (waves.length === 0) return 'there is no wave'
  const first = waves[from]
  if (first === undefined) return 'no wave is left after those of what it depends on'
  const last = waves[Math.min(to, waves.length - 1)]
  return to < from
    ? `something that depends on it has the earlier wave ${last?.id ?? ''}`
    : `no wave from ${first.id} to ${last?.id ?? ''} has a place left`
}

/**
 * Gives each pending system without a wave the first that has room, no earlier than those of what it depends on and
 * that ends on `today` or later. Waves that systems have are kept. Greedy: a better packing may exist.
 */
export const planWaves = (migrations: Migrations, waves: Waves, today: Day): WavePlan => {
  const pending = pendingOf(migrations)
  const room = roomOf(migrations, waves)
  const numberOf = (id: string | undefined): number => room.waves.findIndex((wave) => wave.id === id)
  const order = inOrder(pending)
  const latest = latestOf(pending, numberOf)
  const open = room.waves.findIndex(({ endsOn }) => endsOn >= today)
  const firstOpen = open < 0 ? room.waves.length : open
  const given = new Map<string, number>()
  const placed: Placement[] = []
  const unplaced: { system: string; why: string }[] = []
  for (const id of order) {
    const own = numberOf(pending.get(id)?.wave)
    if (own >= 0) {
      given.set(id, own)
      continue
    }
    const above = waitsOn(id, pending)
    const lost = above.find((on) => !given.has(on))
    const from = Math.max(firstOpen, ...above.map((on) => given.get(on) ?? 0))
    const to = latest.get(id) ?? Infinity
    const at = room.free.findIndex((free, index) => index >= from && index <= to && free > 0)
    const wave = room.waves[at]
    if (lost !== undefined || wave === undefined)
      unplaced.push({
        system: id,
        why: lost === undefined ? whyNot(room, { from, to }) : `${lost}, which it depends on, has no wave`,
      })
    else {
      given.set(id, at)
      room.free[at] = (room.free[at] ?? 0) - 1
      placed.push({ system: id, wave: wave.id })
    }
  }
  return { placed, unplaced: [...unplaced, ...ringed(pending, new Set(order))] }
}

const ringed = (pending: Migrations, ordered: ReadonlySet<string>): WavePlan['unplaced'] => {
  const rings = ringsOf(pending)
  return [...pending.keys()]
    .filter((id) => !ordered.has(id))
    .map((system) => {
      const ring = rings.get(system)
      const why =
        ring === undefined
          ? 'it depends on systems that depend on each other in a ring'
          : `a ring of dependencies: ${[...ring, ring[0]].join(' → ')}`
      return { system, why }
    })
}

export interface WaveProblem {
  readonly wave: string
  readonly system?: string
  readonly message: string
}

const capacityProblem = (wave: Wave, count: number): readonly WaveProblem[] =>
  count > wave.capacity
    ? [{ wave: wave.id, message: `expected at most ${wave.capacity} systems, got ${count}` }]
    : []

const orderProblems = (
  migration: Migration,
  migrations: Migrations,
  waves: Waves,
): readonly WaveProblem[] => {
  const own = waves.get(migration.wave ?? '')
  if (own === undefined || !isPending(migration)) return []
  return migration.dependsOn.flatMap((id) => {
    const other = migrations.get(id)
    if (other === undefined || !isPending(other)) return []
    const its = waves.get(other.wave ?? '')
    if (its !== undefined && its.startsOn <= own.startsOn) return []
    const got = its === undefined ? 'none' : its.id
    const message = `expected ${id}, which it depends on, in this wave or an earlier one, got ${got}`
    return [{ wave: own.id, system: migration.id, message }]
  })
}

const frozenProblem = ({ id, startsOn, endsOn, freezes }: Wave): readonly WaveProblem[] => {
  const whole = freezes.find(({ from, to }) => from <= startsOn && endsOn <= to)
  return whole === undefined
    ? []
    : [{ wave: id, message: `expected a day that is not frozen, all of it is: ${whole.why}` }]
}

/** What is wrong with the waves as they are. That waves do not overlap, the store sees to. */
export const waveProblems = (migrations: Migrations, waves: Waves): readonly WaveProblem[] => {
  const members = Map.groupBy(migrations.values(), ({ wave }) => wave)
  return [
    ...[...waves.values()].flatMap((wave) => [
      ...capacityProblem(wave, members.get(wave.id)?.length ?? 0),
      ...frozenProblem(wave),
    ]),
    ...[...migrations.values()].flatMap((each) => orderProblems(each, migrations, waves)),
  ]
}

/** One wave as it stands. */
export interface WaveStanding {
  readonly wave: Wave
  readonly systems: number
  readonly done: number
  readonly outOfScope: number
}

/** In the order of the waves, at an instant (milliseconds since the epoch). */
export const waveStandings = (migrations: Migrations, waves: Waves, at: number): readonly WaveStanding[] => {
  const members = Map.groupBy(migrations.values(), ({ wave }) => wave)
  return [...waves.values()].toSorted(byStart).map((wave) => {
    const states = (members.get(wave.id) ?? []).map((each) => stateAt(each, at))
    return {
      wave,
      systems: states.length,
      done: states.filter(isDone).length,
      outOfScope: states.filter(isOutOfScope).length,
    }
  })
}
