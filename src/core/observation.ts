import type { JobId, Measurement } from './probe.ts'
import type { TargetId, Vantage } from './target.ts'

/** A measurement that says of what, by whom and from where. Late ones are judged at their own `observedAt`. */
export interface Observation extends Measurement {
  readonly job: JobId
  readonly target: TargetId
  readonly kind: string
  readonly vantage: Vantage
  readonly planRevision: number
}
