import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Clock } from '../core/clock.ts'
import { hostCheckKind, hostCheckPlace, type HostEvidence } from '../core/host-evidence.ts'
import { signHostEvidence } from '../core/host-evidence-document.ts'
import type { Log } from '../core/log.ts'
import type { Observation } from '../core/observation.ts'
import type { Vantage } from '../core/target.ts'
import { fractionOf, nextDue, timingOf } from '../plan/timing.ts'
import { pause } from '../core/pause.ts'
import { firstLookMilliseconds } from './schedule.ts'
import type { Sink, Source } from './source.ts'

export interface HostCheckOptions {
  readonly agent: { readonly id: string; readonly vantage: Vantage }
  readonly signingKey: KeyObject
  readonly intervalSeconds: number
  /** Looks at the machine. */
  readonly check: (signal: AbortSignal) => Promise<HostEvidence>
  readonly clock: Clock
  readonly log: Log
}

const gzip = promisify<string, zlib.ZlibOptions, Buffer>(zlib.gzip)

/** The signed document as it goes over the wire: gzip in base64, a sixth of its size. */
const packed = async (evidence: HostEvidence, key: KeyObject): Promise<string> =>
  (await gzip(signHostEvidence(evidence, key), {})).toString('base64')

/**
 * Checks of the agent's own machine: the first within a minute of the start, then each at the agent's own time in the
 * interval, so that all agents together make a flat line. What they find is signed and goes the way of every observation.
 */
export const hostCheckSource = (options: HostCheckOptions): Source => {
  const { agent, signingKey, intervalSeconds, check, clock, log } = options
  const place = hostCheckPlace(agent.id)
  const timing = timingOf({ id: place.job, intervalSeconds })
  let planRevision = 0
  let failed = 0

  const observe = async (signal: AbortSignal): Promise<Observation> => {
    const startedAt = performance.now()
    const evidence = await check(signal)
    return {
      ...place,
      kind: hostCheckKind,
      vantage: agent.vantage,
      planRevision,
      status: 'up',
      observedAt: clock(),
      seconds: (performance.now() - startedAt) / 1000,
      facts: { document: await packed(evidence, signingKey) },
    }
  }

  const tryToCheck = async (record: Sink['record'], signal: AbortSignal): Promise<void> => {
    try {
      record(await observe(signal))
    } catch (error) {
      if (signal.aborted) return
      // The last evidence stays, and shows its age.
      failed += 1
      log('error', 'this machine could not be checked', { error })
    }
  }

  const firstWaitMs = fractionOf(timing) * Math.min(timing.intervalMs, firstLookMilliseconds)
  return {
    kind: hostCheckKind,
    follow: ({ revision }) => {
      planRevision = revision
    },
    run: async ({ record }, signal) => {
      await pause(firstWaitMs, signal)
      while (!signal.aborted) {
        await tryToCheck(record, signal)
        await pause(nextDue(timing, clock()) - clock(), signal)
      }
    },
    losses: () => ({ 'host checks that failed': failed }),
  }
}
