import type { Inventory } from '../../../inventory/store.ts'
import type { KeptHostEvidence, Verdict } from '../../core/host-evidence.ts'
import type { Observation } from '../../core/observation.ts'
import type { TargetId, Vantage } from '../../core/target.ts'

/** The newest look of one agent, and whether that agent is still heard. */
export interface Seen {
  readonly agent: string
  readonly heard: boolean
  /** How often it is looked at, where a plan says so. */
  readonly intervalSeconds?: number
  readonly observation: Observation
}

/** One target that must answer from some areas and must not from others, as the collector judges it. */
export interface SegmentationSeen {
  readonly target: TargetId
  readonly kind: string
  /** `192.0.2.1:443`, `[2001:db8::1]:443`. */
  readonly endpoint: string
  readonly result: 'holds' | 'violated' | 'unknown'
  readonly sides: readonly {
    readonly vantage: Vantage
    readonly expect: string
    readonly result: string
    readonly agent?: string
  }[]
  /** When it was judged, milliseconds since the epoch. */
  readonly at: number
}

/** Everything that evidence is made of. Times are milliseconds since the epoch. */
export interface EvidenceInput {
  readonly now: number
  readonly inventory: Inventory
  readonly observations: readonly Seen[]
  readonly segmentations: readonly SegmentationSeen[]
  readonly hostEvidence: readonly KeptHostEvidence[]
}

export const sourceLabels = {
  'host-check': '主机核查',
  probe: '网络探测',
  segmentation: '分区断言',
  record: '台账',
} as const
export type SourceKind = keyof typeof sourceLabels

/** Where a piece of evidence is from, so that a person can go and look. */
export interface Source {
  readonly from: SourceKind
  readonly target: TargetId
  /** Probe kind, id of the host check, or collection of the record. */
  readonly kind: string
  readonly vantage?: Vantage
  /** Agent, or the key that signed. */
  readonly agent?: string
  /** Job, endpoint or host name. */
  readonly at?: string
  /** SHA-256 (hex) of what was read: the signed document, the observation, the record. */
  readonly hash: string
}

/** What something that was seen says of an item on an asset of an assessment. */
export interface Evidence {
  readonly rule: string
  readonly item: string
  readonly assessment: string
  readonly asset: string
  readonly says: Verdict
  /** In words that a person can check. */
  readonly saw: string
  readonly source: Source
  readonly observedAt: number
  readonly validUntil: number
  /** Nobody hears the agent any more: what it saw decides nothing. */
  readonly silent: boolean
}

export const standingLabels = { valid: '有效', expired: '已过期', silent: '探针失联' } as const
export type EvidenceStanding = keyof typeof standingLabels

/** Whether it may decide anything at a time. */
export const standingOf = ({ silent, validUntil }: Evidence, now: number): EvidenceStanding => {
  if (validUntil < now) return 'expired'
  return silent ? 'silent' : 'valid'
}
