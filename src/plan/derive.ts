import { isIP } from 'node:net'
import type { Device, Node, ProbeRequest, System } from '../../inventory/model.ts'
import { authorisedNetworks } from '../../inventory/networks.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Problem } from '../core/fault.ts'
import { holdersAmong } from '../core/network.ts'
import type { Target, Vantage } from '../core/target.ts'
import { deriveMigration, sidesToLookAt } from './derive-migration.ts'
import { readEndpoint } from './endpoint.ts'
import { deviceTarget, nodeTarget, systemTarget, uplinkTarget, vantageOf } from './targets.ts'
import type { Derived, Wish } from './wish.ts'

/** The record that asks, as its wishes need it. */
interface Asker {
  /** `node/n-1`: where problems are shown. */
  readonly path: string
  readonly target: Target
  readonly vantage: Vantage
  /** Its own address, for requests that name none. */
  readonly address: string | undefined
  readonly authorisation: Authorisation
}

/** What every record is derived on. */
interface Ground {
  readonly inventory: Inventory
  readonly authorisation: Authorisation
}

const isActive = ({ state }: { readonly state: string }): boolean => state === 'active'

const wish = (
  { path, target, vantage }: Asker,
  field: string,
  probe: Omit<Wish, 'where' | 'target' | 'vantage' | 'expect'>,
): Wish => ({
  where: `${path}.${field}`,
  target,
  vantage,
  expect: 'reachable',
  ...probe,
})

const ping = (asker: Asker, field: string, address: string): Wish =>
  wish(asker, field, { kind: 'icmp', options: { address }, discriminator: address })

const tellingOptions = ({ options }: ProbeRequest): string =>
  Object.entries(options)
    .filter(([name, value]) => name !== 'timeoutSeconds' && ['string', 'number'].includes(typeof value))
    .map(([, value]) => String(value))
    .join(':')

/** The networks that authorise scans at an address; at a name, all of them: what it resolves to is not known here. */
type Authorisation = (address: unknown) => readonly string[]

const authorisationBy = (networks: readonly string[]): Authorisation => {
  const holdersOf = holdersAmong(networks)
  return (address) => (typeof address === 'string' && isIP(address) > 0 ? holdersOf(address) : networks)
}

/** A record cannot authorise itself: whatever its options say, only networks of the inventory do. */
const grantedOptions = (
  { kind, options }: ProbeRequest,
  { address, authorisation }: Asker,
): ProbeRequest['options'] => {
  const own = { ...(address !== undefined && { address }), ...options }
  return kind === 'ports' ? { ...own, authorisedBy: authorisation(own['address']) } : own
}

/** From where it must answer, or must not; and from where it must not as well. */
const sidesOf = ({ expect, control, unreachableFrom = [] }: ProbeRequest, vantage: Vantage) => [
  { vantage, expect, control: expect === 'unreachable' ? control : undefined },
  ...unreachableFrom.map((area) => ({ vantage: area, expect: 'unreachable' as const, control })),
]

const requestedBy = (asker: Asker, request: ProbeRequest, field: string): readonly Wish[] => {
  const looked = wish(asker, field, {
    kind: request.kind,
    options: grantedOptions(request, asker),
    intervalSeconds: request.intervalSeconds,
    discriminator: tellingOptions(request),
  })
  return sidesOf(request, request.vantage ?? asker.vantage).map((side) => ({ ...looked, ...side }))
}

const requested = (asker: Asker, requests: readonly ProbeRequest[]): readonly Wish[] =>
  requests.flatMap((request, index) => requestedBy(asker, request, `probes[${index}]`))

/** The same look cannot be expected to be answered and not to be. */
const contradictions = ({ path, vantage }: Asker, requests: readonly ProbeRequest[]): readonly Problem[] =>
  requests.flatMap(({ vantage: own = vantage, expect, unreachableFrom = [] }, index) =>
    expect === 'reachable' && unreachableFrom.includes(own)
      ? [
          {
            where: `${path}.probes[${index}].unreachableFrom`,
            message: `expected areas other than the one that it is looked at from, got ${own}`,
          },
        ]
      : [],
  )

