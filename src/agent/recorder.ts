import { EnvironmentFault } from '../core/fault.ts'
import type { Observation } from '../core/observation.ts'
import type { Counters } from './counters.ts'
import type { Log } from '../core/log.ts'
import { pause } from './pause.ts'
import type { Spool } from './spool.ts'

export interface RecorderOptions {
  readonly spool: Spool
  readonly counters: Counters
  readonly log: Log
  /** Time between two commits, so that many observations share one. */
  readonly commitMilliseconds: number
  /** How many are kept in memory while the spool takes none; the oldest go first. */
  readonly maxPending: number
}

/** Gathers observations and hands them to the spool in groups. */
export interface Recorder {
  record(observation: Observation): void
  /** Commits until the signal aborts, then once more. Rejects for a bug only; a full disk is waited out. */
  run(signal: AbortSignal): Promise<void>
}

const observationsPerCommit = 1000

const dropOldest = (pending: Observation[], { counters, maxPending }: RecorderOptions): void => {
  const excess = pending.length - maxPending
  if (excess <= 0) return
  pending.splice(0, excess)
  counters.droppedObservations += excess
}

export const createRecorder = (options: RecorderOptions): Recorder => {
  const { spool, log, commitMilliseconds } = options
  const pending: Observation[] = []
  let isFailing = false

  const commit = async (): Promise<void> => {
    while (pending.length > 0) {
      const group = pending.slice(0, observationsPerCommit)
      await spool.append(group)
      pending.splice(0, group.length)
    }
  }

  const tryToCommit = async (): Promise<void> => {
    try {
      await commit()
      if (isFailing) log('info', 'the spool takes observations again')
      isFailing = false
    } catch (error) {
      if (!(error instanceof EnvironmentFault)) throw error
      if (!isFailing) log('error', 'the spool takes no observations: they are kept in memory', { error })
      isFailing = true
    }
    // Not while a commit runs: it counts from the front.
    dropOldest(pending, options)
  }

  return {
    record: (observation) => void pending.push(observation),
    run: async (signal) => {
      do {
        await pause(commitMilliseconds, signal)
        await tryToCommit()
      } while (!signal.aborted)
      if (pending.length > 0)
        log('error', 'observations are lost: the spool took none', { count: pending.length })
    },
  }
}
