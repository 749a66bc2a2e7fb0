import type { Inventory } from '../../inventory/store.ts'
import type { CheckResult } from '../core/host-evidence.ts'
import type { Observation } from '../core/observation.ts'
import type { EventCategory, Severity } from './events.ts'
import type { AgentSeen, Check, LogSourceSeen, Sighting, Standing } from './seen.ts'
import type { Thresholds } from './thresholds.ts'
import type { Trend } from './trend.ts'

/** One place where a rule finds something. */
export interface Hit {
  /** In words that a person can check; never a secret. */
  readonly saw: string
  /** Tells several on one target apart: an interface, a port. */
  readonly place?: string
  /** Where it is another than the rule's. */
  readonly severity?: Severity
  /** What findings of other targets share with it: `certificate:…`. Absent: nothing. */
  readonly cause?: string
  /** Since when, where that is known better than by the first look that found it. */
  readonly since?: number
}

/** Opened by `open[0]` of the last `open[1]` looks, closed by so many clear ones in a row. */
export interface Policy {
  readonly open: readonly [number, number]
  readonly close: number
}

/** What changes with a keystroke is believed at once; it must be mended for two looks. */
export const atOnce: Policy = { open: [1, 1], close: 2 }
/** What may be a slip of the network must be seen twice in three looks. */
export const twice: Policy = { open: [2, 3], close: 2 }
/** What swings from look to look. */
export const often: Policy = { open: [3, 5], close: 5 }

interface RuleText {
  /** `tls.expired` */
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly category: EventCategory
  readonly why: string
  readonly remedy: string
  /** Items of GB/T 22239-2019 that it speaks to. */
  readonly clauses: readonly string[]
  readonly policy: Policy
}

export interface Scope {
  readonly inventory: Inventory
  readonly thresholds: Thresholds
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** One look at a target that was made. */
export interface Look {
  readonly check: Check
  readonly observation: Observation
  /** What came of looks before this one. */
  readonly trend: Trend
  /** The newest of every agent, this one among them. */
  readonly all: readonly Sighting[]
}

/** Undefined: it says nothing either way. No hit: all is well. */
type Judged = readonly Hit[] | undefined

export interface LookRule extends RuleText {
  readonly from: 'look'
  /** Kinds of probes; none: all. */
  readonly kinds: readonly string[]
  readonly judge: (look: Look, scope: Scope) => Judged
}

export interface StandingRule extends RuleText {
  readonly from: 'standing'
  readonly judge: (standing: Standing, scope: Scope) => Judged
}

export interface AgentRule extends RuleText {
  readonly from: 'agent'
  readonly judge: (agent: AgentSeen, scope: Scope) => Judged
}

export interface LogRule extends RuleText {
  readonly from: 'log'
  readonly judge: (source: LogSourceSeen, scope: Scope) => Judged
}

/** Reads what a check of a host found. */
export interface HostRule extends RuleText {
  readonly from: 'host-check'
  readonly checks: readonly string[]
  readonly judge: (check: CheckResult) => Judged
}

export type Rule = LookRule | StandingRule | AgentRule | LogRule | HostRule

export const clear: readonly Hit[] = []

/** A hit where there is something to tell. */
export const hitIf = (isHit: boolean, saw: string, more: Partial<Hit> = {}): readonly Hit[] =>
  isHit ? [{ saw, ...more }] : clear
