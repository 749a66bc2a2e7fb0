import type { JobId } from '../core/probe.ts'
import type { TargetCause } from '../core/outcome.ts'
import type { TargetId } from '../core/target.ts'
import { type City, cutOff, servicesOf } from './city.ts'
import type { DeviceDesign } from './devices.ts'
import type { NodeDesign } from './nodes.ts'
import type { Behaviour, Service } from './service.ts'
import type { SystemDesign } from './systems.ts'

/** What a job must find. No cause: either of several is right (a closed UDP port is refused or silent). */
export type Expected = { readonly status: 'up' } | { readonly status: 'down'; readonly cause?: TargetCause }

/** `unreachable`: everything above it is gone, and so it is no outage of its own. */
export type ExpectedState = 'up' | 'down' | 'unreachable'

export interface Expectations {
  /** By the id of each job that the plan derives from the inventory. */
  readonly jobs: ReadonlyMap<JobId, Expected>
  /** Of every node, system and device. */
  readonly states: ReadonlyMap<TargetId, ExpectedState>
  /** Nodes that have lost one of their ways up, and have another. */
  readonly redundancyLost: ReadonlySet<TargetId>
}

const up: Expected = { status: 'up' }
const down = (cause?: TargetCause): Expected => ({ status: 'down', ...(cause && { cause }) })

type ByKind = Readonly<Record<string, Expected>>

/** A bad certificate is a fact, not an outage: the handshake completes, and HTTP answers behind it. */
const served = (behaviour: Behaviour): ByKind => {
  switch (behaviour.kind) {
    case 'management':
    case 'database':
      return { tcp: up }
    case 'closed':
      return { tcp: down('refused') }
    case 'http':
      return { http: behaviour.answer === 'slow' ? down('timeout') : up }
    case 'https':
      return { http: up, tls: up }
    case 'garbage':
      return { http: down('protocol') }
    case 'dns':
      return { dns: up }
    case 'dns-silent':
      return { dns: down('timeout') }
    case 'snmp':
      return { snmp: up }
  }
}

const overUdp = new Set<Behaviour['kind']>(['dns', 'dns-silent', 'snmp'])

const whenCut = (behaviour: Behaviour): ByKind => {
  const gone = down(overUdp.has(behaviour.kind) ? undefined : 'refused')
  return Object.fromEntries(Object.keys(served(behaviour)).map((kind) => [kind, gone]))
}

/** A device is also pinged, and on loopback a ping is answered whatever happens. */
const pinged: ByKind = { icmp: up }

const jobsOf = ({ id, behaviour }: Service, isLost: boolean): readonly (readonly [JobId, Expected])[] =>
  Object.entries({
    ...(behaviour.kind === 'snmp' && pinged),
    ...(isLost ? whenCut(behaviour) : served(behaviour)),
  }).map(([kind, expected]) => [`${id}/${kind}@public`, expected])

const isBad = (behaviour: Behaviour): boolean =>
  Object.values(served(behaviour)).some(({ status }) => status === 'down')

const ownState = ({ behaviour }: Service): ExpectedState => (isBad(behaviour) ? 'down' : 'up')

const deadUplinks = ({ record: { uplinks } }: NodeDesign, lost: ReadonlySet<TargetId>): number =>
  uplinks.filter(({ to }) => lost.has(to)).length

const nodeState = (node: NodeDesign, lost: ReadonlySet<TargetId>): ExpectedState => {
  const { service, record } = node
  const isCutOff = record.uplinks.length > 0 && deadUplinks(node, lost) === record.uplinks.length
  if (isCutOff) return 'unreachable'
  return lost.has(service.id) ? 'down' : ownState(service)
}

const systemState = ({ service }: SystemDesign, lost: ReadonlySet<TargetId>): ExpectedState =>
  lost.has(service.node) ? 'unreachable' : ownState(service)

/** What answers a ping is down, not unreachable, when its SNMP agent is gone. */
const deviceState = ({ service }: DeviceDesign, lost: ReadonlySet<TargetId>): ExpectedState =>
  lost.has(service.node) ? 'down' : ownState(service)

const statesOf = (city: City, lost: ReadonlySet<TargetId>): ReadonlyMap<TargetId, ExpectedState> =>
  new Map([
    ...city.nodes.map((node) => [node.service.id, nodeState(node, lost)] as const),
    ...city.systems.map((system) => [system.service.id, systemState(system, lost)] as const),
    ...city.devices.map((device) => [device.service.id, deviceState(device, lost)] as const),
  ])

const isRedundancyLost = (node: NodeDesign, lost: ReadonlySet<TargetId>): boolean => {
  const dead = deadUplinks(node, lost)
  return dead > 0 && dead < node.record.uplinks.length
}

/** What yiwang must find in a city without a plan's systems, from the public area, while the lines of `cuts` are cut. */
export const expectations = (city: City, cuts: ReadonlySet<TargetId> = new Set()): Expectations => {
  const lost = cutOff(city, cuts)
  const redundancyLost = city.nodes.filter((node) => isRedundancyLost(node, lost))
  return {
    jobs: new Map(servicesOf(city).flatMap((service) => jobsOf(service, lost.has(service.node)))),
    states: statesOf(city, lost),
    redundancyLost: new Set(redundancyLost.map(({ service }) => service.id)),
  }
}
