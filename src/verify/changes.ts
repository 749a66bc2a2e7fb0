import type { Verdict, Verified } from './types.ts'

/** One verdict of a claim that differs from the one before it. */
export interface VerdictChange {
  /** As of when, ISO 8601, UTC. */
  readonly at: string
  readonly claim: string
  readonly verdict: Verdict
  readonly because: string
  /** When what decided it was seen, ISO 8601, UTC. */
  readonly observedAt?: string | undefined
  /** Revision of the inventory. */
  readonly revision: number
}

/** All claims that stood were looked at, whether a verdict changed or not. */
export interface VerdictRun {
  /** As of when, ISO 8601, UTC. */
  readonly at: string
  /** How many they were. */
  readonly claims: number
  readonly revision: number
}

/** History of verdicts, oldest first: the changes, and when somebody looked for some. */
export interface VerdictRecord {
  readonly changes: readonly VerdictChange[]
  readonly runs: readonly VerdictRun[]
}

/** What was on record after one run. */
export interface RecordedVerdicts {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly byClaim: ReadonlyMap<string, Verdict>
}

/** The verdicts of the last run between two instants, both included; undefined where there was none. */
export const recordedWithin = (
  { changes, runs }: VerdictRecord,
  { from, to }: { readonly from: number; readonly to: number },
): RecordedVerdicts | undefined => {
  const at = runs.map((run) => Date.parse(run.at)).findLast((each) => from <= each && each <= to)
  if (at === undefined) return undefined
  const known = changes.filter((each) => Date.parse(each.at) <= at)
  return { at, byClaim: new Map(known.map(({ claim, verdict }) => [claim, verdict])) }
}

export const lastVerdicts = (changes: Iterable<VerdictChange>): ReadonlyMap<string, VerdictChange> =>
  new Map([...changes].map((change) => [change.claim, change]))

/** Verdicts that are not those which were recorded last. */
export const changesFrom = (
  before: ReadonlyMap<string, VerdictChange>,
  verified: readonly Verified[],
  { now, revision }: { readonly now: number; readonly revision: number },
): readonly VerdictChange[] =>
  verified.flatMap(({ claim, verdict, because, observedAt }) =>
    before.get(claim.id)?.verdict === verdict
      ? []
      : [
          {
            at: new Date(now).toISOString(),
            claim: claim.id,
            verdict,
            because,
            ...(observedAt !== undefined && { observedAt: new Date(observedAt).toISOString() }),
            revision,
          },
        ],
  )
