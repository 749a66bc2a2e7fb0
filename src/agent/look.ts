import type { Clock } from '../core/clock.ts'
import { faultOf } from '../core/fault-table.ts'
import { type Unknown, unknown } from '../core/outcome.ts'
import type { Measurement, Probe, ProbeContext } from '../core/probe.ts'
import type { Job } from '../plan/plan.ts'
import type { Counters } from './counters.ts'
import type { Log } from '../core/log.ts'

/** Says of a run that rejected why we could not look; an error of ours is counted, and logged once. */
export type Excuse = (kind: string, error: unknown, signal: AbortSignal) => Measurement

// A probe that fails at each of 41,000 targets says so once.
const maxRememberedBugs = 100

/** We did not look, so it took no time and there are no facts. */
export const notLooked = ({ status, cause, detail }: Unknown, observedAt: number): Measurement => ({
  status,
  cause,
  detail,
  observedAt,
  seconds: 0,
  facts: {},
})

const reportBug = (kind: string, error: unknown, log: Log): void =>
  log('error', 'a probe failed by an error of ours; its targets are unknown', {
    kind,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })

export const excuser = (clock: Clock, counters: Counters, log: Log): Excuse => {
  const told = new Set<string>()
  return (kind, error, signal) => {
    const fault = faultOf(error, signal)
    // What a target did to a whole sweep cannot be laid at the door of any one of them.
    if (fault?.status === 'unknown') return notLooked(fault, clock())
    counters.internalErrors += 1
    const bug = `${kind}: ${String(error)}`
    if (!told.has(bug) && told.size < maxRememberedBugs) reportBug(kind, error, log)
    told.add(bug)
    return notLooked(unknown('resource', 'internal error'), clock())
  }
}

/** One run that never rejects. */
export const lookOnce = async (
  kind: string,
  run: (context: ProbeContext) => Promise<Measurement>,
  context: ProbeContext,
  excuse: Excuse,
): Promise<Measurement> => {
  try {
    return await run(context)
  } catch (error) {
    return excuse(kind, error, context.signal)
  }
}

/** Of the time of a look that got no answer: with so much of it taken from us, the silence may be ours. */
const heldUpShare = 0.5

/** What a look shows where this thread could not run for so many milliseconds of it: no silence of the target's. */
export const fairly = (measurement: Measurement, heldUpMs: number): Measurement => {
  const { cause, seconds, detail = '', observedAt } = measurement
  if (cause !== 'timeout' || heldUpMs < seconds * 1000 * heldUpShare) return measurement
  const held = `the agent itself was held up for ${(heldUpMs / 1000).toFixed(1)} s of that`
  return notLooked(unknown('resource', `${detail}; ${held}`), observedAt)
}

type Sweep = NonNullable<Probe['sweep']>

/** A sweep that never rejects and has one result for each job, whatever the probe does. */
export const sweepAll = async function* (
  sweep: Sweep,
  jobs: readonly Job[],
  context: ProbeContext,
  excuse: Excuse,
): AsyncIterable<readonly (readonly [Job, Measurement])[]> {
  const waiting = new Map(jobs.map((job) => [job.id, job]))
  let failure: unknown
  try {
    for await (const results of sweep(jobs, context))
      yield results.flatMap(([id, measurement]) => {
        const job = waiting.get(id)
        return job !== undefined && waiting.delete(id) ? [[job, measurement] as const] : []
      })
    failure = new Error(
      `expected a result for each of ${jobs.length} jobs of a sweep, got ${waiting.size} less`,
    )
  } catch (error) {
    failure = error
  }
  yield [...waiting.values()].map((job) => [job, excuse(job.kind, failure, context.signal)] as const)
}
