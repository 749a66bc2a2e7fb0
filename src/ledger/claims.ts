import type { Claim, ClaimKindCode, Roster, SubjectKind } from '../../inventory/ledger/index.ts'
import { type Context, today } from './context.ts'
import { type NoRoster, type Ratio, ratio } from './rosters.ts'

const byTime = (left: Claim, right: Claim): number =>
  left.at < right.at || (left.at === right.at && left.id < right.id) ? -1 : 1

const isKnown = (at: string, { now }: Context): boolean => Date.parse(at) <= now

const asKnown = (claim: Claim, context: Context): Claim => {
  if (claim.withdrawn === undefined && claim.answers.length === 0) return claim
  const { withdrawn, answers, ...rest } = claim
  return {
    ...rest,
    answers: answers.filter(({ at }) => isKnown(at, context)),
    ...(withdrawn !== undefined && isKnown(withdrawn.at, context) && { withdrawn }),
  }
}

/** The claims as they were known at the context's clock, in the order of time; later withdrawals and answers are not yet in them. */
export const claimsAt = (claims: Iterable<Claim>, context: Context): readonly Claim[] =>
  [...claims]
    .filter(({ at }) => isKnown(at, context))
    .map((claim) => asKnown(claim, context))
    .sort(byTime)

/** What is claimed now: of each subject and kind the last claim that is not withdrawn. */
export const standingClaims = (claims: readonly Claim[]): readonly Claim[] => {
  const last = new Map<string, Claim>()
  for (const claim of claims)
    if (claim.withdrawn === undefined)
      last.set(`${claim.subjectKind}\n${claim.subject}\n${claim.item ?? ''}\n${claim.kind}`, claim)
  return [...last.values()]
}

/** Subjects of a kind of which something is claimed. `claims` are standing ones. */
export const claimedOf = (
  claims: readonly Claim[],
  subjectKind: SubjectKind,
  kind: ClaimKindCode,
): ReadonlySet<string> =>
  new Set(
    claims
      .filter((each) => each.subjectKind === subjectKind && each.kind === kind)
      .map(({ subject }) => subject),
  )

/** The number that is claimed for a goal or task over its roster; undefined where it has none, or nothing is claimed. */
export const claimedRatio = (
  { id, roster }: { readonly id: string; readonly roster?: string | undefined },
  subjectKind: 'goal' | 'task',
  {
    claims,
    rosters,
    context,
  }: { readonly claims: readonly Claim[]; readonly rosters: Iterable<Roster>; readonly context: Context },
): Ratio | NoRoster | undefined => {
  const claim = claims.find(
    (each) => each.subjectKind === subjectKind && each.subject === id && each.kind === 'count',
  )
  if (roster === undefined || claim?.value === undefined) return undefined
  return ratio(rosters, { series: roster, day: today(context), claimed: Number(claim.value) })
}
