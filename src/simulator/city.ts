import type { Unit } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import type { TargetId } from '../core/target.ts'
import { type DeviceDesign, designDevices } from './devices.ts'
import { type NodeDesign, designNodes, districtsOf, readSeed } from './nodes.ts'
import { cityRecords } from './records.ts'
import { type Behaviour, type Service } from './service.ts'
import { type SystemDesign, designSystems, designUnits, portalHost } from './systems.ts'

/** A city to be played on loopback: who stands where and does what. Nobody has a port yet. */
export interface City {
  /** Node that everything hangs on, in the end. */
  readonly top: TargetId
  readonly units: readonly Unit[]
  readonly nodes: readonly NodeDesign[]
  readonly systems: readonly SystemDesign[]
  readonly devices: readonly DeviceDesign[]
  /** What the seed brings beside its nodes. */
  readonly seed: readonly Operation[]
}

/** Port that each service got, by its id. */
export type Ports = ReadonlyMap<TargetId, number>

/** Turns the seeded inventory of one city into a city to be played; same seed, same city. `UsageFault` for no city. */
export const designCity = (seed: readonly Operation[]): City => {
  const districts = districtsOf(readSeed(seed))
  return {
    top: districts[0].head.id,
    units: designUnits(districts[0]),
    nodes: designNodes(districts),
    systems: designSystems(districts),
    devices: designDevices(districts),
    seed: seed.filter(({ op, collection }) => !(op === 'put' && collection === 'node')),
  }
}

export const servicesOf = ({ nodes, systems, devices }: City): readonly Service[] =>
  [...nodes, ...systems, ...devices].map(({ service }) => service)

/**
 * Nodes that nothing reaches from the city any more once the lines of `cuts` are cut:
 * those, and every node all of whose uplinks end at such a node.
 */
export const cutOff = ({ nodes }: City, cuts: ReadonlySet<TargetId>): ReadonlySet<TargetId> => {
  const lost = new Set(cuts)
  const isLost = ({ record: { uplinks } }: NodeDesign): boolean =>
    uplinks.length > 0 && uplinks.every(({ to }) => lost.has(to))
  for (;;) {
    const more = nodes.filter((node) => !lost.has(node.record.id) && isLost(node))
    if (more.length === 0) return lost
    for (const { record } of more) lost.add(record.id)
  }
}

const endpointOf = ({ kind }: Behaviour, host: string): string => {
  switch (kind) {
    case 'https':
      return `https://${host}/`
    case 'http':
    case 'garbage':
      return `http://${host}/`
    case 'dns':
    case 'dns-silent':
      return `dns://${host}/${portalHost}`
    case 'management':
    case 'database':
    case 'closed':
    case 'snmp':
      return `tcp://${host}`
  }
}

const portOf = (ports: Ports, id: TargetId): number => {
  const port = ports.get(id)
  if (port === undefined) throw new Error(`no port for ${id}`)
  return port
}

const nodeRecord = ({ record, service: { address } }: NodeDesign, port: number): unknown => ({
  ...record,
  probes: [{ kind: 'tcp', options: { address, port } }],
})

const systemRecord = ({ record, service }: SystemDesign, port: number): unknown => ({
  ...record,
  endpoints: [endpointOf(service.behaviour, `${service.address}:${port}`)],
})

const deviceRecord = ({ record, service }: DeviceDesign, port: number): unknown => ({
  ...record,
  snmp: { credential: service.behaviour.credential, port },
})

/** The demo's inventory, to be written to an empty store: the seed with every node, system and device as it is served. */
export const inventoryOf = (city: City, ports: Ports): readonly Operation[] => [
  ...city.seed,
  ...city.units.map((record) => ({ op: 'put', collection: 'unit', record }) as const),
  ...city.nodes.map((node): Operation => ({
    op: 'put',
    collection: 'node',
    record: nodeRecord(node, portOf(ports, node.service.id)),
  })),
  ...city.systems.map((system): Operation => ({
    op: 'put',
    collection: 'system',
    record: systemRecord(system, portOf(ports, system.service.id)),
  })),
  ...city.devices.map((device): Operation => ({
    op: 'put',
    collection: 'device',
    record: deviceRecord(device, portOf(ports, device.service.id)),
  })),
  ...cityRecords,
]

/** Web sites of the city that a person may open. */
export const siteUrls = (
  { systems }: City,
  ports: Ports,
): readonly { readonly name: string; readonly url: string }[] =>
  systems
    .filter(({ service: { behaviour } }) => behaviour.kind === 'http' || behaviour.kind === 'https')
    .map(({ service: { id, name, behaviour, address } }) => ({
      name,
      url: endpointOf(behaviour, `${address}:${portOf(ports, id)}`),
    }))
