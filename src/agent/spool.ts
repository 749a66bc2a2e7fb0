import type { Observation } from '../core/observation.ts'

/** A run of spooled observations without a gap: `firstSequence` is the first one's, each next has one more. */
export interface SpooledBatch {
  readonly stream: string
  readonly firstSequence: number
  readonly observations: readonly Observation[]
}

export interface PeekLimit {
  readonly observations: number
  /** Of their JSON text; the first one is given whatever its size. */
  readonly bytes: number
}

export interface SpoolBounds {
  /** Of the waiting observations' JSON text and their bookkeeping. */
  readonly maxBytes: number
  /**
   * Called with how many were given up when it was full: the oldest go, so that what is known now is never refused.
   * The collector sees them as a jump in the sequence.
   */
  readonly onDropped: (count: number) => void
}

/**
 * What was observed and not yet acknowledged. Sequences grow by one with every observation of a stream and are
 * never used twice. Adapters: `openSpool` (a file), `memorySpool` (an agent inside its collector's process).
 */
export interface Spool extends AsyncDisposable {
  /** Durable when it resolves. Rejects with `EnvironmentFault` (DISK_FULL, …) and keeps nothing of it then. */
  append(observations: readonly Observation[]): Promise<void>
  /** The oldest that wait; where none do, an empty batch whose `firstSequence` is the next to be given out. */
  peek(limit: PeekLimit): Promise<SpooledBatch>
  /** Forgets everything up to and including that sequence, and nothing else. */
  acknowledge(sequence: number): Promise<void>
  /**
   * Gives the stream a new name: the collector has sequences that this spool has yet to give out, since the
   * machine was set back to an earlier state. What waits keeps its sequence.
   */
  beginStream(): Promise<void>
  /** How many wait. */
  depth(): number
}

/** Bookkeeping of one observation beside its text, in bytes. */
export const rowOverheadBytes = 32
