import type { Unit } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import type { TargetId } from '../core/target.ts'
import { type DeviceDesign, designDevices } from './devices.ts'
import { designNamed, type Fault, movedRecords, movedSystem } from './named.ts'
import { type NodeDesign, designNodes, districtsOf, readSeed, troubledNode } from './nodes.ts'
import { cityRecords, plantedRecords } from './records.ts'
import { type Behaviour, doorPath, type Planted, type Service } from './service.ts'
import { type SystemDesign, designSystems, designUnits, portalHost } from './systems.ts'

/** A city to be played on loopback: who stands where and does what. Nobody has a port yet. */
export interface City {
  /** Nothing is out of order from the start. */
  readonly isQuiet: boolean
  /** Node that everything hangs on, in the end. */
  readonly top: TargetId
  readonly units: readonly Unit[]
  readonly nodes: readonly NodeDesign[]
  readonly systems: readonly SystemDesign[]
  readonly devices: readonly DeviceDesign[]
  /** Addresses that systems have left. */
  readonly old: readonly Service[]
  /** What can go wrong on cue; nothing of it does from the start. */
  readonly faults: readonly Fault[]
  /** What the seed brings beside the nodes and systems that are played. */
  readonly seed: readonly Operation[]
}

/** Port that each service got, by its id. */
export type Ports = ReadonlyMap<TargetId, number>

export interface CityOptions {
  /** Nothing is out of order from the start. */
  readonly isQuiet?: boolean
}

/**
 * Turns the seeded inventory of one city into a city to be played; same seed, same city. Where the seed brings the
 * systems of a work plan, those are played too, and the node that would be shut from the start is a fault on cue.
 * `UsageFault` for no city.
 */
export const designCity = (seed: readonly Operation[], { isQuiet = false }: CityOptions = {}): City => {
  const districts = districtsOf(readSeed(seed))
  const troubled = troubledNode(districts)
  const plan = designNamed(seed, districts, troubled)
  const nodes = designNodes(districts, isQuiet || plan ? undefined : troubled)
  const named = plan ?? { systems: [], halls: [], old: [], faults: [] }
  const played = new Set(named.systems.map(({ record }) => record.id))
  const isPlayed = (each: Operation): boolean =>
    each.op === 'put' &&
    (each.collection === 'node' ||
      (each.collection === 'system' && played.has((each.record as { readonly id: string }).id)))
  return {
    isQuiet,
    top: districts[0].head.id,
    units: designUnits(districts[0]),
    nodes: [...nodes, ...named.halls],
    systems: [...designSystems(districts, isQuiet), ...named.systems],
    devices: designDevices(districts, isQuiet),
    old: named.old,
    faults: named.faults,
    seed: seed.filter((each) => !isPlayed(each)),
  }
}

/** What is out of order on purpose from the start; what is planted on cue is not among it. */
export const plantedOf = ({ nodes, systems, isQuiet }: City): readonly Planted[] => [
  ...[...nodes, ...systems].flatMap(({ service: { id, name }, fault }) =>
    fault === undefined ? [] : [{ id, name, what: fault }],
  ),
  ...(isQuiet ? [] : plantedRecords),
]

export const servicesOf = ({ nodes, systems, devices, old }: City): readonly Service[] => [
  ...[...nodes, ...systems, ...devices].map(({ service }) => service),
  ...old,
]

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

const atDoor = ({ behaviour: { kind }, address }: Service, port: number): unknown => ({
  kind: 'http',
  options: { address, port, scheme: kind, path: doorPath },
})

const placeOf = ({ id, behaviour, address }: Service, ports: Ports): string =>
  endpointOf(behaviour, `${address}:${portOf(ports, id)}`)

const systemRecord = ({ record, service, peers = [] }: SystemDesign, city: City, ports: Ports): unknown => ({
  ...record,
  endpoints: [placeOf(service, ports)],
  probes: city.systems
    .filter((other) => peers.includes(other.record.id))
    .map((other) => atDoor(other.service, portOf(ports, other.service.id))),
})

const deviceRecord = ({ record, service }: DeviceDesign, port: number): unknown => ({
  ...record,
  snmp: { credential: service.behaviour.credential, port },
})

const moveRecords = ({ systems, old: [old] }: City, ports: Ports): readonly Operation[] => {
  const moved = systems.find(({ record }) => record.id === movedSystem)
  return moved === undefined || old === undefined
    ? []
    : movedRecords({ old: placeOf(old, ports), new: placeOf(moved.service, ports) })
}

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
    record: systemRecord(system, city, ports),
  })),
  ...city.devices.map((device): Operation => ({
    op: 'put',
    collection: 'device',
    record: deviceRecord(device, portOf(ports, device.service.id)),
  })),
  ...cityRecords(city.isQuiet),
  ...moveRecords(city, ports),
]

/** Web sites of the city that a person may open. */
export const siteUrls = (
  { systems }: City,
  ports: Ports,
): readonly { readonly name: string; readonly url: string }[] =>
  systems
    .filter(({ service: { behaviour } }) => behaviour.kind === 'http' || behaviour.kind === 'https')
    .map(({ service }) => ({ name: service.name, url: placeOf(service, ports) }))
