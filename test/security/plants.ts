import type { Inventory } from '../../inventory/store.ts'
import type { Check, LogSourceSeen } from '../../src/security/seen.ts'
import { checkOf, type LookPlant, type Moment, siteWith, standingOf, start } from './scene.ts'

/** What makes each rule speak, and the same without the fault. */
export interface Plant {
  readonly rule: string
  readonly bad: readonly ((at: number) => Moment)[]
  readonly good: readonly ((at: number) => Moment)[]
  readonly inventory?: Inventory
}

type Facts = Readonly<Record<string, unknown>>
type Moments = Plant['bad']

const times = <Value>(count: number, value: Value): readonly Value[] =>
  Array.from({ length: count }, () => value)

/** The same look, five times. */
const looks = (look: LookPlant, more: Partial<Check> = {}, count = 5): Moments =>
  times(count, (at: number) => ({ checks: [checkOf(look, at, more)] }))

const pair = (rule: string, kind: string, bad: Facts, good: Facts): Plant => ({
  rule,
  bad: looks({ kind, facts: bad }),
  good: looks({ kind, facts: good }),
})

const dayMs = 86_400_000

const log = (more: Partial<LogSourceSeen>): Moments =>
  times(3, () => ({ logs: [{ source: '192.0.2.1', device: 'd-1', state: 'logging', ...more }] }))
const logs = (bad: Partial<LogSourceSeen>): Plant => ({
  rule: 'log.silent',
  bad: log(bad),
  good: log({ lastAt: start }),
})
const leaf = (more: Facts = {}): Facts => ({
  subject: 'CN=a.example',
  issuer: 'CN=机构',
  fingerprintSha256: 'f'.repeat(64),
  validTo: new Date(start + 200 * dayMs).toISOString(),
  selfSigned: false,
  keyType: 'rsa',
  keyBits: 2048,
  signatureAlgorithm: 'sha256WithRSAEncryption',
  ...more,
})
const handshake = (certificate: Facts, more: Facts = {}): Facts => ({
  protocol: 'TLSv1.3',
  authorized: true,
  nameMatches: true,
  chain: [leaf(certificate), leaf({ subject: 'CN=机构' })],
  ...more,
})
const tls = (rule: string, bad: Facts): Plant => pair(rule, 'tls', bad, handshake({}))

