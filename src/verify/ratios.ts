import type {
  ClaimKindCode,
  Goal,
  Roster,
  RosterKind,
  SubjectKind,
  Task,
} from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Context, denominatorOf, excludedFrom, rosterOn, today } from '../ledger/index.ts'
import type { Gap, ItemRatio, Judged, NoRatio, Verdict, VerifiedRatio, VerifyInput } from './types.ts'

/** Claimed against verified, over the version of a roster that counts on the day. */

export interface Counted {
  readonly subjectKind: SubjectKind
  readonly kind: ClaimKindCode
}

/** What a ratio over systems counts, by the category of its task. */
const ofSystems: readonly (readonly [category: Task['categories'][number], kind: ClaimKindCode])[] = [
  ['cloud-migration', 'migrated'],
  ['auth', 'unified-login'],
  ['data-sharing', 'exchange'],
  ['network-coverage', 'connected'],
]

const ofMembers: Readonly<Record<Exclude<RosterKind, 'systems'>, Counted | undefined>> = {
  nodes: { subjectKind: 'node', kind: 'connected' },
  halls: { subjectKind: 'unit', kind: 'connected' },
  departments: { subjectKind: 'unit', kind: 'connected' },
  counties: { subjectKind: 'region', kind: 'covered' },
  townships: { subjectKind: 'region', kind: 'covered' },
  villages: undefined,
  items: undefined,
}

const categoriesOf = (item: Goal | Task, { task }: Inventory): ReadonlySet<string> =>
  new Set('tasks' in item ? item.tasks.flatMap((id) => task.get(id)?.categories ?? []) : item.categories)

/** Which claims of members a goal or task is counted by; undefined where members cannot be claimed one by one. */
export const countedBy = (item: Goal | Task, roster: Roster, inventory: Inventory): Counted | undefined => {
  if (roster.count !== undefined) return undefined
  if (roster.of !== 'systems') return ofMembers[roster.of]
  const categories = categoriesOf(item, inventory)
  const kind = ofSystems.find(([category]) => categories.has(category))?.[1]
  return kind === undefined ? undefined : { subjectKind: 'system', kind }
}

const eligibleOf = ({ members, exclusions }: Roster): ReadonlySet<string> =>
  new Set(members.filter((member) => !Object.hasOwn(exclusions, member)))

/** A named system is counted as its record. */
const memberOf = ({ claim: { subjectKind, subject } }: Judged, { mention }: Inventory): string =>
  subjectKind === 'mention' ? (mention.get(subject)?.system ?? subject) : subject

const isOf = ({ claim }: Judged, { subjectKind, kind }: Counted): boolean =>
  claim.kind === kind &&
  (claim.subjectKind === subjectKind || (subjectKind === 'system' && claim.subjectKind === 'mention'))

export interface RatioInput {
  readonly roster: Roster
  /** Verified claims of members, each member once. */
  readonly members: ReadonlyMap<string, Judged>
  /** The number that was reported for the whole. */
  readonly reported?: number
}

const percentOf = (count: number, denominator: number): number | undefined =>
  denominator > 0 ? (100 * count) / denominator : undefined

/**
 * The gap is all that is claimed and not verified: what was reported as a number without its members is 无法验证.
 * Members that are not on the roster, or excluded from it, do not count.
 */
export const ratioOf = ({ roster, members, reported = 0 }: RatioInput): VerifiedRatio => {
  const eligible = eligibleOf(roster)
  const counted = [...members].filter(([member]) => eligible.has(member))
  const having = (verdict: Verdict): readonly string[] =>
    counted.filter(([, each]) => each.verdict === verdict).map(([member]) => member)
  const itemised = counted.length
  const claimed = Math.max(itemised, reported)
  const verified = having('consistent').length
  const contradicted = having('contradicted')
  const gap: Gap = {
    contradicted: contradicted.length,
    stale: having('stale').length,
    unverifiable: having('unverifiable').length + claimed - itemised,
  }
  const denominator = denominatorOf(roster)
  const [claimedPercent, verifiedPercent] = [
    percentOf(claimed, denominator),
    percentOf(verified, denominator),
  ]
  const { id, version, name, of, effectiveOn, source } = roster
  return {
    kind: 'ratio',
    roster: { id, version, name, of, effectiveOn, source },
    denominator,
    excluded: excludedFrom(roster),
    claimed,
    itemised,
    verified,
    gap,
    ...(claimedPercent !== undefined && { claimedPercent }),
    ...(verifiedPercent !== undefined && { verifiedPercent }),
    contradicted,
  }
}

const reportedOf = (id: string, verified: readonly Judged[]): number | undefined => {
  const claim = verified.find(({ claim: { kind, subject } }) => kind === 'count' && subject === id)?.claim
  return claim?.value === undefined ? undefined : Number(claim.value)
}

/** Of one goal or task. `verified` are the claims of members, and what was reported of the whole. */
export const itemRatioOf = (
  item: Goal | Task,
  verified: readonly Judged[],
  { inventory, context }: { readonly inventory: Inventory; readonly context: Context },
): VerifiedRatio | NoRatio => {
  if (item.roster === undefined) return { kind: 'none', why: '没有指定名录' }
  const day = today(context)
  const roster = rosterOn(inventory.roster.values(), item.roster, day)
  if (roster === undefined) return { kind: 'none', why: `${item.roster}：${day} 尚无名录` }
  const counted = countedBy(item, roster, inventory)
  const members = counted === undefined ? [] : verified.filter((each) => isOf(each, counted))
  const reported = reportedOf(item.id, verified)
  return ratioOf({
    roster,
    members: new Map(members.map((each) => [memberOf(each, inventory), each])),
    ...(reported !== undefined && { reported }),
  })
}

/** Every goal and task that counts over a roster. */
export const ratiosOf = (
  { inventory, context }: Pick<VerifyInput, 'inventory' | 'context'>,
  verified: readonly Judged[],
): readonly ItemRatio[] =>
  (['goal', 'task'] as const).flatMap((itemKind) =>
    [...inventory[itemKind].values()]
      .filter(({ roster }) => roster !== undefined)
      .map((item) => ({ item, itemKind, ratio: itemRatioOf(item, verified, { inventory, context }) })),
  )
