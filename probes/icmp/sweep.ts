import { type Outcome, unknown } from '../../src/core/outcome.ts'
import type { ProbeContext, SweepJob, Swept } from '../../src/core/probe.ts'
import { type Address, parseAddress, parseIp4 } from './address.ts'
import { judgeReport } from './echo.ts'
import { cancel, launch, launchFrom } from './engine.ts'
import { type Exchange, type Pace, type Source, mostSlackMs } from './exchange.ts'
import { withoutSocket } from './ping-command.ts'
import { resolve } from './resolve.ts'
import type { IcmpSpec } from './spec.ts'
import type { IcmpFacts } from './verdict.ts'

type Job = SweepJob<IcmpSpec>
type Result = Swept<Outcome<IcmpFacts>>

/** Jobs that may start in one turn of the event loop rather than each in its own. */
const jobsPerTurn = 16

/** Processes of the system's `ping` at once, where there is no socket. */
const mostCommands = 32

interface Sweep {
  readonly jobs: readonly Job[]
  readonly signal: AbortSignal
  readonly pace: Pace
  readonly startedAt: number
  readonly spacingMs: number
  /** Index of the next job to start. */
  next: number
  /** By index: what is done for a job; undefined before it has started and once it has its result. */
  readonly open: (Exchange | 'waiting' | undefined)[]
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
  const spacingMs = Math.max(gapMs, spreadMs / jobs.length)
  return {
    jobs,
    signal,
    pace: { gapMs, slotAt: -Infinity, slackMs: Math.min(mostSlackMs, spacingMs * jobsPerTurn) },
    startedAt: performance.now(),
    spacingMs,
    next: 0,
    open: jobs.map(() => undefined),
    commands: [],
    commandsUnderWay: 0,
    ready: [],
    failure: undefined,
    wake: () => undefined,
  }
}

interface Found {
  readonly outcome: Outcome<IcmpFacts>
  readonly seconds: number
}

/** A job that has a result already keeps it. */
const post = (sweep: Sweep, index: number, { outcome, seconds }: Found): void => {
  const job = sweep.jobs[index]
  if (job === undefined || sweep.open[index] === undefined) return
  sweep.open[index] = undefined
  sweep.ready.push([job.id, outcome, seconds])
  if (sweep.ready.length === 1) sweep.wake()
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

const queueCommand = (sweep: Sweep, index: number, look: () => Promise<Outcome<IcmpFacts>>): void => {
  sweep.commands.push(async () => {
    if (sweep.open[index] === undefined) return
    const startedAt = performance.now()
    const outcome = await look()
    post(sweep, index, { outcome, seconds: (performance.now() - startedAt) / 1000 })
  })
  runCommands(sweep)
}

const startTime = ({ startedAt, spacingMs }: Sweep, index: number): number => startedAt + index * spacingMs

const startEcho = (sweep: Sweep, index: number, spec: IcmpSpec, address: Address): void => {
  const launched = launch({
    address,
    order: spec,
    pace: sweep.pace,
    startAt: startTime(sweep, index),
    onSettled: (report) => {
      post(sweep, index, { outcome: judgeReport(spec, address, report), seconds: report.elapsedSeconds })
    },
  })
  if ('code' in launched) queueCommand(sweep, index, () => withoutSocket(launched, spec, address))
  else if (sweep.open[index] === 'waiting') sweep.open[index] = launched
}

const startName = async (sweep: Sweep, index: number, spec: IcmpSpec): Promise<void> => {
  const askedAt = performance.now()
  const deadline = AbortSignal.timeout(Math.ceil(spec.timeoutSeconds * 1000))
  const resolved = await resolve(spec, AbortSignal.any([sweep.signal, deadline]))
  if (sweep.open[index] === undefined) return
  if ('status' in resolved)
    post(sweep, index, { outcome: resolved, seconds: (performance.now() - askedAt) / 1000 })
  else startEcho(sweep, index, spec, resolved)
}

const literals = new WeakMap<IcmpSpec, Address>()

/** What a literal means does not change, but for the number of its interface. IPv4 is read sooner than looked up. */
const literalOf = (spec: IcmpSpec): Address | undefined => {
  const known = parseIp4(spec.address) ?? literals.get(spec)
  if (known !== undefined) return known
  const address = parseAddress(spec.address)
  if (address?.scopeId === 0) literals.set(spec, address)
  return address
}

/** A literal starts at once; a name when its answer comes, and holds up no other. */
const startJob = (sweep: Sweep, index: number, spec: IcmpSpec): void => {
  sweep.open[index] = 'waiting'
  const literal = literalOf(spec)
  if (literal && literal.family === (spec.family ?? literal.family)) startEcho(sweep, index, spec, literal)
  else watchOver(sweep, startName(sweep, index, spec))
}

const startNext = (sweep: Sweep): number | undefined => {
  const index = sweep.next
  const job = sweep.jobs[index]
  sweep.next += 1
  if (job !== undefined) startJob(sweep, index, job.spec)
  return sweep.next < sweep.jobs.length ? startTime(sweep, sweep.next) : undefined
}

const stop = (sweep: Sweep, source: Source): void => {
  cancel(source)
  for (const exchange of sweep.open) if (typeof exchange === 'object') cancel(exchange)
}

const cancelled: Found = { outcome: unknown('cancelled', 'the sweep was cancelled'), seconds: 0 }

const cancelAll = (sweep: Sweep): void => {
  sweep.open.fill('waiting', sweep.next)
  sweep.next = sweep.jobs.length
  sweep.jobs.forEach((_, index) => post(sweep, index, cancelled))
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
): AsyncGenerator<readonly Result[]> {
  const sweep = createSweep(jobs, signal)
  const source = {
    start: () => startNext(sweep),
    dueAt: sweep.startedAt,
    slackMs: sweep.pace.slackMs,
    place: -1,
  }
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
      yield ready
    }
  } finally {
    signal.removeEventListener('abort', abort)
    stop(sweep, source)
  }
}
