import type { Device, Node, System } from '../../../inventory/model.ts'
import type { Inventory } from '../../../inventory/store.ts'
import { type Draft, digestOf, draft, listed } from './message.ts'

/** What was told of each asset last. */
export interface Told {
  readonly digest: string
  /** How often it was told. */
  readonly number: number
}

export interface AssetNews {
  readonly asset: string
  readonly told: Told
  readonly draft: Draft
}

type Fields = Parameters<typeof draft<'asset'>>[2]

/** An address without what may be in a URL besides: user, password, path, query. */
const withoutSecrets = (endpoint: string): readonly string[] => {
  if (!URL.canParse(endpoint)) return []
  const { protocol, host } = new URL(endpoint)
  return host === '' ? [] : [`${protocol}//${host}`]
}

const unitOf = (id: string | undefined, { unit }: Inventory): Pick<Fields, 'unit' | 'unitName'> => ({
  unit: id,
  unitName: unit.get(id ?? '')?.name,
})

const nodeFields = (record: Node, inventory: Inventory): Fields => {
  const { id, name, kind, state, region, level, areas, unit, addresses, uplinks } = record
  return {
    ...{ asset: id, class: 'node', name, role: kind, state, region, level, areas: listed(areas) },
    ...unitOf(unit, inventory),
    node: listed(uplinks.map(({ to }) => to)),
    addresses: listed(addresses),
  }
}

const systemFields = (record: System, inventory: Inventory): Fields => {
  const { id, name, kind, state, region, areas, unit, node, endpoints } = record
  return {
    ...{ asset: id, class: 'system', name, role: kind, state, region, areas: listed(areas), node },
    level: inventory.region.get(region)?.level,
    ...unitOf(unit, inventory),
    addresses: listed(endpoints.flatMap(withoutSecrets)),
  }
}

const deviceFields = (record: Device, inventory: Inventory): Fields => {
  const { id, name, role, state, node, address, vendor, model } = record
  const place = inventory.node.get(node)
  return {
    ...{ asset: id, class: 'device', name, role, state, node, vendor, model, addresses: address },
    ...{ region: place?.region, level: place?.level },
    ...unitOf(place?.unit, inventory),
  }
}

const assetsOf = (inventory: Inventory): ReadonlyMap<string, Fields> =>
  new Map([
    ...inventory.node.values().map((each) => [`node:${each.id}`, nodeFields(each, inventory)] as const),
    ...inventory.system.values().map((each) => [`system:${each.id}`, systemFields(each, inventory)] as const),
    ...inventory.device.values().map((each) => [`device:${each.id}`, deviceFields(each, inventory)] as const),
  ])

const newsOf = (asset: string, fields: Fields, last: Told | undefined, at: number): readonly AssetNews[] => {
  const digest = digestOf(fields)
  if (digest === last?.digest) return []
  const told = { digest, number: (last?.number ?? 0) + 1 }
  // The number tells a return to what was before from what was before.
  return [{ asset, told, draft: draft('asset', { at, key: [asset, told.number, digest] }, fields) }]
}

const removed = (asset: string): Fields => {
  const [kind, id = ''] = asset.split(/:(.*)/su)
  return { asset: id, class: kind, change: 'removed' }
}

/** What changed of nodes, systems and devices since it was told. */
export const assetNews = (
  inventory: Inventory,
  told: ReadonlyMap<string, Told>,
  now: number,
): readonly AssetNews[] => {
  const assets = assetsOf(inventory)
  const gone = [...told.keys()].filter((asset) => !assets.has(asset))
  return [
    ...[...assets].flatMap(([asset, fields]) =>
      newsOf(asset, { ...fields, change: 'present' }, told.get(asset), now),
    ),
    ...gone.flatMap((asset) => newsOf(asset, removed(asset), told.get(asset), now)),
  ]
}
