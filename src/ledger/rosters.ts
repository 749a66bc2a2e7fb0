import { type Exclusion, type Roster, rosterLabels } from '../../inventory/ledger/index.ts'
import type { Day, DayRange } from '../core/day.ts'

/** The version of a series that counts on a day; undefined where there is none yet. */
export const rosterOn = (rosters: Iterable<Roster>, series: string, day: Day): Roster | undefined => {
  let found: Roster | undefined
  for (const roster of rosters)
    if (roster.series === series && roster.effectiveOn <= day && roster.version > (found?.version ?? 0))
      found = roster
  return found
}

/** How many a roster lists, before exclusions. */
export const listedIn = ({ members, count }: Roster): number => count ?? members.length

export const excludedFrom = ({ exclusions }: Roster): number =>
  Object.values(exclusions).reduce((sum, { count }) => sum + count, 0)

export const denominatorOf = (roster: Roster): number => listedIn(roster) - excludedFrom(roster)

export interface NamedExclusion extends Exclusion {
  /** Id of the member, or a name of what is left out of a number. */
  readonly what: string
}

/** A ratio that says over what it is. */
export interface Ratio {
  readonly kind: 'ratio'
  readonly series: string
  readonly roster: Pick<Roster, 'id' | 'version' | 'name' | 'of' | 'effectiveOn' | 'source'>
  readonly listed: number
  readonly exclusions: readonly NamedExclusion[]
  readonly denominator: number
  readonly numerator: number
  /** 0 to 100; absent over nothing. */
  readonly percent?: number
  /** Claimed, and not counted: not on the roster, or excluded from it. */
  readonly outside: readonly string[]
  /** More is claimed than there is. */
  readonly exceeds: boolean
}

/** No version of the roster counts on that day: nothing can be said, and nothing is. */
export interface NoRoster {
  readonly kind: 'no-roster'
  readonly series: string
  readonly day: Day
}

export interface RatioRequest {
  readonly series: string
  readonly day: Day
  /** Members that are claimed, or their number. */
  readonly claimed: ReadonlySet<string> | number
}

const counted = (roster: Roster, claimed: ReadonlySet<string>) => {
  if (roster.count !== undefined) return { numerator: claimed.size, outside: [] }
  const eligible = new Set(roster.members.filter((member) => !Object.hasOwn(roster.exclusions, member)))
  const outside = [...claimed].filter((member) => !eligible.has(member)).sort()
  return { numerator: claimed.size - outside.length, outside }
}

const hundred = 100

/** Numerator and denominator over the version of a roster that counts on a day. Pure. */
export const ratio = (
  rosters: Iterable<Roster>,
  { series, day, claimed }: RatioRequest,
): Ratio | NoRoster => {
  const roster = rosterOn(rosters, series, day)
  if (roster === undefined) return { kind: 'no-roster', series, day }
  const { id, version, name, of, effectiveOn, source, exclusions } = roster
  const denominator = denominatorOf(roster)
  const { numerator, outside } =
    typeof claimed === 'number' ? { numerator: claimed, outside: [] } : counted(roster, claimed)
  return {
    kind: 'ratio',
    series,
    roster: { id, version, name, of, effectiveOn, source },
    listed: listedIn(roster),
    exclusions: Object.entries(exclusions).map(([what, exclusion]) => ({ what, ...exclusion })),
    denominator,
    numerator,
    ...(denominator > 0 && { percent: (hundred * numerator) / denominator }),
    outside,
    exceeds: numerator > denominator,
  }
}

/** What differs between two versions of a series. */
export interface RosterChange {
  readonly series: string
  readonly before: Roster
  readonly after: Roster
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly newlyExcluded: readonly NamedExclusion[]
  readonly noLongerExcluded: readonly string[]
}

export const rosterChange = (before: Roster, after: Roster): RosterChange => {
  const [old, now] = [new Set(before.members), new Set(after.members)]
  return {
    series: after.series,
    before,
    after,
    added: after.members.filter((member) => !old.has(member)),
    removed: before.members.filter((member) => !now.has(member)),
    newlyExcluded: Object.entries(after.exclusions)
      .filter(([what]) => !Object.hasOwn(before.exclusions, what))
      .map(([what, exclusion]) => ({ what, ...exclusion })),
    noLongerExcluded: Object.keys(before.exclusions).filter((what) => !Object.hasOwn(after.exclusions, what)),
  }
}

/** The changes that took effect within a range, each against the version before it. */
export const rosterChangesIn = (
  rosters: readonly Roster[],
  { from, to }: DayRange,
): readonly RosterChange[] =>
  rosters
    .filter(({ effectiveOn }) => from <= effectiveOn && effectiveOn <= to)
    .flatMap((after) => {
      const before = rosters.find(
        ({ series, version }) => series === after.series && version === after.version - 1,
      )
      return before === undefined ? [] : [rosterChange(before, after)]
    })
    .sort((left, right) => (left.after.effectiveOn < right.after.effectiveOn ? -1 : 1))

const maxNamed = 5
const some = (names: readonly string[]): string =>
  `${names.slice(0, maxNamed).join('、')}${names.length > maxNamed ? ` 等 ${names.length} 个` : ''}`

/** 口径变化, one line of a bulletin. */
export const rosterChangeLine = ({ before, after, ...change }: RosterChange): string => {
  const { added, removed, newlyExcluded, noLongerExcluded } = change
  return [
    `口径变化：${after.name}（${rosterLabels[after.of]}，${after.series}）第 ${before.version} 版 → 第 ${after.version} 版，${after.effectiveOn} 起`,
    `列入 ${listedIn(before)} → ${listedIn(after)}`,
    added.length > 0 && `新增 ${some(added)}`,
    removed.length > 0 && `移出 ${some(removed)}`,
    `排除 ${excludedFrom(before)} → ${excludedFrom(after)}`,
    ...newlyExcluded.slice(0, maxNamed).map(({ what, basis }) => `新增排除 ${what}（依据：${basis}）`),
    newlyExcluded.length > maxNamed && `另有新增排除 ${newlyExcluded.length - maxNamed} 项`,
    noLongerExcluded.length > 0 && `不再排除 ${some(noLongerExcluded)}`,
    `分母 ${denominatorOf(before)} → ${denominatorOf(after)}`,
    `来源：${after.source}`,
  ]
    .filter(Boolean)
    .join('；')
}
