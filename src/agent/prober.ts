import type { Clock } from '../core/clock.ts'
import type { Credential } from '../core/credential.ts'
import type { Observation } from '../core/observation.ts'
import { unknown } from '../core/outcome.ts'
import type { JobId, Measurement, Probe, ProbeContext } from '../core/probe.ts'
import type { Job, Plan } from '../plan/plan.ts'
import type { Counters } from './counters.ts'
import type { Log } from '../core/log.ts'
import type { FactFile } from './fact-file.ts'
import { createMemory } from './memory.ts'
import { type HeldUp, watchHeldUp } from './held-up.ts'
import { excuser, fairly, lookOnce, notLooked, sweepAll } from './look.ts'
import { createPools } from './pool.ts'
import { type Prepared, type Registry, preparer } from './prepare.ts'
import { createWork } from './work.ts'

export interface ProberOptions {
  readonly registry: Registry
  readonly credential: (name: string) => Credential | undefined
  readonly clock: Clock
  /** Runs at once of each kind that has no sweep: a slow kind fills its own pool and no other's. */
  readonly concurrency: number
  readonly record: (observation: Observation) => void
  readonly counters: Counters
  readonly log: Log
  /** Where facts of last looks outlive the prober; absent: they do not. */
  readonly lastFacts?: FactFile
}

/** Runs jobs when it is told to. A job never overlaps itself. */
export interface Prober {
  /** Starts them and returns. Results are recorded as they come. */
  start(plan: Plan, jobs: readonly Job[]): void
  /** Lets what runs finish for so long, then cancels it; what waits is forgotten. Cancelled runs are not recorded. */
  settle(graceMilliseconds: number): Promise<void>
}

/** Bound of the wire form. */
const maxDetailLength = 1000

const observe = (job: Job, planRevision: number, measurement: Measurement): Observation => ({
  job: job.id,
  target: job.target,
  kind: job.kind,
  vantage: job.vantage,
  planRevision,
  ...measurement,
  ...(measurement.detail !== undefined && { detail: measurement.detail.slice(0, maxDetailLength) }),
})

const countedFairly = (seen: Measurement, heldUp: HeldUp, counters: Counters): Measurement => {
  const measurement = fairly(seen, heldUp.within(seen.seconds * 1000))
  if (measurement !== seen) counters.heldUpLooks += 1
  return measurement
}

type RunOf = (context: ProbeContext) => Promise<Measurement>

const isSweep = (prepared: Prepared): boolean => prepared.how === 'sweep'

export const createProber = (options: ProberOptions): Prober => {
  const { registry, credential, clock, concurrency, record, counters, log, lastFacts } = options
  const cancellation = new AbortController()
  const context: ProbeContext = { signal: cancellation.signal, now: clock, credential }
  const prepare = preparer(registry)
  const excuse = excuser(clock, counters, log)
  const memory = createMemory(lastFacts)
  const running = new Set<JobId>()
  const work = createWork()
  const pools = createPools(concurrency)
  const heldUp = watchHeldUp()

  const finish = (plan: Plan, job: Job, measurement: Measurement): void => {
    running.delete(job.id)
    // That we stopped says nothing about the target: its last state stands.
    if (cancellation.signal.aborted && measurement.cause === 'cancelled') return
    record(observe(job, plan.revision, measurement))
  }

  const look = async (plan: Plan, job: Job, probe: Probe, run: RunOf): Promise<void> => {
    const own = probe.remembers ? { ...context, previous: memory.of(job) } : context
    const measurement = countedFairly(await lookOnce(job.kind, run, own, excuse), heldUp, counters)
    if (probe.remembers) memory.keep(job, measurement)
    finish(plan, job, measurement)
  }

  const sweep = async (plan: Plan, jobs: readonly Job[]): Promise<void> => {
    const probe = registry.get(jobs[0]?.kind ?? '')
    if (probe?.sweep === undefined) return
    const { remembers } = probe
    const known = remembers ? jobs.map((job) => ({ ...job, previous: memory.of(job) })) : jobs
    for await (const results of sweepAll(probe.sweep, known, context, excuse))
      for (const [job, measurement] of results) {
        if (remembers) memory.keep(job, measurement)
        finish(plan, job, measurement)
      }
  }

  const begin = (plan: Plan, job: Job): void => {
    const prepared = prepare(job)
    if (prepared.how === 'run')
      pools.add(job.kind, () => work.follow(look(plan, job, prepared.probe, prepared.run)))
    if (prepared.how === 'refuse') finish(plan, job, notLooked(unknown('resource', prepared.detail), clock()))
  }

  return {
    start: (plan, jobs) => {
      memory.follow(plan)
      const free = jobs.filter(({ id }) => !running.has(id))
      counters.overlappedRounds += jobs.length - free.length
      for (const { id } of free) running.add(id)
      const swept = free.filter((job) => isSweep(prepare(job)))
      for (const group of Map.groupBy(swept, ({ kind }) => kind).values())
        void work.follow(sweep(plan, group))
      for (const job of free) begin(plan, job)
    },
    settle: async (graceMilliseconds) => {
      pools.clear()
      await work.settle(graceMilliseconds)
      cancellation.abort()
      const left = await work.settle(graceMilliseconds)
      heldUp[Symbol.dispose]()
      if (left > 0) log('error', 'probes did not end when they were cancelled', { count: left })
    },
  }
}
