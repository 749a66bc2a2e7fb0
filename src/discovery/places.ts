import { isIP } from 'node:net'
import type { Device } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { holdersAmong, readNetwork } from '../core/network.ts'

/** What the inventory knows of addresses. */
export interface Places {
  /** The device that has it. */
  readonly deviceAt: (address: string) => Device | undefined
  /** The node that it belongs to, where one thing only can be meant. */
  readonly nodeAt: (address: string) => string | undefined
}

/** In the one form in which ranges name addresses; undefined for a name. */
const canonical = (address: string): string | undefined => {
  const family = isIP(address)
  if (family === 0) return undefined
  const reading = readNetwork(`${address}/${family === 4 ? 32 : 128}`)
  return reading.ok ? reading.network.split('/')[0] : undefined
}

/** A larger network has other nodes, whose addresses nobody has filled in yet. */
const isNarrow = (cidr: string): boolean => Number(cidr.split('/')[1]) >= (cidr.includes(':') ? 64 : 24)

type Owned = readonly [address: string, node: string]

const ownedAddresses = ({ node, device }: Inventory): readonly Owned[] => {
  const owned = [
    ...node.values().flatMap(({ id, addresses }) => addresses.map((address) => [address, id] as const)),
    ...device.values().map(({ address, node: id }) => [address, id] as const),
  ]
  return owned.flatMap(([address, id]) => {
    const literal = canonical(address)
    return literal === undefined ? [] : [[literal, id] as const]
  })
}

const only = (ids: readonly string[]): string | undefined => {
  const distinct = new Set(ids)
  return distinct.size === 1 ? ids[0] : undefined
}

export const placesOf = (inventory: Inventory): Places => {
  const devices = new Map(
    inventory.device.values().flatMap((device) => {
      const address = canonical(device.address)
      return address === undefined ? [] : [[address, device] as const]
    }),
  )
  const narrowNetworks = [...inventory.network.values()].map(({ cidr }) => cidr).filter(isNarrow)
  const networksOf = holdersAmong(narrowNetworks)
  const owned = ownedAddresses(inventory)
  const byAddress = Map.groupBy(owned, ([address]) => address)
  const byNetwork = Map.groupBy(
    owned.flatMap(([address, node]) => networksOf(address).map((network) => [network, node] as const)),
    ([network]) => network,
  )
  const nodesIn = (owners: readonly (readonly [string, string])[] = []): readonly string[] =>
    owners.map(([, node]) => node)
  return {
    deviceAt: (address) => devices.get(address),
    nodeAt: (address) => {
      const exact = only(nodesIn(byAddress.get(address)))
      return exact ?? only(networksOf(address).flatMap((network) => nodesIn(byNetwork.get(network))))
    },
  }
}
