import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../../src/core/fault.ts'
import type { Collection } from '../model.ts'
import type { Inventory } from '../store.ts'
import { isDoneState, type Move, movesBySubject, nextStates } from './moves.ts'
import type { Claim, Milestone, Progress } from './records.ts'
import { type LedgerState, stateLabels } from './words.ts'

/** What a change may not do to what was recorded before it. */

type Touched = ReadonlyMap<Collection, ReadonlyMap<string, unknown>>

/** Of these, what is written stays: it is what reports were made from. */
const kept = {
  progress: 'add another note or move',
  roster: 'record the next version of its series',
  claim: 'withdraw it, and claim anew',
} as const

const withoutWithdrawal = (claim: Claim): object => ({ ...claim, withdrawn: undefined })

const isWithdrawal = (before: Claim, after: Claim): boolean =>
  before.withdrawn === undefined && isDeepStrictEqual(withoutWithdrawal(before), withoutWithdrawal(after))

const rewritten = (before: Inventory, after: Inventory, touched: Touched): readonly Problem[] =>
  (Object.keys(kept) as (keyof typeof kept)[]).flatMap((collection) =>
    [...(touched.get(collection)?.keys() ?? [])].flatMap((id) => {
      const [old, now] = [before[collection].get(id), after[collection].get(id)]
      if (old === undefined || isDeepStrictEqual(old, now)) return []
      if (collection === 'claim' && now !== undefined && isWithdrawal(old as Claim, now as Claim)) return []
      const message = `a ${collection} that is recorded is neither changed nor removed`
      return [{ where: `${collection}/${id}`, message, suggestion: kept[collection] }]
    }),
  )

const named = (state: LedgerState): string => `${state} (${stateLabels[state]})`

const stepProblem = ({ record, to }: Move, from: LedgerState): readonly Problem[] => {
  const allowed = nextStates[from]
  if (allowed.includes(to)) return []
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

const moveProblems = (after: Inventory, added: ReadonlySet<Progress>): readonly Problem[] => {
  if (added.size === 0) return []
  const moves = movesBySubject(after.progress.values())
  const milestones = Map.groupBy(after.milestone.values(), ({ task }) => task)
  return [...new Set([...added].map(({ subject }) => subject))].flatMap((subject) =>
    (moves.get(subject) ?? []).flatMap((move, index, all) => [
      ...stepProblem(move, all[index - 1]?.to ?? 'not_started'),
      ...(added.has(move.record)
        ? [...evidenceProblem(move), ...milestoneProblems(move, milestones.get(subject) ?? [], moves)]
        : []),
    ]),
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
