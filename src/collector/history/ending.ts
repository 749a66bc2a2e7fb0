import type { Measurement } from '../../core/probe.ts'
import { dayMs, hourMs } from './rollup.ts'

/**
 * What each job had shown at the end of each day, long after newer looks have come: what a bulletin says that is made,
 * or made again, days after its cut-off.
 */

/** Days end where Shanghai's do, 16:00 UTC. */
const offsetMs = 8 * hourMs
/** A cut-off is the last whole second of its day: what was seen within that second belongs to the next. */
const lastSecondMs = 999

/** Number of the day that a look may be the last of. */
export const endingDayOf = (at: number): number => Math.floor((at + offsetMs + lastSecondMs) / dayMs)

/** The day that an instant is the end of, to the second. */
export const dayEndedAt = (at: number): number | undefined => {
  const day = endingDayOf(at - lastSecondMs)
  return endingDayOf(at + 1) > day ? day : undefined
}

type Kept = true | { readonly [name: string]: Kept }

const all = (...names: readonly string[]): Readonly<Record<string, true>> =>
  Object.fromEntries(names.map((name) => [name, true]))

const page = all('bodySha256', 'redirects', 'status', 'title', 'url')

/**
 * Facts that verdicts on claims and the rules of evidence read, by kind of look; of a list, those of each of its
 * members. Loads of interfaces are left out: of a day they would take more room than all the rest.
 */
const keptOf: Readonly<Record<string, Exclude<Kept, true>>> = {
  http: { ...page, cookies: all('name'), tls: all('authorizationError') },
  page: { ...page, matchesBaseline: true },
  links: page,
  'http-audit': {
    ...all('defaultPage', 'plainHttp'),
    cookies: all('name', 'secure'),
    folders: all('listing', 'path'),
    methods: all('traceEnabled'),
  },
  tls: all('authorizationError', 'authorized', 'cipher', 'protocol'),
  'tls-audit': {
    ...all('complete', 'tlcpCiphers', 'tlcpOffered', 'tls13SmCiphers', 'tls13SmOffered'),
    chain: all('selfSigned', 'signatureAlgorithm'),
    versions: all('accepted', 'version'),
    weakCiphers: all('cipher', 'weaknesses'),
  },
  dns: all('answers', 'rcode'),
  ntp: all('kissCode', 'offsetSeconds', 'synchronised'),
  ssh: { ...all('ciphers', 'protocolVersion'), weak: all('name', 'reason') },
  snmp: all('defaultCommunity', 'sysDescr', 'version'),
  'snmp-trap': { ...all('name', 'oid', 'version'), varbinds: all('value') },
  ports: all('expectedClosed', 'filtered', 'open', 'tried', 'unexpectedOpen'),
  host: {
    ...all('cpuBusyRatio', 'kernel', 'listeningCount', 'rebootRequired'),
    clock: all('daemons', 'synchronised'),
    interfaces: all('addresses', 'name', 'state'),
    listening: all('address', 'port'),
    memory: all('availableBytes', 'totalBytes'),
  },
  'host-check': all('document'),
  'ipv6-ready': all('hasAaaa', 'v4', 'v6'),
}

const partKept = (value: unknown, wanted: Kept): unknown => {
  if (wanted === true || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => partKept(each, wanted))
  const facts = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([name]) => facts[name] !== undefined)
      .map(([name, part]) => [name, partKept(facts[name], part)]),
  )
}

/** What is kept of an observation. */
export type Ending = Pick<Measurement, 'status' | 'cause' | 'detail' | 'observedAt' | 'facts'>

export const factsKept = (kind: string, facts: Ending['facts']): Ending['facts'] =>
  partKept(facts, { remoteAddress: true, ...keptOf[kind] }) as Ending['facts']

/** The same in JSON, from an observation whole. */
export const endingText = (text: string): string => {
  const { kind, status, cause, detail, observedAt, facts } = JSON.parse(text) as Ending & {
    readonly kind: string
  }
  return JSON.stringify({ status, cause, detail, observedAt, facts: factsKept(kind, facts) })
}
