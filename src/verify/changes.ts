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
