import type { Problem } from '../core/fault.ts'
import type { Target, TargetId, Vantage } from '../core/target.ts'

/** What to do with every job of one probe kind, unless its record says otherwise. */
export interface KindSettings {
  readonly intervalSeconds?: number | undefined
  /** Options of the kind, under those of the record: `{ count: 3, timeoutSeconds: 2 }`. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

export interface PlanSettings {
  /** For kinds that name no interval of their own. */
  readonly intervalSeconds: number
  readonly kinds: Readonly<Record<string, KindSettings>>
}

export const defaultPlanSettings: PlanSettings = {
  intervalSeconds: 60,
  kinds: { icmp: { intervalSeconds: 30 } },
}

/** A job as the inventory asks for it: neither validated nor named yet. */
export interface Wish {
  /** The field that asks: `system/s-1.endpoints[0]`. */
  readonly where: string
  readonly target: Target
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  readonly intervalSeconds?: number | undefined
  readonly vantage: Vantage
  readonly expect: 'reachable' | 'unreachable'
  readonly control?: TargetId | undefined
  /** What tells it from the target's other jobs of that kind: an address, a host and port. */
  readonly discriminator: string
  /** Its history is that of this one address: its name carries the discriminator even where nothing else is alike. */
  readonly isPinned?: boolean
}

/** What one record asks for. */
export interface Derived {
  readonly targets: readonly Target[]
  readonly wishes: readonly Wish[]
  readonly problems: readonly Problem[]
}
