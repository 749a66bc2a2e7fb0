import type { JobId } from '../core/probe.ts'
import type { TargetCause } from '../core/outcome.ts'
import type { TargetId } from '../core/target.ts'
import { type City, cutOff, servicesOf } from './city.ts'
import type { Behaviour, Service } from './service.ts'

/** What a job must find. No cause: either of several is right (a closed UDP port is refused or silent). */
export type Expected = { readonly status: 'up' } | { readonly status: 'down'; readonly cause?: TargetCause }

/** `unreachable`: everything above it is gone, and so it is no outage of its own. */
export type NodeState = 'up' | 'down' | 'unreachable' | 'redundancy-lost'

export interface Expectations {
  /** By the id of each job that the plan derives from the inventory. */
  readonly jobs: ReadonlyMap<JobId, Expected>
  readonly nodes: ReadonlyMap<TargetId, NodeState>
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

/** Nodes and devices are also pinged, and on loopback a ping is answered whatever happens. */
const pinged: ByKind = { icmp: up }

const jobsOf = (
  { id, behaviour }: Service,
  isLost: boolean,
  always: ByKind,
): readonly (readonly [JobId, Expected])[] =>
  Object.entries({ ...always, ...(isLost ? whenCut(behaviour) : served(behaviour)) }).map(
    ([kind, expected]) => [`${id}/${kind}@public`, expected],
  )

const nodeStates = (city: City, lost: ReadonlySet<TargetId>): ReadonlyMap<TargetId, NodeState> =>
  new Map(
    city.nodes.map(({ service, record: { id, uplinks } }) => {
      const deadUplinks = uplinks.filter(({ to }) => lost.has(to)).length
      const isDown = lost.has(id) || service.behaviour.kind === 'closed'
      if (isDown && uplinks.length > 0 && deadUplinks === uplinks.length) return [id, 'unreachable']
      if (isDown) return [id, 'down']
      return [id, deadUplinks > 0 ? 'redundancy-lost' : 'up']
    }),
  )

/** What yiwang must find in the city, from the public area, while the lines of `cuts` are cut. */
export const expectations = (city: City, cuts: ReadonlySet<TargetId> = new Set()): Expectations => {
  const lost = cutOff(city, cuts)
  const systems = new Set(city.systems.map(({ service }) => service.id))
  const jobs = servicesOf(city).flatMap((service) =>
    jobsOf(service, lost.has(service.node), systems.has(service.id) ? {} : pinged),
  )
  return { jobs: new Map(jobs), nodes: nodeStates(city, lost) }
}
