import type { Device, Node, System } from '../../../inventory/model.ts'
import type { Inventory } from '../../../inventory/store.ts'
import type { Verdict } from '../../core/host-evidence.ts'
import type { Area } from '../../core/target.ts'
import type { Seen, SegmentationSeen } from './evidence.ts'

/** The record of the inventory that an asset stands for, and the areas that it lies in. */
export type Subject =
  | { readonly kind: 'node'; readonly record: Node; readonly areas: readonly Area[] }
  | { readonly kind: 'system'; readonly record: System; readonly areas: readonly Area[] }
  | { readonly kind: 'device'; readonly record: Device; readonly areas: readonly Area[] }

export interface Judged {
  readonly says: Verdict
  readonly saw: string
}

interface RuleText {
  /** `tls.audit` */
  readonly id: string
  /** What it looks at, in a few words. */
  readonly title: string
  readonly items: readonly string[]
  /** All that it can say. */
  readonly says: readonly Verdict[]
}

/** Reads one observation. Undefined: what was seen has nothing to do with it. */
export interface ProbeRule extends RuleText {
  readonly from: 'probe'
  readonly kinds: readonly string[]
  readonly judge: (seen: Seen, subject: Subject) => Judged | undefined
}

export interface SegmentationRule extends RuleText {
  readonly from: 'segmentation'
  readonly judge: (seen: SegmentationSeen) => Judged | undefined
}

/** Reads what the inventory itself says of the asset's record. */
export interface RecordRule extends RuleText {
  readonly from: 'record'
  readonly judge: (subject: Subject, inventory: Inventory) => Judged | undefined
}

/** Host checks that speak to `through` speak to these items as well. */
export interface HostRule extends RuleText {
  readonly from: 'host-check'
  readonly through: readonly string[]
}

export type Rule = ProbeRule | SegmentationRule | RecordRule | HostRule

export const supports = (saw: string): Judged => ({ says: 'supports', saw })
export const contradicts = (saw: string): Judged => ({ says: 'contradicts', saw })
export const cannotTell = (saw: string): Judged => ({ says: 'cannot-tell', saw })

export const anything = ['supports', 'contradicts', 'cannot-tell'] as const satisfies readonly Verdict[]
export const yesOrNo = ['supports', 'contradicts'] as const satisfies readonly Verdict[]
/** It shows what is wrong, and its silence shows nothing. */
export const faultOnly = ['contradicts', 'cannot-tell'] as const satisfies readonly Verdict[]
/** It shows that something is there; that it was not seen shows nothing. */
export const presenceOnly = ['supports', 'cannot-tell'] as const satisfies readonly Verdict[]
