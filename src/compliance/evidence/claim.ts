import type { Asset, Result } from '../../../inventory/mlps/index.ts'
import type { Verdict } from '../../core/host-evidence.ts'
import type { Examined } from './collect.ts'
import { type Evidence, type EvidenceStanding, standingOf } from './evidence.ts'

/** What evidence makes of a recorded result. */
export const checkLabels = {
  consistent: '相符',
  contradicted: '矛盾',
  stale: '证据过期',
  unverifiable: '无法验证',
} as const
export type Check = keyof typeof checkLabels

/** A result that somebody recorded, against what was seen. */
export interface Claim {
  readonly assessment: string
  readonly asset: string
  readonly assetName: string
  readonly item: string
  readonly claimed: Result
  readonly check: Check
  /** What decided it, the newest where several would; of 无法验证 what came closest, where there is anything. */
  readonly deciding?: Evidence
  /** Valid pieces of evidence on each side. */
  readonly supporting: number
  readonly contradicting: number
}

/** What must have been seen for a result to be contradicted, and what makes it look right. */
const tests: Readonly<Partial<Record<Result, { readonly against?: Verdict; readonly for?: Verdict }>>> = {
  conforms: { against: 'contradicts', for: 'supports' },
  /** A defect that was seen shows that the item applies. */
  'not-applicable': { against: 'contradicts' },
  /** That all is well where somebody looked does not show that it is well everywhere. */
  partial: { for: 'contradicts' },
  fails: { for: 'contradicts' },
}

const newest = (evidence: readonly Evidence[]): Evidence | undefined =>
  evidence.reduce<Evidence | undefined>(
    (best, next) => (best === undefined || next.observedAt > best.observedAt ? next : best),
    undefined,
  )

const decide = (
  claimed: Result,
  byStanding: ReadonlyMap<EvidenceStanding, readonly Evidence[]>,
): Pick<Claim, 'check' | 'deciding'> => {
  const saying = (standing: EvidenceStanding, says: Verdict | undefined): Evidence | undefined =>
    newest((byStanding.get(standing) ?? []).filter((evidence) => evidence.says === says))
  const { against, for: inFavour } = tests[claimed] ?? {}
  const contradiction = saying('valid', against)
  if (contradiction !== undefined) return { check: 'contradicted', deciding: contradiction }
  const support = saying('valid', inFavour)
  if (support !== undefined) return { check: 'consistent', deciding: support }
  const expired = newest(
    [saying('expired', against), saying('expired', inFavour)].filter((each) => each !== undefined),
  )
  if (expired !== undefined) return { check: 'stale', deciding: expired }
  const closest = newest([...byStanding.values()].flat())
  return { check: 'unverifiable', ...(closest && { deciding: closest }) }
}

interface Recorded {
  readonly asset: Asset
  readonly item: string
  readonly claimed: Result
}

const claimOn = ({ asset, item, claimed }: Recorded, found: readonly Evidence[], now: number): Claim => {
  const recorded = { assessment: asset.assessment, asset: asset.id, assetName: asset.name, item, claimed }
  // Of most items of most assets nothing was seen.
  if (found.length === 0) return { ...recorded, check: 'unverifiable', supporting: 0, contradicting: 0 }
  const byStanding = Map.groupBy(found, (evidence) => standingOf(evidence, now))
  const valid = byStanding.get('valid') ?? []
  return {
    ...recorded,
    ...decide(claimed, byStanding),
    supporting: valid.filter(({ says }) => says === 'supports').length,
    contradicting: valid.filter(({ says }) => says === 'contradicts').length,
  }
}

const none: ReadonlyMap<string, readonly Evidence[]> = new Map()

/** Every recorded result of an assessment but 未测评, against the evidence; in the order of assets, then items. */
export const claimsOf = ({ assets, evidence }: Examined, now: number): readonly Claim[] => {
  const byAsset = Map.groupBy(evidence, ({ asset }) => asset)
  return assets.flatMap((asset) => {
    const own = byAsset.get(asset.id)
    const found = own === undefined ? none : Map.groupBy(own, ({ item }) => item)
    return Object.entries(asset.results)
      .filter(([, { result }]) => result !== 'untested')
      .map(([item, { result }]) => claimOn({ asset, item, claimed: result }, found.get(item) ?? [], now))
  })
}
