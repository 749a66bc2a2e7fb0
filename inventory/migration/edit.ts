import { type Problem, UsageFault } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import type { Inventory, Operation } from '../store.ts'
import type { Migration, MigrationDocument, MigrationState, Readiness } from './model.ts'
import { isAside, needsBasis } from './states.ts'

/** The record of a system that moves. Throws `UsageFault` where there is none. */
export const migrationOf = ({ migration }: Inventory, id: string): Migration => {
  const found = migration.get(id)
  if (found !== undefined) return found
  const best = nearest(id, migration.keys())
  throw new UsageFault([
    {
      where: 'system',
      message: `expected a system with a record of its migration, got ${id}`,
      suggestion: best === undefined ? `\`yiwang migration add ${id}\` makes one` : `did you mean ${best}?`,
    },
  ])
}

/** A step as it is recorded; what was asked and found is decided before. */
export interface Step {
  readonly to: MigrationState
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly reason: string
  readonly basis?: string | undefined
  readonly override?: string | undefined
  /** What the gates missed and `override` answers for. */
  readonly missing: readonly string[]
}

const stepProblems = ({ moves, state }: Migration, { to, at, basis }: Step): readonly Problem[] => {
  const last = moves.at(-1)
  return [
    ...(state === to
      ? [{ where: 'state', message: `expected another state than ${to}, in which it is` }]
      : []),
    ...(needsBasis.has(to) && basis === undefined
      ? [{ where: '--basis', message: `expected the rule or paper that ${to} is based on` }]
      : []),
    ...(last !== undefined && Date.parse(last.at) > at
      ? [{ where: '--as-of', message: `expected a time from its last move, ${last.at}, on` }]
      : []),
  ]
}

/** The record after a step. Throws `UsageFault` for a step that could not be recorded. */
export const withMove = (record: Migration, step: Step): Migration => {
  const problems = stepProblems(record, step)
  if (problems.length > 0) throw new UsageFault(problems)
  const { to, by, at, reason, basis, override, missing } = step
  return {
    ...record,
    state: to,
    // Why it stands beside the way; on it nothing does.
    reason: isAside(to) ? reason : undefined,
    basis: isAside(to) ? basis : undefined,
    moves: [
      ...record.moves,
      {
        at: new Date(at).toISOString(),
        by,
        from: record.state,
        to,
        reason,
        ...(override !== undefined && missing.length > 0 && { override, missing: [...missing] }),
      },
    ],
  }
}

export const putMigration = (record: Migration): Operation => ({ op: 'put', collection: 'migration', record })

/** Adds a document; one of the same content is there once. */
export const withDocument = (record: Migration, document: MigrationDocument): Migration => ({
  ...record,
  documents: [
    ...record.documents.filter(({ kind, sha256 }) => kind !== document.kind || sha256 !== document.sha256),
    document,
  ],
})

/** What was answered before stays, unless it is answered anew. */
export const withAnswers = (
  { readiness }: Inventory,
  id: string,
  given: Pick<Readiness, 'answers' | 'by' | 'on'>,
): Operation => {
  const before = readiness.get(id)
  const answers = { ...before?.answers, ...given.answers }
  return { op: 'put', collection: 'readiness', record: { ...before, ...given, id, answers } }
}
