import { type Claim, type SubjectKind, subjectCollection } from '../../inventory/ledger/index.ts'
import { claimsAt, standingClaims } from '../ledger/index.ts'
import { type Ground, groundOf } from './ground.ts'
import { findingOf } from './parts.ts'
import { planRuling } from './plans.ts'
import { type Ruling, rulingOf } from './rules/index.ts'
import type { Judged, Verdict, Verified, VerifyInput } from './types.ts'

const planKinds: ReadonlySet<SubjectKind> = new Set(['goal', 'task', 'milestone'])

interface Named {
  readonly id: string
  readonly name?: string | undefined
  readonly unit?: string | undefined
  readonly owners?: readonly string[]
  readonly lead?: readonly string[]
  readonly region?: string | undefined
}

const isUnit = ({ subjectKind }: Claim): boolean => subjectKind === 'unit'

/** Name, unit and region for a reader: of the claim, or else of what it is about. */
const aboutOf = (
  claim: Claim,
  { inventory }: Pick<Ground, 'inventory'>,
): Pick<Verified, 'name' | 'unit' | 'region'> => {
  const { subjectKind, subject } = claim
  const records: ReadonlyMap<string, Named> = inventory[subjectCollection[subjectKind]]
  const record = records.get(subject)
  const unit =
    claim.unit ?? (isUnit(claim) ? subject : (record?.unit ?? record?.owners?.[0] ?? record?.lead?.[0]))
  const region = subjectKind === 'region' ? subject : record?.region
  return {
    name: record?.name ?? subject,
    ...(unit !== undefined && { unit }),
    ...(region !== undefined && { region }),
  }
}

const itemRuling = ({ subject, item = '' }: Claim): Ruling => ({
  parts: [],
  documents: [`测评记录 ${subject}/${item}（与证据比对：yiwang mlps contradictions ${subject}）`],
})

const verifiedOf = (claim: Claim, { parts, documents = [] }: Ruling, ground: Ground): Verified => ({
  claim,
  ...aboutOf(claim, ground),
  ...findingOf(parts, documents, ground.now),
  answers: claim.answers,
})

/** Claims between two pauses. */
const atATime = 64

/** The same as `verifyAll`, with pauses for whoever has other things to do meanwhile. */
export function* verifySteps(input: VerifyInput): Generator<void, readonly Verified[]> {
  const ground = groundOf(input)
  const claims = standingClaims(claimsAt(input.inventory.claim.values(), input.context))
  const ofPlans = claims.filter(({ subjectKind }) => planKinds.has(subjectKind))
  const own: Verified[] = []
  for (const claim of claims) {
    if (planKinds.has(claim.subjectKind)) continue
    const ruling = claim.subjectKind === 'item' ? itemRuling(claim) : rulingOf(claim, ground)
    own.push(verifiedOf(claim, ruling, ground))
    if (own.length % atATime === 0) yield
  }
  // What was reported of the whole is in the ratios too; it is no verdict yet.
  const reported = ofPlans.map((claim) => verifiedOf(claim, { parts: [] }, ground))
  const all = [...own, ...reported]
  const whole: Verified[] = []
  for (const claim of ofPlans) {
    yield
    whole.push(verifiedOf(claim, planRuling(claim, all, ground), ground))
  }
  return [...own, ...whole]
}

/**
 * Every claim that stands at the clock, against what was seen by then; claims of places and systems first, those of
 * goals, tasks and milestones after them. Pure: the same input gives the same verdicts.
 */
export const verifyAll = (input: VerifyInput): readonly Verified[] => {
  const steps = verifySteps(input)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/**
 * The claims that stood at the clock, with the verdicts that were recorded of them by then (核验记录). What no verdict
 * was recorded of is left out.
 */
export const judgedByRecord = (
  { inventory, context }: Pick<VerifyInput, 'inventory' | 'context'>,
  recorded: ReadonlyMap<string, Verdict>,
): readonly Judged[] =>
  standingClaims(claimsAt(inventory.claim.values(), context)).flatMap((claim) => {
    const verdict = recorded.get(claim.id)
    const { unit } = aboutOf(claim, { inventory })
    return verdict === undefined ? [] : [{ claim, verdict, ...(unit !== undefined && { unit }) }]
  })

/** How many claims have each verdict. */
export const countsOf = (verified: readonly Pick<Judged, 'verdict'>[]): Readonly<Record<Verdict, number>> => {
  const counts = { consistent: 0, contradicted: 0, stale: 0, unverifiable: 0 }
  for (const { verdict } of verified) counts[verdict] += 1
  return counts
}
