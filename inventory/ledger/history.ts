import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../src/core/fault.ts'
import type { Collection } from '../model.ts'
import type { Inventory } from '../store.ts'
import {
  isBefore,
  isDoneState,
  milestoneState,
  type Move,
  movesBySubject,
  nextStates,
  taskState,
} from './moves.ts'
import type { Claim, Milestone, Progress } from './records.ts'
import { type LedgerState, stateLabels } from './words.ts'

/** What a change may not do to what was recorded before it. */

type Touched = ReadonlyMap<Collection, ReadonlyMap<string, unknown>>

/** Of these, what is written stays: it is what reports were made from. */
const kept = {
  progress: 'add another note or move',
  roster: 'record the next version of its series',
  claim: 'withdraw it, and claim anew',
  bulletin: 'issue a correction (更正): `yiwang report correct`',
} as const

const asReported = (claim: Claim): object => ({ ...claim, withdrawn: undefined, answers: [] })

/** A claim may gain a withdrawal and answers, and lose neither. */
const isAddedTo = (before: Claim, after: Claim): boolean =>
  isDeepStrictEqual(asReported(before), asReported(after)) &&
  (before.withdrawn === undefined || isDeepStrictEqual(before.withdrawn, after.withdrawn)) &&
  isDeepStrictEqual(before.answers, after.answers.slice(0, before.answers.length))

const rewritten = (before: Inventory, after: Inventory, touched: Touched): readonly Problem[] =>
  (Object.keys(kept) as (keyof typeof kept)[]).flatMap((collection) =>
    [...(touched.get(collection)?.keys() ?? [])].flatMap((id) => {
      const [old, now] = [before[collection].get(id), after[collection].get(id)]
      if (old === undefined || isDeepStrictEqual(old, now)) return []
      if (collection === 'claim' && now !== undefined && isAddedTo(old as Claim, now as Claim)) return []
      const message = `a ${collection} that is recorded is neither changed nor removed`
      return [{ where: `${collection}/${id}`, message, suggestion: kept[collection] }]
    }),
  )

const named = (state: LedgerState): string => `${state} (${stateLabels[state]})`

/** `own` is the move of the same subject before it, `from` the state that everybody saw: to say that of itself is no step. */
const stepProblem = ({ record, to }: Move, own: Move | undefined, from: LedgerState): readonly Problem[] => {
  const allowed = nextStates[from]
  if (allowed.includes(to) || (to === from && from !== 'not_started' && own?.to !== to)) return []
  return [
    {
      where: `progress/${record.id}.to`,
      message: `expected ${allowed.map(named).join(' or ')} after ${named(from)} of ${record.subject}, got ${named(to)}`,
    },
  ]
}

const evidenceProblem = ({ record, to }: Move): readonly Problem[] =>
  to === 'verified' && record.documents.length === 0
    ? [
        {
          where: `progress/${record.id}.documents`,
          message: `expected a signed-off document for ${named(to)} of ${record.subject}, got none`,
          suggestion: 'name the file with --document',
        },
      ]
    : []

type Moves = ReadonlyMap<string, readonly Move[]>

/** A task is not further than a milestone of it that goes its own way. */
const milestoneProblems = (
  { record, to }: Move,
  milestones: readonly Milestone[],
  moves: Moves,
): readonly Problem[] =>
  milestones.flatMap(({ id }) => {
    const own = moves.get(id)?.findLast((move) => move.record.at <= record.at)?.to
    if (own === undefined || own === to || own === 'verified' || !isDoneState(to)) return []
    return [
      {
        where: `progress/${record.id}.to`,
        message: `expected the milestone ${id} to be ${named(to)} before its task ${record.subject}, got ${named(own)}`,
      },
    ]
  })

/** What a move leaves: the state that its subject was in, as everybody saw it. */
const stateBefore = (
  { milestone }: Inventory,
  moves: Moves,
  parts: ReadonlyMap<string, readonly Milestone[]>,
): ((move: Move) => LedgerState) => {
  const last = (subject: string, move: Move): Move | undefined =>
    moves.get(subject)?.findLast((each) => isBefore(each, move))
  return (move) => {
    const { subject } = move.record
    const task = milestone.get(subject)?.task
    const own = last(subject, move)
    return task === undefined
      ? taskState(
          own,
          (parts.get(subject) ?? []).map(({ id }) => last(id, move)),
        )
      : milestoneState(own, last(task, move))
  }
}

/** New moves, and the one after each: it must still fit. */
const moveProblems = (after: Inventory, added: ReadonlySet<Progress>): readonly Problem[] => {
  if (added.size === 0) return []
  const moves = movesBySubject(after.progress.values())
  const parts = Map.groupBy(after.milestone.values(), ({ task }) => task)
  const before = stateBefore(after, moves, parts)
  const subjects = new Set([...added].map(({ subject }) => subject))
  return [...subjects].flatMap((subject) =>
    (moves.get(subject) ?? []).flatMap((move, index, all) => {
      const isNew = added.has(move.record)
      const follows = added.has(all[index - 1]?.record ?? move.record)
      return [
        ...(isNew || follows ? stepProblem(move, all[index - 1], before(move)) : []),
        ...(isNew
          ? [...evidenceProblem(move), ...milestoneProblems(move, parts.get(subject) ?? [], moves)]
          : []),
      ]
    }),
  )
}

const addedProgress = (before: Inventory, after: Inventory, touched: Touched): ReadonlySet<Progress> =>
  new Set(
    [...(touched.get('progress')?.keys() ?? [])].flatMap((id) =>
      before.progress.has(id) ? [] : (after.progress.get(id) ?? []),
    ),
  )

/** Steps that are not allowed, and records that may not be rewritten. */
export const historyProblems = (
  before: Inventory,
  after: Inventory,
  touched: Touched,
): readonly Problem[] => [
  ...rewritten(before, after, touched),
  ...moveProblems(after, addedProgress(before, after, touched)),
]
