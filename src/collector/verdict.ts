import type { Target, TargetId } from '../core/target.ts'
import type { Check } from './check.ts'

export const targetStates = ['up', 'down', 'unreachable', 'unknown', 'unprobed'] as const
/**
 * `unreachable`: silent behind dead uplinks, counted apart from down.
 * `unprobed`: nothing of it is looked at.
 */
export type TargetState = (typeof targetStates)[number]

export interface Verdict {
  readonly target: Target
  readonly state: TargetState
  /** Something of it answers now, whatever else fails. */
  readonly answers: boolean
  readonly checks: readonly Check[]
  /** Since when it is so, milliseconds since the epoch, where that is known. */
  readonly since?: number
  /** Topmost dead nodes and lines that explain why it is unreachable. */
  readonly causes: readonly TargetId[]
  /** At least one of several uplinks is dead. Nodes that are themselves cut off do not count. */
  readonly redundancyLost: boolean
  readonly deadUplinks: readonly TargetId[]
}