const deriveNode = (node: Node, { authorisation }: Ground): Derived => {
  const path = `node/${node.id}`
  const vantage = vantageOf(node.areas)
  const self: Asker = { path, vantage, target: nodeTarget(node), address: node.addresses[0], authorisation }
  const uplinks = node.uplinks.flatMap((uplink, index) =>
    uplink.address === undefined
      ? []
      : [ping({ ...self, target: uplinkTarget(node, uplink) }, `uplinks[${index}].address`, uplink.address)],
  )
  return {
    targets: [self.target, ...uplinks.map(({ target }) => target)],
    wishes: [
      ...node.addresses.map((address, index) => ping(self, `addresses[${index}]`, address)),
      ...uplinks,
      ...requested(self, node.probes),
    ],
    problems: contradictions(self, node.probes),
  }
}

const deriveSystem = (system: System, { inventory, authorisation }: Ground): Derived => {
  const path = `system/${system.id}`
  const readings = system.endpoints.map((text) => readEndpoint(text))
  const problems = readings.flatMap((reading, index) =>
    typeof reading === 'string' ? [{ where: `${path}.endpoints[${index}]`, message: reading }] : [],
  )
  const first = readings.find((reading) => typeof reading !== 'string')?.[0]
  const self: Asker = {
    path,
    vantage: vantageOf(system.areas),
    target: systemTarget(system, inventory),
    address: first?.options['address'] as string | undefined,
    authorisation,
  }
  const probed = readings.flatMap((reading, index) =>
    typeof reading === 'string' ? [] : reading.map((probe) => wish(self, `endpoints[${index}]`, probe)),
  )
  return {
    targets: [self.target],
    wishes: [...probed, ...requested(self, system.probes)],
    problems: [...problems, ...contradictions(self, system.probes)],
  }
}

/** It is asked, and may send traps. */
const spokenTo = (
  self: Asker,
  address: string,
  { engineId, ...asked }: NonNullable<Device['snmp']>,
): readonly Wish[] => [
  wish(self, 'snmp', { kind: 'snmp', options: { address, ...asked }, discriminator: address }),
  wish(self, 'snmp', {
    kind: 'snmp-trap',
    options: { address, ...asked, ...(engineId !== undefined && { engineId }) },
    discriminator: address,
  }),
]

const deriveDevice = (device: Device, { inventory, authorisation }: Ground): Derived => {
  const path = `device/${device.id}`
  const node = inventory.node.get(device.node)
  if (node === undefined) {
    const message = `expected the id of a node, got ${JSON.stringify(device.node)}`
    return { targets: [], wishes: [], problems: [{ where: `${path}.node`, message }] }
  }
  const { address, snmp } = device
  const self: Asker = {
    path,
    vantage: vantageOf(node.areas),
    target: deviceTarget(device, node),
    address,
    authorisation,
  }
  const spoken = snmp === undefined ? [] : spokenTo(self, address, snmp)
  return {
    targets: [self.target],
    wishes: [ping(self, 'address', address), ...spoken, ...requested(self, device.probes)],
    problems: contradictions(self, device.probes),
  }
}

/**
 * What each active record asks to be probed. Planned and retired records ask for nothing; of a migration its state
 * says what is looked at.
 * From where: see `vantageOf`, unless a request names another area.
 */
export function* derive(inventory: Inventory): Generator<Derived, void> {
  const ground: Ground = { inventory, authorisation: authorisationBy(authorisedNetworks(inventory)) }
  const { node, system, device, migration } = inventory
  for (const each of node.values()) if (isActive(each)) yield deriveNode(each, ground)
  for (const each of system.values()) if (isActive(each)) yield deriveSystem(each, ground)
  for (const each of device.values()) if (isActive(each)) yield deriveDevice(each, ground)
  for (const each of migration.values()) {
    const sides = sidesToLookAt(each.state)
    if (sides.old || sides.new) yield deriveMigration(each, inventory, sides)
  }
}
