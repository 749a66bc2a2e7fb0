import type { Observation } from '../core/observation.ts'
import type { Plan } from '../plan/plan.ts'

/** Where observations go. */
export interface Sink {
  readonly record: (observation: Observation) => void
  /** Whether what was recorded until now is in the spool; false where it was given up. Waits until one of them is so. */
  readonly spooled: () => Promise<boolean>
}

/** Observations beside those of looks: what targets send of their own accord. */
export interface Source {
  readonly kind: string
  follow(plan: Plan): void
  /** Hands over what comes until the signal aborts. Rejects for a bug only. */
  run(sink: Sink, signal: AbortSignal): Promise<void>
  /** What was not taken since it started, by reason in words. */
  readonly losses: () => Readonly<Record<string, number>>
}
