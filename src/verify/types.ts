import type { Claim, Goal, Roster, Task } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Check } from '../compliance/evidence/claim.ts'
import type { Observation } from '../core/observation.ts'
import type { TargetId, Vantage } from '../core/target.ts'
import type { Context } from '../ledger/index.ts'
import type { Evidence as MigrationEvidence, GateSettings } from '../migration/gates.ts'

/** 相符 / 矛盾 / 证据过期 / 无法验证; the words are `checkLabels` of the compliance rules. */
export type Verdict = Check

/** The newest look of one agent at one thing, as far as it was known at the clock. Times are milliseconds. */
export interface Look {
  readonly job: string
  readonly target: TargetId
  readonly kind: string
  readonly vantage: Vantage
  /** What was asked: a name or an address, as the plan says. */
  readonly address: string
  readonly port?: number
  readonly agent: string
  /** The agent was heard lately and is not revoked. */
  readonly heard: boolean
  readonly intervalSeconds: number
  /** What was seen; `facts` are empty where the history no longer holds them. */
  readonly seen: Pick<Observation, 'status' | 'cause' | 'detail' | 'observedAt' | 'facts'>
  /** Since when it has had this status without a break. */
  readonly since: number
}

export interface VerifySettings extends GateSettings {
  /** Silence contradicts a claim once it has lasted this long: a shorter one is an outage. */
  readonly outageSeconds: number
  /** An assessment (等级测评) that was finished longer ago no longer counts. */
  readonly assessmentDays: number
}

/** Everything that verdicts are made of. Nothing later than the clock of the context is in it. */
export interface VerifyInput {
  readonly context: Context
  readonly inventory: Inventory
  /** By target: node, `<node>/<uplink>`, system, `<system>/old`, `<system>/new`, device. */
  readonly looks: ReadonlyMap<TargetId, readonly Look[]>
  /** Of systems that move: probe-days at the new place, silence of the old one. */
  readonly migration: ReadonlyMap<string, MigrationEvidence>
  readonly settings: VerifySettings
}

/** Where a person can go and look. */
export interface Source {
  readonly from: 'probe' | 'days' | 'record'
  /** Job, or collection and id of a record: `assessment/net-2026`. */
  readonly what: string
  readonly agent?: string
  readonly vantage?: Vantage
  /** What the probe itself said of a failure, in English: for engineers, never in a report. */
  readonly detail?: string
}

/** One thing that must be so for a claim to be true, and what was seen of it. */
export interface Part {
  /** What is asserted, in words. */
  readonly asserts: string
  readonly verdict: Verdict
  /** What was seen, in words that a person can check. */
  readonly saw: string
  /** When it was seen, milliseconds since the epoch; absent where nothing was. */
  readonly observedAt?: number
  readonly source?: Source
}

/** What became of a claim, or of the row of a named system. */
export interface Finding {
  readonly verdict: Verdict
  /** The part that decided it, in words; with its time where it has one. */
  readonly because: string
  readonly observedAt?: number
  readonly ageSeconds?: number
  readonly source?: Source
  readonly parts: readonly Part[]
  /** Documents that are wanted where no probe can tell: 仅文件可核. */
  readonly documents: readonly string[]
}

/** What a unit said of a contradiction (申诉), the oldest first. */
export type Answer = Claim['answers'][number]

/** A claim and its verdict, without how it came to it: all that counts and ratios need. */
export interface Judged {
  readonly claim: Claim
  readonly verdict: Verdict
  /** Who answers for it: the unit that reports, or that of the subject. */
  readonly unit?: string
}

export interface Verified extends Finding, Judged {
  /** Name of what is claimed of, for a reader. */
  readonly name: string
  /** Region of the subject, where it has one. */
  readonly region?: string
  readonly answers: readonly Answer[]
}

/** What is claimed and not verified. The three together are the gap. */
export interface Gap {
  readonly contradicted: number
  readonly stale: number
  readonly unverifiable: number
}

/** Claimed against verified over a version of a roster. Counts are numbers of its members. */
export interface VerifiedRatio {
  readonly kind: 'ratio'
  readonly roster: Pick<Roster, 'id' | 'version' | 'name' | 'of' | 'effectiveOn' | 'source'>
  /** Without the excluded ones. */
  readonly denominator: number
  readonly excluded: number
  /** What was reported as a number or, where that is more, member by member. */
  readonly claimed: number
  /** Members of which something is claimed by itself. */
  readonly itemised: number
  readonly verified: number
  readonly gap: Gap
  readonly claimedPercent?: number
  readonly verifiedPercent?: number
  /** Members that are contradicted, by id. */
  readonly contradicted: readonly string[]
}

/** A goal or task whose numbers have no roster yet, or that no member-wise claim can show. */
export interface NoRatio {
  readonly kind: 'none'
  readonly why: string
}

export interface ItemRatio {
  readonly item: Goal | Task
  readonly itemKind: 'goal' | 'task'
  readonly ratio: VerifiedRatio | NoRatio
}

/** A system that a plan names: what is asked of the network for it, and what that shows now. */
export interface NamedFinding extends Finding {
  readonly mention: string
  readonly name: string
  readonly request: string
  readonly assertion: string
  /** No probe can tell: documents only. */
  readonly documentsOnly: boolean
}
