import type { Observation } from '../../core/observation.ts'
import type { Cause, Status } from '../../core/outcome.ts'
import type { JobId } from '../../core/probe.ts'
import type { TargetId, Vantage } from '../../core/target.ts'

/** The newest observation of one job by one agent, and since when it has had this status. */
export interface Sighting {
  readonly agent: string
  readonly observation: Observation
  /** `observedAt` of the first observation of the present run of this status. */
  readonly since: number
}

/** What an agent handed in: observations of one spool, by sequence, already checked and clock-corrected. */
export interface Delivery {
  readonly agent: string
  readonly stream: string
  /** Sequences `first` … `last` are acknowledged, also those whose observation was refused; `last < first`: none. */
  readonly first: number
  readonly last: number
  readonly rows: readonly SequencedObservation[]
  readonly receivedAt: number
}
export interface SequencedObservation {
  readonly sequence: number
  readonly observation: Observation
  /** Numbers that the raw history keeps beside the status, where the kind has them. */
  readonly lossRatio?: number
  readonly rttSeconds?: number
}

export interface Receipt {
  /** Everything of this stream up to here is on disk, given that an agent delivers its oldest first. */
  readonly acknowledged: number
  readonly stored: number
  readonly duplicates: number
}

export interface ResultKey {
  readonly target: TargetId
  readonly kind: string
  readonly vantage: Vantage
}

/** Half open: `from` ≤ time < `to`, milliseconds since the epoch. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

/** One narrow row of raw history: what happened, without facts. */
export interface Result {
  readonly job: JobId
  readonly agent: string
  readonly observedAt: number
  readonly status: Status
  readonly cause?: Cause
  readonly seconds: number
  readonly lossRatio?: number
  readonly rttSeconds?: number
}

/** One hour (UTC) of one job. */
export interface Rollup extends ResultKey {
  readonly job: JobId
  /** Start of the hour, milliseconds since the epoch. */
  readonly hour: number
  readonly up: number
  readonly down: number
  readonly unknown: number
  /** Sum over runs that were up. */
  readonly secondsSum: number
  readonly lossSum: number
  readonly lossCount: number
  /** Runs by round-trip time (duration where the kind has none), not cumulative; see `histogramEdgesSeconds`. */
  readonly histogram: readonly number[]
}

/** Upper edges of the histogram's buckets; the last bucket has none. */
export const histogramEdgesSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] as const

export interface HistoryFigures {
  readonly commits: number
  readonly commitSeconds: number
  readonly stored: number
  readonly duplicates: number
  readonly deliveries: number
}

/**
 * Remembers what agents saw. One process writes; others may read the file meanwhile.
 * Rejections are `EnvironmentFault`: DISK_FULL (retry later), STORE_BROKEN, STORE_LOCKED.
 */
export interface ResultStore extends AsyncDisposable {
  /** Durable when it resolves; what was delivered before changes nothing. */
  append(delivery: Delivery): Promise<Receipt>
  /** By job, the newest of each agent: a view that goes on as deliveries come. */
  sightings(): ReadonlyMap<JobId, readonly Sighting[]>
  /** The newest of all agents and jobs with that key; absence is not an error. */
  latest(key: ResultKey): Sighting | undefined
  /** When each agent was last heard delivering. */
  heard(): ReadonlyMap<string, number>
  /** Oldest first, however late it arrived. */
  range(key: ResultKey, window: TimeWindow): AsyncIterable<Result>
  /** Hours of the window, of one target or of all, oldest first. */
  rollups(window: TimeWindow, target?: TargetId): AsyncIterable<Rollup>
  /** Deletes a bounded number of rows older than these times; 0 when none is left. */
  prune(before: { readonly results: number; readonly rollups: number }): Promise<number>
  /** Folds a bounded number of hours that were over before a time, so that months are quick to read; 0 when all are. */
  fold(before: number): Promise<number>
  figures(): HistoryFigures
}
