import type { Inventory } from '../../../inventory/store.ts'
import type { DayRange } from '../../core/day.ts'
import type { Context } from '../../ledger/index.ts'
import type { Claim as RecordedResult } from '../../compliance/evidence/claim.ts'
import type { Unkept } from '../../compliance/evidence/unkept.ts'
import type { Finding, Incident } from '../../security/events.ts'
import type { NamedFinding, RecordedVerdicts, VerifyInput } from '../../verify/index.ts'
import type { Basis, Corrected, ReportKind } from '../model.ts'

/** Looks at one target within some days. */
export interface Looks {
  readonly target: string
  readonly up: number
  readonly down: number
  /** Runs that tell about us and not about the target. */
  readonly unknown: number
}

/** What security monitoring kept, as it stood at the cut-off. Times are milliseconds since the epoch. */
export interface SecurityRecords {
  /** Opened by then, whenever they closed. */
  readonly findings: readonly Finding[]
  readonly incidents: readonly Incident[]
  /** As they stood at the end of the period before. */
  readonly incidentsBefore: readonly Incident[]
  /** When the oldest thing that is kept happened; absent: nothing ever did. */
  readonly oldestAt?: number
}

/** Everything that a report is made of. */
export interface ReportInput {
  readonly kind: ReportKind
  readonly organ: string
  readonly number: string
  readonly issuedOn?: string
  readonly corrects?: Corrected
  /** `2018-W26`, `2018-06`, `2018-06-01..2018-06-20`. */
  readonly period: string
  readonly range: DayRange
  /** The period of the same kind, or of as many days, before it. */
  readonly before: DayRange
  readonly inventory: Inventory
  /** Its clock is the cut-off: nothing later is known. */
  readonly context: Context
  /** By target, of the period and of the one before; empty: nothing was looked at. */
  readonly looks: readonly Looks[]
  readonly looksBefore: readonly Looks[]
  /** What claims are judged by at the cut-off. */
  readonly verify: VerifyInput
  /** The last verdicts on record in the period before; absent: there are none, and nothing is compared. */
  readonly recordedBefore?: RecordedVerdicts
  /** Absent: security monitoring never ran. */
  readonly security?: SecurityRecords
  /** Results of assessments against what was seen. */
  readonly results: readonly RecordedResult[]
  /** What was seen by the cut-off and is no longer known. */
  readonly unkept: Unkept
  /** The systems that plans name, as they were seen at the cut-off. */
  readonly named: readonly NamedFinding[]
  /** Only this unit's tasks and systems. */
  readonly unit?: string
  readonly basis: Omit<Basis, 'rosters'>
}
