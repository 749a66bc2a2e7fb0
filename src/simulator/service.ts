import type { TargetId } from '../core/target.ts'

export const certificateStates = ['good', 'expiring', 'expired', 'self-signed', 'wrong-name'] as const
export type CertificateState = (typeof certificateStates)[number]

/** One port of a simulated device. Rates are what its counters grow by. */
export interface InterfaceDesign {
  readonly name: string
  readonly alias: string
  readonly speedMbps: number
  readonly adminUp: boolean
  readonly operUp: boolean
  readonly inOctetsPerSecond: number
  readonly outOctetsPerSecond: number
  readonly inErrorsPerHour: number
  /** Node at the far end: cut off from it, the port is down and counts nothing. */
  readonly towards?: TargetId
}

/** `slow` answers after `slowSeconds`; `front-out` answers 503 at `/`, `door-out` at `doorPath`, both well elsewhere. */
export type Answer = 'page' | 'redirect' | 'slow' | 'front-out' | 'door-out'

/** What a service does to who talks to it. */
export type Behaviour =
  /** A device's management port: greets and hangs up. */
  | { readonly kind: 'management' }
  /** Takes the connection and says nothing. */
  | { readonly kind: 'database' }
  /** Nobody listens. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'http'; readonly answer: Answer }
  /** A page where no answer is named. */
  | { readonly kind: 'https'; readonly certificate: CertificateState; readonly answer?: Answer }
  /** Octets that are no HTTP. */
  | { readonly kind: 'garbage' }
  /** Host name → IPv4 address. */
  | { readonly kind: 'dns'; readonly zone: Readonly<Record<string, string>> }
  /** Takes queries and never answers. */
  | { readonly kind: 'dns-silent' }
  | { readonly kind: 'snmp'; readonly credential: string; readonly interfaces: readonly InterfaceDesign[] }
export type BehaviourKind = Behaviour['kind']
export type BehaviourOf<Kind extends BehaviourKind> = Extract<Behaviour, { kind: Kind }>

/** Anything of the city that answers, or should: one a node, system or device, by the same id. */
export interface Service<B extends Behaviour = Behaviour> {
  readonly id: TargetId
  readonly name: string
  /** Node that it stands at: they are cut off together. */
  readonly node: TargetId
  /** Its own loopback address. */
  readonly address: string
  readonly behaviour: B
}

/** What is out of order on purpose. */
export interface Planted {
  /** Of a target or a record. */
  readonly id: string
  readonly name: string
  /** In words. */
  readonly what: string
}

export const slowSeconds = 30
/** Where a system that is linked with others is asked by them. */
export const doorPath = '/door'

const portOffset: Readonly<Record<BehaviourKind, number>> = {
  management: 22,
  closed: 22,
  dns: 53,
  'dns-silent': 53,
  http: 80,
  garbage: 80,
  snmp: 161,
  database: 306,
  https: 443,
}

/** The port to ask for: a known number on top of `basePort`; 0 where any free one will do (`basePort` 0). */
export const preferredPort = (kind: BehaviourKind, basePort: number): number =>
  basePort === 0 ? 0 : basePort + portOffset[kind]

/** Label that every simulated name carries. */
export const simulated = (name: string): string => `${name}（模拟）`
/** The same of what is out of order on purpose: wherever it is red, its name says why. */
export const simulatedFault = (name: string): string => `${name}（模拟故障）`
export const simulatedRemark = '模拟数据，仅供演示：由本机回环地址上的模拟器应答'
