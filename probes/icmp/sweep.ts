import { isIP } from 'node:net'
import { type Outcome, unknown } from '../../src/core/outcome.ts'
import type { ProbeContext, SweepJob, Swept } from '../../src/core/probe.ts'
import type { Address } from './address.ts'
import { launchEcho } from './echo.ts'
import { cancel, launchFrom } from './engine.ts'
import type { Exchange, Pace, Source } from './exchange.ts'
import { withoutSocket } from './ping-command.ts'
import { literalAddress, resolve } from './resolve.ts'
import type { IcmpSpec } from './spec.ts'
import type { IcmpFacts } from './verdict.ts'

type Job = SweepJob<IcmpSpec>
type Result = Swept<Outcome<IcmpFacts>>

/** Processes of the system's `ping` at once, where there is no socket. */
const mostCommands = 32

interface Sweep {
  readonly jobs: readonly Job[]
  readonly signal: AbortSignal
  readonly pace: Pace
  readonly startedAt: number
  readonly spacingMs: number
  /** Place of the next job to start. */
  next: number
  /** Jobs that have started and have no result yet, with what the engine does for them. */
  readonly open: Map<Job, Exchange | undefined>
  /** Jobs without a socket. */
  readonly commands: (() => Promise<void>)[]
  commandsUnderWay: number
  ready: Result[]
  failure: { readonly error: unknown } | undefined
  wake: () => void
}

const smallest = (jobs: readonly Job[], read: (spec: IcmpSpec) => number): number =>
  jobs.reduce((least, { spec }) => Math.min(least, read(spec)), Infinity)

const createSweep = (jobs: readonly Job[], signal: AbortSignal): Sweep => {
  const gapMs = 1000 / smallest(jobs, ({ packetsPerSecond }) => packetsPerSecond)
  const spreadMs = -smallest(jobs, ({ spreadSeconds }) => -spreadSeconds) * 1000
  return {
    jobs,
    signal,
    pace: { gapMs, slotAt: -Infinity },
    startedAt: performance.now(),
    spacingMs: Math.max(gapMs, spreadMs / jobs.length),
    next: 0,
    open: new Map(),
    commands: [],
    commandsUnderWay: 0,
    ready: [],
    failure: undefined,
    wake: () => undefined,
  }
}

/** A job that has a result already keeps it. */
const post = (sweep: Sweep, job: Job, outcome: Outcome<IcmpFacts>, seconds: number): void => {
  if (!sweep.open.delete(job)) return
  sweep.ready.push([job.id, outcome, seconds])
  sweep.wake()
}

/** What is thrown in the background is thrown to who reads the sweep. */
const watchOver = (sweep: Sweep, work: Promise<void>): void => {
  work.catch((error: unknown) => {
    sweep.failure = { error }
    sweep.wake()
  })
}

const runCommands = (sweep: Sweep): void => {
  while (sweep.commandsUnderWay < mostCommands) {
    const command = sweep.commands.shift()
    if (command === undefined) return
    sweep.commandsUnderWay += 1
    const ended = command().finally(() => {
      sweep.commandsUnderWay -= 1
      runCommands(sweep)
    })
    watchOver(sweep, ended)
  }
}

const queueCommand = (sweep: Sweep, job: Job, look: () => Promise<Outcome<IcmpFacts>>): void => {
  sweep.commands.push(async () => {
    if (!sweep.open.has(job)) return
    const startedAt = performance.now()
    post(sweep, job, await look(), (performance.now() - startedAt) / 1000)
  })
  runCommands(sweep)
}

const startEcho = (sweep: Sweep, job: Job, address: Address): void => {
  const start = { pace: sweep.pace, startAt: performance.now() }
  const launched = launchEcho(job.spec, address, start, (outcome, seconds) => {
    post(sweep, job, outcome, seconds)
  })
  if ('code' in launched) queueCommand(sweep, job, () => withoutSocket(launched, job.spec, address))
  else sweep.open.set(job, launched)
}

const startName = async (sweep: Sweep, job: Job): Promise<void> => {
  const askedAt = performance.now()
  const deadline = AbortSignal.timeout(Math.ceil(job.spec.timeoutSeconds * 1000))
  const resolved = await resolve(job.spec, AbortSignal.any([sweep.signal, deadline]))
  if (!sweep.open.has(job)) return
  if ('status' in resolved) post(sweep, job, resolved, (performance.now() - askedAt) / 1000)
  else startEcho(sweep, job, resolved)
}

/** A literal starts at once; a name when its answer comes, and holds up no other. */
const startJob = (sweep: Sweep, job: Job): void => {
  sweep.open.set(job, undefined)
  const address = isIP(job.spec.address) === 0 ? undefined : literalAddress(job.spec)
  if (address === undefined) watchOver(sweep, startName(sweep, job))
  else startEcho(sweep, job, address)
}

const startNext = (sweep: Sweep): number | undefined => {
  const job = sweep.jobs[sweep.next]
  sweep.next += 1
  if (job !== undefined) startJob(sweep, job)
  return sweep.next < sweep.jobs.length ? sweep.startedAt + sweep.next * sweep.spacingMs : undefined
}

const stop = (sweep: Sweep, source: Source): void => {
  cancel(source)
  for (const exchange of sweep.open.values()) if (exchange) cancel(exchange)
}

const cancelAll = (sweep: Sweep): void => {
  for (const job of sweep.jobs.slice(sweep.next)) sweep.open.set(job, undefined)
  sweep.next = sweep.jobs.length
  for (const job of [...sweep.open.keys()])
    post(sweep, job, unknown('cancelled', 'the sweep was cancelled'), 0)
}

const somethingReady = (sweep: Sweep): Promise<void> => {
  const { promise, resolve: wake } = Promise.withResolvers<undefined>()
  sweep.wake = () => wake(undefined)
  return promise
}

const takeReady = async (sweep: Sweep): Promise<readonly Result[]> => {
  if (sweep.ready.length === 0 && !sweep.failure) await somethingReady(sweep)
  if (sweep.failure) throw sweep.failure.error
  const { ready } = sweep
  sweep.ready = []
  return ready
}

/** Pings many targets, each job exactly once, results as they come. Cancelled jobs are `unknown`. */
export async function* sweepTargets(
  jobs: readonly Job[],
  { signal }: Pick<ProbeContext, 'signal'>,
): AsyncGenerator<Result> {
  const sweep = createSweep(jobs, signal)
  const source = { start: () => startNext(sweep), dueAt: sweep.startedAt, place: -1 }
  const abort = (): void => {
    stop(sweep, source)
    cancelAll(sweep)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (signal.aborted) abort()
    else launchFrom(source)
    for (let left = jobs.length; left > 0;) {
      const ready = await takeReady(sweep)
      left -= ready.length
      for (const result of ready) yield result
    }
  } finally {
    signal.removeEventListener('abort', abort)
    stop(sweep, source)
  }
}
