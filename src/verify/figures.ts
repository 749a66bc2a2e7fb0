import type { ClaimKindCode } from '../../inventory/ledger/index.ts'
import type { VerdictChange } from './changes.ts'
import type { Verdict, Verified } from './types.ts'
import { countsOf } from './verify.ts'

/** What metrics show of verdicts. */

export interface KindFigures {
  readonly kind: ClaimKindCode
  readonly counts: Readonly<Record<Verdict, number>>
}

/** Claims by kind and verdict. */
export const kindFigures = (verified: readonly Verified[]): readonly KindFigures[] =>
  [...Map.groupBy(verified, ({ claim }) => claim.kind)].map(([kind, own]) => ({
    kind,
    counts: countsOf(own),
  }))

/** Since when claims are contradicted, by id, milliseconds since the epoch. */
export type ContradictedSince = ReadonlyMap<string, number>

/**
 * Since when each claim that is contradicted has been so: as it was recorded, or as it was known before, or since now.
 * `recorded` are the last verdicts of the history of verdicts.
 */
export const contradictedSince = (
  verified: readonly Verified[],
  recorded: ReadonlyMap<string, VerdictChange>,
  { before, now }: { readonly before: ContradictedSince; readonly now: number },
): ContradictedSince =>
  new Map(
    verified
      .filter(({ verdict }) => verdict === 'contradicted')
      .map(({ claim: { id } }) => {
        const last = recorded.get(id)
        const since = last?.verdict === 'contradicted' ? Date.parse(last.at) : (before.get(id) ?? now)
        return [id, Math.min(since, now)]
      }),
  )

/** Up to so many days; `older` than all of them. */
export const contradictionAges = ['1d', '7d', '30d', 'older'] as const
export type ContradictionAge = (typeof contradictionAges)[number]

const dayMs = 86_400_000

const ageOf = (milliseconds: number): ContradictionAge => {
  const days = milliseconds / dayMs
  if (days <= 1) return '1d'
  if (days <= 7) return '7d'
  return days <= 30 ? '30d' : 'older'
}

export interface ContradictionFigures {
  readonly groups: readonly {
    readonly answered: boolean
    readonly age: ContradictionAge
    readonly count: number
  }[]
  /** 0 where nothing is contradicted. */
  readonly oldestSeconds: number
}

/** Contradictions by age and by whether a unit has said something of them. */
export const contradictionFigures = (
  verified: readonly Verified[],
  since: ContradictedSince,
  now: number,
): ContradictionFigures => {
  const all = verified.flatMap(({ claim: { id }, answers }) => {
    const at = since.get(id)
    return at === undefined ? [] : [{ answered: answers.length > 0, milliseconds: now - at }]
  })
  const counts = Map.groupBy(all, ({ answered, milliseconds }) => `${answered} ${ageOf(milliseconds)}`)
  return {
    groups: [true, false].flatMap((answered) =>
      contradictionAges.map((age) => ({
        answered,
        age,
        count: counts.get(`${answered} ${age}`)?.length ?? 0,
      })),
    ),
    oldestSeconds: Math.max(0, ...since.values().map((at) => now - at)) / 1000,
  }
}
