import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../src/core/fault.ts'
import { endpointProblem } from '../endpoint.ts'
import type { Migration, Wave } from './model.ts'
import { isAside, needsBasis } from './states.ts'

/** What the records of the migration demand of each other, beyond what each is by itself. */

const asideProblems = ({ id, state, reason, basis }: Migration): readonly Problem[] => {
  const missing = [
    ...(isAside(state) && reason === undefined ? ['reason'] : []),
    ...(needsBasis.has(state) && basis === undefined ? ['basis'] : []),
  ]
  return missing.map((field) => ({
    where: `migration/${id}.${field}`,
    message: `expected one in the state ${state}`,
  }))
}

const endpointProblems = (record: Migration): readonly Problem[] =>
  (['oldEndpoints', 'newEndpoints'] as const).flatMap((field) =>
    record[field].flatMap((text, index) => {
      const message = endpointProblem(text)
      return message === undefined ? [] : [{ where: `migration/${record.id}.${field}[${index}]`, message }]
    }),
  )

/** The moves lead from one state to the next, in time, and to the state that it is in. */
const chainProblems = ({ id, state, moves }: Migration): readonly Problem[] => {
  const broken = moves.flatMap(({ from, at }, index) => {
    const before = moves[index - 1]
    const where = `migration/${id}.moves[${index}]`
    if (before === undefined) return []
    if (before.to !== from)
      return [
        { where: `${where}.from`, message: `expected ${before.to}, where the last move led, got ${from}` },
      ]
    return Date.parse(at) < Date.parse(before.at)
      ? [{ where: `${where}.at`, message: `expected a time from ${before.at} on, got ${at}` }]
      : []
  })
  const last = moves.at(-1)?.to ?? state
  return last === state
    ? broken
    : [
        ...broken,
        {
          where: `migration/${id}.state`,
          message: `expected ${last}, where its last move led, got ${state}`,
          suggestion: `yiwang migration move ${id} ${state} --reason …`,
        },
      ]
}

export const migrationProblems = (record: Migration): readonly Problem[] => [
  ...asideProblems(record),
  ...endpointProblems(record),
  ...chainProblems(record),
]

const orderProblem = (where: string, from: string, to: string): readonly Problem[] =>
  to < from ? [{ where, message: `expected a day from ${from} on, got ${to}` }] : []

const waveProblems = ({ id, startsOn, endsOn, freezes }: Wave): readonly Problem[] => [
  ...orderProblem(`wave/${id}.endsOn`, startsOn, endsOn),
  ...freezes.flatMap(({ from, to }, index) => orderProblem(`wave/${id}.freezes[${index}].to`, from, to)),
]

export const byStart = (a: Wave, b: Wave): number =>
  a.startsOn === b.startsOn ? (a.id < b.id ? -1 : 1) : a.startsOn < b.startsOn ? -1 : 1

/** Waves that begin before one before them has ended. */
const overlaps = (waves: Iterable<Wave>): readonly Problem[] => {
  const [first, ...rest] = [...waves].toSorted(byStart)
  let latest = first
  return rest.flatMap((wave) => {
    const before = latest
    if (before === undefined) return []
    if (wave.endsOn > before.endsOn) latest = wave
    return wave.startsOn > before.endsOn
      ? []
      : [
          {
            where: `wave/${wave.id}.startsOn`,
            message: `expected a day after ${before.endsOn}, when wave ${before.id} ends, got ${wave.startsOn}`,
          },
        ]
  })
}

/** What is wrong with the waves after a change of some. */
export const allWaveProblems = (
  all: ReadonlyMap<string, Wave>,
  changed: readonly Wave[],
): readonly Problem[] =>
  changed.length === 0 ? [] : [...changed.flatMap(waveProblems), ...overlaps(all.values())]

const stepProblems = (before: Migration, after: Migration): readonly Problem[] => {
  const kept = after.moves.slice(0, before.moves.length)
  if (!isDeepStrictEqual(kept, before.moves))
    return [{ where: `migration/${after.id}.moves`, message: 'expected earlier moves to stay as they are' }]
  // Where there are moves, their chain says it.
  const isSilent = after.state !== before.state && after.moves.length === 0
  return isSilent
    ? [
        {
          where: `migration/${after.id}.state`,
          message: `expected a move from ${before.state} to ${after.state} that says who and why`,
          suggestion: `yiwang migration move ${after.id} ${after.state} --reason …`,
        },
      ]
    : []
}

/** Changes of state without a move, and of moves. A new record may be in any state: work of elsewhere comes in as it is. */
export const moveProblems = (
  before: ReadonlyMap<string, Migration>,
  after: ReadonlyMap<string, Migration>,
  touched: ReadonlyMap<string, unknown> = new Map(),
): readonly Problem[] =>
  [...touched.keys()].flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)]
    return old === undefined || now === undefined ? [] : stepProblems(old, now)
  })
