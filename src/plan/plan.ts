import type { JobId } from '../core/probe.ts'
import type { Target, TargetId, Vantage } from '../core/target.ts'

/** One thing to look at, again and again. The wire form of the plan is this, as JSON. */
export interface Job {
  /** `<target>/<kind>[/<discriminator>]@<vantage>`: stable over revisions, so that history goes on. */
  readonly id: JobId
  readonly target: TargetId
  readonly kind: string
  /** Validated by the probe's own schema when the plan is compiled. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly intervalSeconds: number
  readonly vantage: Vantage
  /**
   * `unreachable`: it must not answer from this vantage. `events`: it is not looked at but listened to, and silence
   * says nothing.
   */
  readonly expect: Expectation
  /** For `unreachable`: what must answer the same agent, or silence proves nothing; default: anything else. */
  readonly control?: TargetId
}

export const expectations = ['reachable', 'unreachable', 'events'] as const
export type Expectation = (typeof expectations)[number]

/** Whether it is run at its interval. */
export const isLook = ({ expect }: Job): boolean => expect !== 'events'

export interface Plan {
  /** Revision of the inventory that it was compiled from. */
  readonly revision: number
  /** SHA-256 (hex) over jobs: the ETag of the plan. */
  readonly digest: string
  readonly jobs: readonly Job[]
}

/** The whole plan also knows its targets; agents get jobs only. */
export interface FullPlan extends Plan {
  readonly targets: ReadonlyMap<TargetId, Target>
}
