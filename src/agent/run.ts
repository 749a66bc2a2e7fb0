import type { Clock } from '../core/clock.ts'
import type { Credential } from '../core/credential.ts'
import type { Uplink } from '../transport/uplink.ts'
import { type Counters, newCounters } from './counters.ts'
import { type DeliveryOptions, type DeliveryPace, deliver, deliveryPace, drain } from './deliver.ts'
import type { FactFile } from './fact-file.ts'
import { type FollowOptions, followPlan } from './follow-plan.ts'
import type { Log } from '../core/log.ts'
import { createNudge } from '../core/nudge.ts'
import { pause } from '../core/pause.ts'
import type { PlanCache } from './plan-cache.ts'
import type { Registry } from './prepare.ts'
import { createProber } from './prober.ts'
import { createProbing } from './probing.ts'
import { createRecorder } from './recorder.ts'
import type { Source } from './source.ts'
import type { Spool } from './spool.ts'

export interface AgentPace {
  readonly pollMs: number
  readonly commitMs: number
  /** Time that runs under way have to end by themselves when the agent stops. */
  readonly graceMs: number
  /** Time for the last delivery when the agent stops. */
  readonly drainMs: number
  /** How often losses are told of. */
  readonly reportMs: number
  readonly delivery: DeliveryPace
}

export const agentPace: AgentPace = {
  pollMs: 10_000,
  commitMs: 250,
  graceMs: 3000,
  drainMs: 5000,
  reportMs: 60_000,
  delivery: deliveryPace,
}

export interface AgentOptions {
  readonly uplink: Uplink
  readonly spool: Spool
  readonly cache: PlanCache
  readonly registry: Registry
  readonly credential: (name: string) => Credential | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Runs at once of each kind that has no sweep. */
  readonly concurrency: number
  readonly log: Log
  /** Spreads retries and polls. */
  readonly random: () => number
  /** What listens beside what looks. */
  readonly sources?: readonly Source[]
  /** Where facts of last looks outlive the agent's process. */
  readonly lastFacts?: FactFile
  /** Where the agent counts; whoever runs it may read along. */
  readonly counters?: Counters
  readonly pace?: AgentPace
}

/** Ten times what the largest plan yields in half a minute of a full disk. */
const maxPending = 100_000

const lossesOf = (
  { missedRounds, overlappedRounds, heldUpLooks, internalErrors, ...more }: Counters,
  sources: readonly Source[],
) => ({
  missedRounds,
  overlappedRounds,
  heldUpLooks,
  internalErrors,
  droppedObservations: more.droppedObservations,
  rejectedObservations: more.rejectedObservations,
  ...Object.fromEntries(sources.map(({ kind, losses }) => [kind, losses()])),
})

const reportLosses = async (
  counters: Counters,
  { log, pace = agentPace, spool, sources = [] }: AgentOptions,
  signal: AbortSignal,
): Promise<void> => {
  let told = JSON.stringify(lossesOf(counters, sources))
  while (!signal.aborted) {
    await pause(pace.reportMs, signal)
    const losses = lossesOf(counters, sources)
    if (JSON.stringify(losses) !== told)
      log('warn', 'counted since the agent started', { ...losses, spooled: spool.depth() })
    told = JSON.stringify(losses)
  }
}

type Loop = (stop: AbortSignal) => Promise<void>

/** Runs all; where one rejects, the others are told to stop, and its error is thrown when they have. */
const together = async (loops: readonly Loop[], signal: AbortSignal): Promise<void> => {
  const failure = new AbortController()
  const stop = AbortSignal.any([signal, failure.signal])
  const ends = await Promise.allSettled(
    loops.map((loop) =>
      loop(stop).catch((error: unknown) => {
        failure.abort()
        throw error
      }),
    ),
  )
  const broken = ends.find((end) => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}

/**
 * An agent: fetches its plan, looks when jobs are due, spools what it sees and delivers it, until the signal
 * aborts; then lets runs end, puts everything into the spool, and delivers once more for a few seconds.
 * Uplink and spool stay the caller's. Rejects for a bug only.
 */
export const runAgent = async (options: AgentOptions): Promise<void> => {
  const { uplink, spool, cache, clock, log, random, counters = newCounters(), pace = agentPace } = options
  const { sources = [] } = options
  const recorder = createRecorder({ spool, counters, log, commitMilliseconds: pace.commitMs, maxPending })
  const prober = createProber({ ...options, record: (observation) => recorder.record(observation), counters })
  const probing = createProbing(prober, clock, counters)
  const { wait, nudge } = createNudge()
  const delivery: DeliveryOptions = { uplink, spool, clock, random, counters, log, pace: pace.delivery, wait }
  const following: FollowOptions = {
    uplink,
    cache,
    pollMilliseconds: pace.pollMs,
    random,
    log,
    onPlan: (plan) => {
      for (const follower of [probing, ...sources]) follower.follow(plan)
    },
    onReached: nudge,
  }
  const observed = new AbortController()
  const observe: Loop = (stop) =>
    together(
      [
        (ended) => probing.run(ended, pace.graceMs),
        ...sources.map(
          (source): Loop =>
            (ended) =>
              source.run(recorder, ended),
        ),
      ],
      stop,
    ).finally(() => observed.abort())
  await together(
    [
      (stop) => followPlan(following, stop),
      observe,
      // Ends after the last observation, not with the signal.
      () => recorder.run(observed.signal),
      (stop) => deliver(delivery, stop),
      (stop) => reportLosses(counters, options, stop),
    ],
    options.signal,
  )
  await drain(delivery, AbortSignal.timeout(pace.drainMs))
}
