import { UsageFault } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import type { Inventory, Operation } from '../store.ts'
import type { Asset, Assessment, Finding, Remediation, Waiver } from './assessment.ts'
import { itemById, unknownItem } from './catalogue.ts'
import { holds } from './waivers.ts'

const mostNamed = 8

const suggestionAmong = (ids: readonly string[]): string =>
  ids.length === 0
    ? '`yiwang mlps assess` makes one'
    : `one of ${ids.slice(0, mostNamed).join(', ')}${ids.length > mostNamed ? ', …' : ''}; \`yiwang mlps assess\` makes a new one`

/** The assessment of that id. Throws `UsageFault` where there is none. */
export const assessmentOf = ({ assessment }: Inventory, id: string): Assessment => {
  const found = assessment.get(id)
  if (found !== undefined) return found
  const best = nearest(id, assessment.keys())
  throw new UsageFault([
    {
      where: 'assessment',
      message: `expected the id of an assessment, got ${id}`,
      suggestion: best === undefined ? suggestionAmong([...assessment.keys()]) : `did you mean ${best}?`,
    },
  ])
}

const isNew = (inventory: Inventory, id: string): void => {
  if (inventory.assessment.has(id)) throw new UsageFault(`expected the id of a new assessment, got ${id}`)
}

/** A new assessment with what it looks at. */
export const openAssessment = (
  inventory: Inventory,
  assessment: { readonly id: string },
  assets: readonly { readonly id: string }[],
): readonly Operation[] => {
  isNew(inventory, assessment.id)
  const taken = assets.filter(({ id }) => inventory.asset.has(id))
  if (taken.length > 0)
    throw new UsageFault(
      taken.map(({ id }) => ({ where: '--asset', message: `expected the id of a new asset, got ${id}` })),
    )
  return [
    { op: 'put', collection: 'assessment', record: assessment },
    ...assets.map((record): Operation => ({
      op: 'put',
      collection: 'asset',
      record: { ...record, assessment: assessment.id },
    })),
  ]
}

const assetsFor = (own: readonly Asset[], item: string, ids: readonly string[]): readonly Asset[] => {
  const unknown = ids.filter((id) => own.every((asset) => asset.id !== id))
  if (unknown.length > 0)
    throw new UsageFault(
      unknown.map((id) => ({
        where: '--asset',
        message: `expected an asset of the assessment, got ${id}`,
        suggestion: `one of ${own.map((asset) => asset.id).join(', ')}`,
      })),
    )
  if (ids.length > 0) return own.filter(({ id }) => ids.includes(id))
  const kinds = itemById(item)?.assets ?? []
  return own.filter(({ kind }) => kinds.includes(kind))
}

export interface Setting {
  readonly assessment: string
  readonly item: string
  /** None: every asset of a kind that the item asks about. */
  readonly assets: readonly string[]
  readonly finding: Finding
}

/** Throws `UsageFault` where there is no such item. */
export const expectItem = (item: string): void => {
  if (itemById(item) === undefined) throw new UsageFault([unknownItem('item', item)])
}

/** What an assessment looks at. */
export const ownAssets = ({ asset }: Inventory, assessment: string): readonly Asset[] =>
  [...asset.values()].filter((each) => each.assessment === assessment)

const withAttachments = (finding: Finding, before: Finding | undefined): Finding =>
  before?.attachments === undefined ? finding : { ...finding, attachments: before.attachments }

/** Puts a result on assets; whatever was known of the item there goes, but for its attachments. */
export const setResult = (
  inventory: Inventory,
  { assessment, item, assets, finding }: Setting,
): readonly Operation[] => {
  const { id } = assessmentOf(inventory, assessment)
  expectItem(item)
  const own = ownAssets(inventory, id)
  const chosen = assetsFor(own, item, assets)
  if (chosen.length === 0)
    throw new UsageFault([
      {
        where: '--asset',
        message: `expected an asset of a kind that ${item} asks about, ${id} has none`,
        suggestion: 'name the asset',
      },
    ])
  return chosen.map((asset) => ({
    op: 'put',
    collection: 'asset',
    record: {
      ...asset,
      results: { ...asset.results, [item]: withAttachments(finding, asset.results[item]) },
    },
  }))
}

export interface Amending {
  readonly assessment: string
  readonly item: string
  readonly asset: string
  /** Makes the finding of what is there on the newest revision. */
  readonly amend: (before: Finding | undefined) => Finding
}

/** Changes what is known of an item on one asset. */
export const amendResult = (
  inventory: Inventory,
  { assessment, item, asset: assetId, amend }: Amending,
): readonly Operation[] => {
  const asset = inventory.asset.get(assetId)
  if (asset?.assessment !== assessment)
    throw new UsageFault([{ where: 'asset', message: `expected an asset of ${assessment}, got ${assetId}` }])
  const results = { ...asset.results, [item]: amend(asset.results[item]) }
  return [{ op: 'put', collection: 'asset', record: { ...asset, results } }]
}

const carried = (asset: Asset, from: string): Asset['results'] =>
  Object.fromEntries(
    Object.entries(asset.results).map(([item, finding]): [string, Finding] => [
      item,
      finding.result === 'untested' ? finding : { ...finding, carriedFrom: finding.carriedFrom ?? from },
    ]),
  )

interface Carrying {
  readonly from: string
  readonly to: string
}

const renamed = (id: string, { from, to }: Carrying): string =>
  `${to}.${id.startsWith(`${from}.`) ? id.slice(from.length + 1) : id}`

const moved = <R extends Waiver | Remediation>(record: R, carrying: Carrying): R => ({
  ...record,
  id: renamed(record.id, carrying),
  assessment: carrying.to,
  ...(record.asset !== undefined && { asset: renamed(record.asset, carrying) }),
})

/** Dates, judgements and the institution are those of one year; the object, its level and filing stay. */
const successor = (earlier: Assessment, { from, to }: Carrying) => {
  const { name, object, system, level, cloud, filing, remark } = earlier
  return { id: to, name, object, system, level, cloud, filing, previous: from, remark }
}

/**
 * A new assessment with assets and results of an earlier one, each result marked as carried over, and with what
 * is still in force on `day`: waivers, and remediations that are not closed.
 */
export const carryOver = (inventory: Inventory, carrying: Carrying, day: string): readonly Operation[] => {
  const { from, to } = carrying
  const earlier = assessmentOf(inventory, from)
  isNew(inventory, to)
  const own = <R extends { readonly assessment: string }>(records: ReadonlyMap<string, R>): readonly R[] =>
    [...records.values()].filter(({ assessment }) => assessment === from)
  return [
    { op: 'put', collection: 'assessment', record: successor(earlier, carrying) },
    ...own(inventory.asset).map((asset): Operation => ({
      op: 'put',
      collection: 'asset',
      record: {
        ...asset,
        id: renamed(asset.id, carrying),
        assessment: to,
        results: carried(asset, from),
      },
    })),
    ...own(inventory.waiver)
      .filter((waiver) => holds(waiver, day))
      .map((waiver): Operation => ({ op: 'put', collection: 'waiver', record: moved(waiver, carrying) })),
    ...own(inventory.remediation)
      .filter(({ state }) => state !== 'closed')
      .map((each): Operation => ({ op: 'put', collection: 'remediation', record: moved(each, carrying) })),
  ]
}
