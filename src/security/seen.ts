import type { Inventory } from '../../inventory/store.ts'
import type { KeptHostEvidence } from '../core/host-evidence.ts'
import type { Observation } from '../core/observation.ts'
import type { Area, Target, TargetId, Vantage } from '../core/target.ts'

/** What rules are told, in the shapes in which the collector judges it. An unchanged part is the same object. */

export interface Sighting {
  readonly agent: string
  readonly observation: Observation
}

export interface Check {
  readonly job: {
    readonly id: string
    readonly target: TargetId
    readonly kind: string
    readonly vantage: Vantage
    readonly intervalSeconds: number
    readonly expect: 'reachable' | 'unreachable' | 'events'
  }
  /** As expected, not, or not known: a look that must not be answered is up where nobody answers. */
  readonly status: 'up' | 'down' | 'unknown'
  readonly answers: boolean
  readonly detail?: string
  /** What decided it. */
  readonly sighting?: Sighting
}

export interface Standing {
  readonly target: Target
  readonly state: 'up' | 'down' | 'unreachable' | 'unknown' | 'unprobed'
  readonly answers: boolean
  readonly checks: readonly Check[]
  readonly since?: number
  /** What lies topmost of what cuts it off. */
  readonly causes: readonly TargetId[]
  readonly redundancyLost: boolean
  readonly deadUplinks: readonly TargetId[]
}

export interface Outage {
  readonly cause: TargetId
  readonly causes: readonly TargetId[]
  readonly behind: readonly TargetId[]
}

export interface AgentSeen {
  readonly agent: string
  readonly state: string
  readonly silent: boolean
  readonly heartbeatAgeSeconds?: number
  readonly clockSkewSeconds?: number
  /** Which message showed that, by when it came; absent: each time another. */
  readonly clockSeenAt?: number
}

/** A sender of log messages, or one that ought to be. */
export interface LogSourceSeen {
  /** Its address. */
  readonly source: string
  readonly state: 'logging' | 'silent' | 'never' | 'former'
  readonly lastAt?: number
  /** Device of the inventory that has the address. */
  readonly device?: string
}

export interface Picture {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly checks: readonly Check[]
  readonly verdicts: ReadonlyMap<TargetId, Standing>
  readonly outages: readonly Outage[]
}

/** All that findings are made of. */
export interface Scene {
  readonly picture: Picture
  readonly inventory: Inventory
  readonly agents: readonly AgentSeen[]
  readonly hostEvidence: readonly KeptHostEvidence[]
  /** Absent: no log messages are taken, or what came cannot be read now. */
  readonly logSources?: readonly LogSourceSeen[]
  /** What each agent saw of a job, the newest of each. */
  readonly sightings: ReadonlyMap<string, readonly Sighting[]>
}

/** Areas that a record of the inventory lies in; none where it is not known. */
export const areasOf = ({ node, system, device }: Inventory, id: TargetId): readonly Area[] =>
  system.get(id)?.areas ?? node.get(id)?.areas ?? node.get(device.get(id)?.node ?? '')?.areas ?? []
