import type { Operation } from '../../../inventory/store.ts'
import { normaliseRegionCode } from '../../../inventory/regions/index.ts'
import { seedOperations } from '../../../inventory/seed.ts'

/** How much there is to look at. */
export interface Size {
  readonly nodes: number
  /** HTTPS servers, an address each. */
  readonly systems: number
  /** SNMP agents, an address each. */
  readonly devices: number
  /** Interfaces of each device. */
  readonly interfaces: number
}

export const kaifeng: Size = { nodes: 1700, systems: 300, devices: 150, interfaces: 24 }

/** As many nodes as the country has townships; at each tenth an SNMP agent and a TLS server too. */
export const country: Size = { nodes: 41_352, systems: 4135, devices: 4135, interfaces: 4 }

/** SNMP v2c community of every device, and the name that the inventory knows it by. */
export const community = 'bench-community'
export const credentialName = 'bench-switches'

const loopback = (network: number, index: number): string =>
  `127.${String(network)}.${String(Math.floor(index / 250))}.${String((index % 250) + 1)}`

export const nodeAddress = (index: number): string => loopback(41, index)
export const systemAddress = (index: number): string => loopback(42, index)
export const deviceAddress = (index: number): string => loopback(43, index)

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

type Fields = Readonly<Record<string, unknown>> & { readonly id: string; readonly region: string }

const recordsIn = (operations: readonly Operation[], collection: string): readonly Fields[] =>
  operations.flatMap((operation) =>
    operation.op === 'put' && operation.collection === collection ? [operation.record as Fields] : [],
  )

/** Nodes of Kaifeng as `yiwang init` makes them, and as many departments beside them as there have to be. */
const nodesOf = (seeded: readonly Fields[], count: number): readonly Fields[] =>
  range(count).map((index) => {
    const place = seeded[index % seeded.length]
    if (place === undefined) throw new Error('expected nodes in the seed')
    const addresses = [nodeAddress(index)]
    if (index < seeded.length) return { ...place, addresses }
    const id = `${place.id}-d${String(Math.floor(index / seeded.length))}`
    const uplinks = [{ id: `${id}-up1`, kind: 'line', to: place.id }]
    return {
      ...place,
      id,
      name: `${String(place['name'])}${String(index)}`,
      kind: 'department',
      addresses,
      uplinks,
    }
  })

export interface Ports {
  readonly https: number
  readonly snmp: number
}

const systemsOf = (nodes: readonly Fields[], count: number, { https }: Ports): readonly Fields[] =>
  range(count).map((index) => {
    const { id: node = '', region = '' } = nodes[index % nodes.length] ?? {}
    return {
      ...{ id: `s-${String(index)}`, name: `政务信息系统${String(index)}`, region, node, kind: 'website' },
      endpoints: [`https://${systemAddress(index)}:${String(https)}/`],
    }
  })

const devicesOf = (nodes: readonly Fields[], count: number, { snmp }: Ports): readonly object[] =>
  range(count).map((index) => ({
    ...{ id: `d-${String(index)}`, name: `汇聚路由器${String(index)}`, role: 'router' },
    node: nodes[index % nodes.length]?.id,
    address: deviceAddress(index),
    snmp: { credential: credentialName, port: snmp },
  }))

const puts = (collection: 'node' | 'system' | 'device', records: readonly object[]): readonly Operation[] =>
  records.map((record) => ({ op: 'put', collection, record }))

/** The operations that make the city in an empty store. */
export const cityOperations = (size: Size, ports: Ports): readonly Operation[] => {
  const seed = seedOperations('410200')
  const nodes = nodesOf(recordsIn(seed, 'node'), size.nodes)
  return [
    ...seed.filter((operation) => operation.collection !== 'node'),
    ...puts('node', nodes),
    ...puts('system', systemsOf(nodes, size.systems, ports)),
    ...puts('device', devicesOf(nodes, size.devices, ports)),
  ]
}

/** Statistics codes of the 31 provinces: there is no list of them apart from the regions themselves. */
const provinces = range(90)
  .map((code) => String(code + 10))
  .filter((code) => normaliseRegionCode(code) !== undefined)

const probesAt = (index: number, { https, snmp }: Ports): readonly object[] => [
  { kind: 'tls', options: { address: systemAddress(index), port: https } },
  { kind: 'snmp', options: { address: deviceAddress(index), port: snmp, credential: credentialName } },
]

/** The operations that make the country in an empty store: the nodes of `yiwang init`, as many as `size` says. */
export const countryOperations = (size: Size, ports: Ports): readonly Operation[] => {
  const seed = provinces.flatMap((province) => seedOperations(province))
  const nodes = recordsIn(seed, 'node').slice(0, size.nodes)
  const step = Math.ceil(size.nodes / size.devices)
  const probed = nodes.map((node, index) => ({
    ...node,
    addresses: [nodeAddress(index)],
    ...(index % step === 0 && { probes: probesAt(index / step, ports) }),
  }))
  return [...seed.filter((operation) => operation.collection !== 'node'), ...puts('node', probed)]
}
