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
  const { name, kind, state, region, level, areas, unit, addresses, uplinks } = record
  return {
    ...{ name, role: kind, state, region, level, areas: listed(areas) },
    ...unitOf(unit, inventory),
    node: listed(uplinks.map(({ to }) => to)),
    addresses: listed(addresses),
  }
}

const systemFields = (record: System, inventory: Inventory): Fields => {
  const { name, kind, state, region, areas, unit, node, endpoints } = record
  return {
    ...{ name, role: kind, state, region, areas: listed(areas), node },
    level: inventory.region.get(region)?.level,
    ...unitOf(unit, inventory),
    addresses: listed(endpoints.flatMap(withoutSecrets)),
  }
}

const deviceFields = (record: Device, inventory: Inventory): Fields => {
  const { name, role, state, node, address, vendor, model } = record
  const place = inventory.node.get(node)
  return {
    ...{ name, role, state, node, vendor, model, addresses: address },
    ...{ region: place?.region, level: place?.level },
    ...unitOf(place?.unit, inventory),
  }
}

type AssetClass = 'node' | 'system' | 'device'

/** Which class, and its id, by what it is called in `Told`. */
const readAsset = (asset: string): readonly [AssetClass, string] => {
  const colon = asset.indexOf(':')
  return [asset.slice(0, colon) as AssetClass, asset.slice(colon + 1)]
}

const newsOf = (asset: string, fields: Fields, last: Told | undefined, at: number): AssetNews | undefined => {
  const digest = digestOf(fields)
  if (digest === last?.digest) return undefined
  const told = { digest, number: (last?.number ?? 0) + 1 }
  // The number tells a return to what was before from what was before.
  return { asset, told, draft: draft('asset', { at, key: [asset, told.number, digest] }, fields) }
}

/** What changed of nodes, systems and devices since it was told; undefined for each that did not. */
export function* assetNews(
  inventory: Inventory,
  told: ReadonlyMap<string, Told>,
  now: number,
): Generator<AssetNews | undefined, void> {
  const news = (kind: AssetClass, id: string, fields: Fields): AssetNews | undefined => {
    const asset = `${kind}:${id}`
    return newsOf(asset, { ...fields, asset: id, class: kind }, told.get(asset), now)
  }
  const present = { change: 'present' }
  for (const each of inventory.node.values())
    yield news('node', each.id, { ...nodeFields(each, inventory), ...present })
  for (const each of inventory.system.values())
    yield news('system', each.id, { ...systemFields(each, inventory), ...present })
  for (const each of inventory.device.values())
    yield news('device', each.id, { ...deviceFields(each, inventory), ...present })
  for (const asset of told.keys()) {
    const [kind, id] = readAsset(asset)
    if (!inventory[kind].has(id)) yield news(kind, id, { change: 'removed' })
  }
}
