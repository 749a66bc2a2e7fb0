import { UsageFault } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import type { Attachment } from '../fields.ts'
import type { Inventory, Operation } from '../store.ts'
import type { Asset, Finding } from './assessment.ts'
import { assessmentOf, expectItem, ownAssets } from './edit.ts'

/** Where attachments are: a result of an item on an asset. */
export interface ResultPlace {
  readonly assessment: string
  readonly asset: string
  readonly item: string
}

const assetOf = (inventory: Inventory, { assessment, asset, item }: ResultPlace): Asset => {
  const own = ownAssets(inventory, assessmentOf(inventory, assessment).id)
  expectItem(item)
  const found = own.find(({ id }) => id === asset)
  if (found !== undefined) return found
  throw new UsageFault([
    {
      where: 'asset',
      message: `expected an asset of the assessment, got ${asset}`,
      suggestion: `one of ${own.map(({ id }) => id).join(', ')}`,
    },
  ])
}

const withFinding = (asset: Asset, item: string, finding: Finding): readonly Operation[] => [
  { op: 'put', collection: 'asset', record: { ...asset, results: { ...asset.results, [item]: finding } } },
]

/** Adds attachments to what is known of an item on an asset; a file that is there already, once. */
export const attachFiles = (
  inventory: Inventory,
  place: ResultPlace,
  attachments: readonly Attachment[],
): readonly Operation[] => {
  const asset = assetOf(inventory, place)
  const finding = asset.results[place.item] ?? { result: 'untested' as const }
  const all = [...(finding.attachments ?? []), ...attachments]
  const once = [...new Map(all.map((each) => [`${each.hash} ${each.name}`, each])).values()]
  return withFinding(asset, place.item, { ...finding, attachments: once })
}

const expectAttached = (
  attachments: readonly Attachment[],
  wanted: readonly string[],
  place: ResultPlace,
): void => {
  const names = attachments.map(({ name }) => name)
  const unknown = wanted.filter((each) => !attachments.some((attachment) => isNamed(attachment, each)))
  if (unknown.length === 0) return
  throw new UsageFault(
    unknown.map((each) => {
      const best = nearest(each, names)
      return {
        where: 'attachment',
        message: `expected an attachment of ${place.item} on ${place.asset}, got ${each}`,
        ...(best !== undefined && { suggestion: `did you mean ${best}?` }),
      }
    }),
  )
}

const isNamed = ({ hash, name }: Attachment, wanted: string): boolean =>
  name === wanted || (wanted.length >= 8 && hash.startsWith(wanted))

/** Takes attachments away, by name or by the first digits of their hash. The files themselves stay in the store. */
export const detachFiles = (
  inventory: Inventory,
  place: ResultPlace,
  wanted: readonly string[],
): readonly Operation[] => {
  const asset = assetOf(inventory, place)
  const { attachments = [], ...finding } = asset.results[place.item] ?? { result: 'untested' as const }
  expectAttached(attachments, wanted, place)
  const left = attachments.filter((each) => !wanted.some((name) => isNamed(each, name)))
  return withFinding(asset, place.item, { ...finding, ...(left.length > 0 && { attachments: left }) })
}
