/** Every number that a rule compares with: what it is, how far it may be set, and whose it is. */

interface Threshold {
  readonly default: number
  readonly least: number
  readonly most: number
  readonly what: string
  readonly source: string
}

const ours = 'ours, no standard’s'

export const thresholdTable = {
  certificateDays: {
    default: 30,
    least: 1,
    most: 365,
    what: 'days before a certificate’s end from which it is reported',
    source: ours,
  },
  certificateSoonDays: {
    default: 14,
    least: 1,
    most: 365,
    what: 'the same, reported as medium',
    source: ours,
  },
  certificateUrgentDays: {
    default: 3,
    least: 0,
    most: 365,
    what: 'the same, reported as high',
    source: ours,
  },
  rsaBits: {
    default: 2048,
    least: 1024,
    most: 16_384,
    what: 'bits of an RSA or DSA key below which it is weak',
    source: 'NIST SP 800-131A Rev. 2',
  },
  ecBits: {
    default: 224,
    least: 160,
    most: 521,
    what: 'bits of an elliptic-curve key below which it is weak',
    source: 'NIST SP 800-131A Rev. 2',
  },
  tlcpFromLevel: {
    default: 3,
    least: 2,
    most: 5,
    what: 'level of protection (等级) of an assessed system from which national cryptography is expected',
    source: ours,
  },
  hstsSeconds: {
    default: 15_552_000,
    least: 0,
    most: 63_072_000,
    what: 'seconds of Strict-Transport-Security below which it counts as missing',
    source: ours,
  },
  deadLinks: {
    default: 1,
    least: 1,
    most: 1000,
    what: 'dead links on a page from which they are reported',
    source: ours,
  },
  clockSeconds: {
    default: 1,
    least: 0.001,
    most: 3600,
    what: 'seconds by which a time server may differ from the agent',
    source: ours,
  },
  agentClockSeconds: {
    default: 5,
    least: 0.1,
    most: 3600,
    what: 'seconds by which an agent’s clock may differ from the collector’s',
    source: ours,
  },
  interfaceErrorRatio: {
    default: 0.001,
    least: 0,
    most: 1,
    what: 'share of errors and discards that an interface may have beside its octets counted as packets of 512 bytes',
    source: ours,
  },
  interfaceErrorCount: {
    default: 100,
    least: 1,
    most: 1e9,
    what: 'new errors and discards from one look to the next below which the share does not matter',
    source: ours,
  },
  saturationRatio: {
    default: 0.9,
    least: 0.1,
    most: 1,
    what: 'use of an interface from one look to the next from which it is full',
    source: ours,
  },
  flips: {
    default: 4,
    least: 2,
    most: 100,
    what: 'changes of an interface, or openings and closings of a finding, within flipSeconds that make it flap',
    source: ours,
  },
  flipSeconds: {
    default: 3600,
    least: 60,
    most: 86_400,
    what: 'seconds over which changes are counted',
    source: ours,
  },
  lossRatio: {
    default: 0.2,
    least: 0.001,
    most: 1,
    what: 'loss of packets from which a line is bad, of one that loses none',
    source: ours,
  },
  latencyFactor: {
    default: 2,
    least: 1.1,
    most: 100,
    what: 'times its usual round trip from which a target is slow',
    source: ours,
  },
  latencySeconds: {
    default: 0.02,
    least: 0.0001,
    most: 10,
    what: 'seconds above the usual below which a round trip or jitter does not matter',
    source: ours,
  },
  baselineLooks: {
    default: 30,
    least: 5,
    most: 10_000,
    what: 'looks before what is usual is known',
    source: ours,
  },
  dnsSettleSeconds: {
    default: 86_400,
    least: 60,
    most: 2_592_000,
    what: 'seconds for which a changed DNS answer is reported, after which it is the usual one',
    source: ours,
  },
  diskRatio: {
    default: 0.9,
    least: 0.5,
    most: 1,
    what: 'use of a file system from which it is nearly full',
    source: ours,
  },
  agentShare: {
    default: 0.9,
    least: 0.5,
    most: 1,
    what: 'share of an agent’s looks that fail together from which the agent’s own place is the likely cause',
    source: ours,
  },
} as const satisfies Readonly<Record<string, Threshold>>

export type Thresholds = Readonly<Record<keyof typeof thresholdTable, number>>

export const defaultThresholds: Thresholds = Object.fromEntries(
  Object.entries(thresholdTable).map(([name, threshold]) => [name, threshold.default]),
) as unknown as Thresholds