const certificates: readonly Plant[] = [
  tls('tls.expired', handshake({ validTo: new Date(start - dayMs).toISOString() })),
  tls('tls.expiring', handshake({ validTo: new Date(start + 10 * dayMs).toISOString() })),
  tls('tls.self-signed', handshake({ selfSigned: true })),
  tls('tls.wrong-name', handshake({}, { nameMatches: false })),
  tls('tls.weak-certificate', handshake({ keyBits: 1024 })),
  tls('tls.weak-certificate', handshake({ signatureAlgorithm: 'sha1WithRSAEncryption' })),
  tls(
    'tls.incomplete-chain',
    handshake({}, { chain: [leaf()], authorizationError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
  ),
]

const accepting = (...versions: readonly string[]): Facts => ({
  versions: versions.map((version) => ({ version, accepted: true })),
  weakCiphers: [],
  tlcpOffered: false,
})
const assessed = siteWith({
  assessment: [{ id: 'a-3', name: '测评', object: 'system', system: 's-1', level: 3 }],
})

const transport: readonly Plant[] = [
  pair('tls.old-version', 'tls-audit', accepting('TLSv1.0', 'TLSv1.2'), accepting('TLSv1.2')),
  pair(
    'tls.weak-cipher',
    'tls-audit',
    { ...accepting('TLSv1.2'), weakCiphers: [{ cipher: 'TLS_RSA_WITH_RC4_128_SHA', weaknesses: ['rc4'] }] },
    accepting('TLSv1.2'),
  ),
  {
    ...pair('tls.no-national', 'tls-audit', accepting('TLSv1.2'), {
      ...accepting('TLSv1.2'),
      tlcpOffered: true,
    }),
    inventory: assessed,
  },
  pair(
    'web.plain-login',
    'http',
    { url: 'http://192.0.2.1/', status: 200, title: '用户登录' },
    { url: 'https://192.0.2.1/', status: 200, title: '用户登录' },
  ),
  pair(
    'web.no-redirect',
    'http-audit',
    { plainHttp: { port: 80, status: 200, redirectsToHttps: false } },
    { plainHttp: { port: 80, status: 301, redirectsToHttps: true } },
  ),
  pair(
    'web.missing-headers',
    'http-audit',
    { url: 'https://192.0.2.1/', headers: {} },
    {
      url: 'https://192.0.2.1/',
      headers: {
        hsts: { maxAgeSeconds: 31_536_000 },
        csp: { directives: ['default-src'], frameAncestors: "'self'" },
        xContentTypeOptions: 'nosniff',
      },
    },
  ),
  pair(
    'web.listing',
    'http-audit',
    { folders: [{ path: '/js/', listing: 'nginx' }] },
    { folders: [{ path: '/js/', status: 403 }] },
  ),
  pair('web.page-changed', 'page', { matchesBaseline: false }, { matchesBaseline: true }),
  pair(
    'web.hidden-words',
    'page',
    { keywords: [{ keyword: '博彩', shown: 0, hidden: 2 }] },
    { keywords: [{ keyword: '博彩', shown: 1, hidden: 0 }] },
  ),
  pair(
    'web.dead-links',
    'links',
    { deadCount: 2, dead: [{ url: 'http://x.example' }] },
    { deadCount: 0, dead: [] },
  ),
  pair(
    'ssh.weak',
    'ssh',
    { protocolVersion: '2.0', ciphers: [], weak: [{ name: 'arcfour', reason: 'rc4' }] },
    { protocolVersion: '2.0', ciphers: [], weak: [{ name: 'ssh-rsa', reason: 'sha1' }] },
  ),
]

const moving = siteWith({ migration: [{ id: 's-1', state: 'decommissioned' }] })
const reversed = (isAnswered: boolean): Partial<Check> => {
  const { job } = checkOf({ kind: 'tcp' }, start)
  return {
    job: { ...job, id: 'reversed', target: 's-1', expect: 'unreachable' },
    status: isAnswered ? 'down' : 'up',
    answers: isAnswered,
  }
}
const unanswered = { kind: 'tcp', status: 'down', cause: 'timeout' } as const

const boundary: readonly Plant[] = [
  pair(
    'ports.unexpected',
    'ports',
    { tried: 20, open: [443, 8080], unexpectedOpen: [8080] },
    { tried: 20, open: [443], unexpectedOpen: [] },
  ),
  pair('ports.high-risk', 'ports', { tried: 20, open: [445] }, { tried: 20, open: [443] }),
  {
    rule: 'boundary.internal-from-internet',
    bad: looks({ kind: 'tcp', vantage: 'internet' }),
    good: looks({ ...unanswered, vantage: 'internet' }),
  },
  {
    rule: 'boundary.crossed',
    bad: looks({ kind: 'tcp' }, reversed(true)),
    good: looks(unanswered, reversed(false)),
  },
  {
    rule: 'migration.old-address',
    inventory: moving,
    bad: looks({ kind: 'tcp', target: 's-1/old' }, reversed(true)),
    good: looks({ ...unanswered, target: 's-1/old' }, reversed(false)),
  },
]

const line = (more: Facts = {}): Facts => ({
  ...{ index: 1, name: 'ge-0/0/1', operUp: true, speedBitsPerSecond: 1e8 },
  ...{ inOctets: 0, outOctets: 0, inErrors: 0, outErrors: 0 },
  ...more,
})
/** Looks at an agent whose interface is so at the nth. */
const interfaces = (count: number, at: (turn: number) => Facts): Moments =>
  Array.from({ length: count }, (_, turn) => (now: number) => ({
    checks: [checkOf({ kind: 'snmp', facts: { version: 'v3', interfaces: [line(at(turn))] } }, now)],
  }))
const quietLine = interfaces(8, (turn) => ({ inOctets: turn * 1e6 }))

const devices: readonly Plant[] = [
  pair(
    'snmp.default-community',
    'snmp',
    { version: 'v2c', defaultCommunity: true },
    { version: 'v2c', defaultCommunity: false },
  ),
  pair('snmp.version', 'snmp', { version: 'v2c' }, { version: 'v3' }),
  pair('device.rebooted', 'snmp', { restarted: true, sysUpTimeSeconds: 5 }, { restarted: false }),
  {
    rule: 'interface.errors',
    bad: interfaces(8, (turn) => ({ inOctets: turn * 1e6, inErrors: turn * 1000 })),
    good: quietLine,
  },
  {
    rule: 'interface.errors',
    bad: interfaces(8, (turn) => ({ inOctets: turn * 1e6, inDiscards: 0, outDiscards: turn * 1000 })),
    good: interfaces(8, (turn) => ({ inOctets: turn * 1e6, inDiscards: 7, outDiscards: 1000 })),
  },
  {
    rule: 'interface.saturation',
    bad: interfaces(8, (turn) => ({ inOctets: turn * 7.2e8 })),
    good: quietLine,
  },
  { rule: 'interface.flapping', bad: interfaces(8, (turn) => ({ operUp: turn % 2 === 0 })), good: quietLine },
  {
    rule: 'interface.half-duplex',
    bad: interfaces(5, () => ({ fullDuplex: false })),
    good: interfaces(5, () => ({ fullDuplex: true })),
  },
  pair(
    'host.disk-full',
    'host',
    { filesystems: [{ mountpoint: '/', usedBytes: 95, availableBytes: 5, readOnly: false }] },
    { filesystems: [{ mountpoint: '/', usedBytes: 50, availableBytes: 50, readOnly: false }] },
  ),
  pair('host.clock', 'host', { clock: { synchronised: false } }, { clock: { synchronised: true } }),
]

const echo = (more: Facts): LookPlant => ({
  kind: 'icmp',
  facts: { lossRatio: 0, rttAvgSeconds: 0.005, jitterSeconds: 0.001, ...more },
})
const usual = looks(echo({}), {}, 40)
const answers = (...data: readonly string[]): Facts => ({
  answers: data.map((each) => ({ type: 'A', data: each })),
})
const seenBy = (agent: string, facts: Facts, at: number) => ({
  agent,
  observation: checkOf({ kind: 'dns', facts }, at).sighting?.observation ?? ({} as never),
})
const split = (other: string): Moments =>
  times(5, (at: number) => ({
    checks: [checkOf({ kind: 'dns', facts: answers('192.0.2.1') }, at)],
    sightings: [seenBy('a', answers('192.0.2.1'), at), seenBy('b', answers(other), at)],
  }))

const services: readonly Plant[] = [
  pair(
    'ntp.offset',
    'ntp',
    { synchronised: true, offsetSeconds: 8 },
    { synchronised: true, offsetSeconds: 0.01 },
  ),
  {
    rule: 'dns.changed',
    bad: [
      ...looks({ kind: 'dns', facts: answers('192.0.2.1') }),
      ...looks({ kind: 'dns', facts: answers('203.0.113.9') }),
    ],
    good: [
      ...looks({ kind: 'dns', facts: answers('192.0.2.1', '192.0.2.2') }),
      ...looks({ kind: 'dns', facts: answers('192.0.2.2', '192.0.2.1') }),
    ],
  },
  { rule: 'dns.split', bad: split('203.0.113.9'), good: split('192.0.2.1') },
  pair(
    'path.changed',
    'path',
    { changed: true, hops: [{ ttl: 1, address: '192.0.2.254' }] },
    { changed: false },
  ),
  pair('quality.loss', 'icmp', { lossRatio: 0.4 }, { lossRatio: 0.01 }),
  { rule: 'quality.latency', bad: [...usual, ...looks(echo({ rttAvgSeconds: 0.2 }))], good: usual },
  { rule: 'quality.jitter', bad: [...usual, ...looks(echo({ jitterSeconds: 0.1 }))], good: usual },
]

const failing = { kind: 'tcp', status: 'down', cause: 'refused', detail: '拒绝' } as const
const standing = (
  rule: string,
  labels: NonNullable<NonNullable<Parameters<typeof standingOf>[2]>['labels']>,
): Plant => ({
  rule,
  bad: times(5, (at: number) => ({ standings: [standingOf('down', [checkOf(failing, at)], { labels })] })),
  good: times(5, (at: number) => ({
    standings: [standingOf('up', [checkOf({ kind: 'tcp' }, at)], { labels })],
  })),
})

const standings: readonly Plant[] = [
  standing('node.down', { target: 'n-1', class: 'node', role: 'department' }),
  standing('hall.down', { target: 'n-1', class: 'node', role: 'hall' }),
  standing('system.down', {}),
  standing('device.down', { target: 'd-1', class: 'device', role: 'firewall' }),
  standing('uplink.down', { target: 'n-1/u1', class: 'uplink', role: 'line' }),
  {
    rule: 'target.degraded',
    bad: times(5, (at: number) => ({
      standings: [standingOf('down', [checkOf(failing, at), checkOf({ kind: 'http' }, at)])],
    })),
    good: times(5, (at: number) => ({ standings: [standingOf('up', [checkOf({ kind: 'http' }, at)])] })),
  },
  {
    rule: 'node.redundancy-lost',
    ...(['bad', 'good'] as const)
      .map((which) => ({
        [which]: times(5, (at: number) => ({
          standings: [
            standingOf('up', [checkOf({ kind: 'icmp' }, at)], {
              labels: { target: 'n-1', class: 'node', role: 'department' },
              redundancyLost: which === 'bad',
              deadUplinks: which === 'bad' ? ['n-1/u1'] : [],
            }),
          ],
        })),
      }))
      .reduce((one, other) => ({ ...one, ...other }), {}),
  } as Plant,
]

const agent = (more: object): Moments =>
  times(5, () => ({
    agents: [
      { agent: 'far', state: 'active', silent: false, heartbeatAgeSeconds: 1, clockSkewSeconds: 0, ...more },
    ],
  }))
const host = (rule: string, id: string): Plant => ({
  rule,
  bad: [() => ({ hosts: [{ id, verdict: 'contradicts' }] })],
  good: [() => ({ hosts: [{ id, verdict: 'supports' }] })],
})

export const plants: readonly Plant[] = [
  ...certificates,
  ...transport,
  ...boundary,
  ...devices,
  ...services,
  ...standings,
  { rule: 'agent.silent', bad: agent({ silent: true, heartbeatAgeSeconds: 90 }), good: agent({}) },
  { rule: 'agent.clock', bad: agent({ clockSkewSeconds: 30 }), good: agent({}) },
  logs({ state: 'silent', lastAt: start - dayMs }),
  logs({ state: 'never' }),
  host('host.empty-password', 'accounts.empty-password'),
  host('host.second-root', 'accounts.single-root'),
  host('host.audit-off', 'audit.enabled'),
  host('host.malware-stale', 'malware.signatures'),
  host('host.risky-listening', 'listening.risky'),
]
