import type { Asset, Item, Result, Waiver } from '../../inventory/mlps/index.ts'

/** One asset's part in an item. */
export interface OnAsset {
  readonly asset: Asset
  readonly result: Result
  /** Somebody answers for it on the day that is asked about. */
  readonly waived: boolean
  /** Taken from an earlier assessment; nobody has looked again. */
  readonly carried: boolean
}

export interface ItemResult {
  readonly item: Item
  readonly result: Result
  /** The same where what is waived leaves the count. */
  readonly afterWaivers: Result
  readonly assets: readonly OnAsset[]
}

const worstFirst = ['fails', 'partial', 'untested', 'conforms'] as const satisfies readonly Result[]

/**
 * No public source says how several assets make one result, so the worst applicable one counts; where nobody
 * has looked at all, the item is untested. A known defect outweighs what is not known yet.
 */
export const combine = (results: readonly Result[]): Result =>
  worstFirst.find((result) => results.includes(result)) ??
  (results.length === 0 ? 'untested' : 'not-applicable')

const afterWaivers = (assets: readonly OnAsset[], result: Result): Result =>
  assets.some(({ waived }) => waived)
    ? combine(assets.map((each) => (each.waived ? 'not-applicable' : each.result)))
    : result

const onAsset = (item: Item, asset: Asset, waivers: readonly Waiver[]): OnAsset => {
  const finding = asset.results[item.id]
  const result = finding?.result ?? 'untested'
  const isDefect = result === 'fails' || result === 'partial'
  return {
    asset,
    result,
    waived: isDefect && waivers.some((waiver) => waiver.asset === undefined || waiver.asset === asset.id),
    carried: finding?.carriedFrom !== undefined,
  }
}

/** Results of the items over the assets: those of a kind that the item asks about, and those with a result. */
export const combineItems = (
  items: readonly Item[],
  assets: readonly Asset[],
  waivers: readonly Waiver[],
): readonly ItemResult[] => {
  const waiversOf = Map.groupBy(waivers, ({ item }) => item)
  return items.map((item) => {
    const own = assets
      .filter((asset) => item.assets.includes(asset.kind) || asset.results[item.id] !== undefined)
      .map((asset) => onAsset(item, asset, waiversOf.get(item.id) ?? []))
    const result = combine(own.map((each) => each.result))
    return { item, result, afterWaivers: afterWaivers(own, result), assets: own }
  })
}
