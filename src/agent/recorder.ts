import { EnvironmentFault } from '../core/fault.ts'
import type { Observation } from '../core/observation.ts'
import type { Counters } from './counters.ts'
import type { Log } from '../core/log.ts'
import { pause } from '../core/pause.ts'
import type { Sink } from './source.ts'
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
export interface Recorder extends Sink {
  /** Commits until the signal aborts, then once more. Rejects for a bug only; a full disk is waited out. */
  run(signal: AbortSignal): Promise<void>
}

const observationsPerCommit = 1000

/** Tells whoever waits what became of observations, which leave in the order that they came. */
const createWaiters = () => {
  const waiting: { readonly behind: number; readonly tell: (isSpooled: boolean) => void }[] = []
  let left = 0
  return {
    wait: (pending: number): Promise<boolean> => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      if (pending === 0) resolve(true)
      else waiting.push({ behind: left + pending, tell: resolve })
      return promise
    },
    leave: (count: number, isSpooled: boolean): void => {
      left += count
      const told = waiting.findIndex(({ behind }) => behind > left)
      for (const { tell } of waiting.splice(0, told < 0 ? waiting.length : told)) tell(isSpooled)
    },
  }
}

export const createRecorder = (options: RecorderOptions): Recorder => {
  const { spool, counters, log, commitMilliseconds, maxPending } = options
  const pending: Observation[] = []
  const waiters = createWaiters()
  let isFailing = false

  const commit = async (): Promise<void> => {
    while (pending.length > 0) {
      const group = pending.slice(0, observationsPerCommit)
      await spool.append(group)
      pending.splice(0, group.length)
      waiters.leave(group.length, true)
    }
  }

  const dropOldest = (): void => {
    const excess = pending.length - maxPending
    if (excess <= 0) return
    pending.splice(0, excess)
    counters.droppedObservations += excess
    waiters.leave(excess, false)
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
    dropOldest()
  }

  return {
    record: (observation) => void pending.push(observation),
    spooled: () => waiters.wait(pending.length),
    run: async (signal) => {
      do {
        await pause(commitMilliseconds, signal)
        await tryToCommit()
      } while (!signal.aborted)
      if (pending.length > 0)
        log('error', 'observations are lost: the spool took none', { count: pending.length })
      waiters.leave(pending.length, false)
    },
  }
}
