import type { Credential } from '../../src/core/credential.ts'
import { type Outcome, type Unknown, unknown } from '../../src/core/outcome.ts'
import type { ProbeContext, SweepJob, Swept } from '../../src/core/probe.ts'
import type { Conversation } from './conversation.ts'
import { type Looked, type SnmpFacts, lookAt } from './look.ts'
import type { SnmpCredential } from './session.ts'
import type { SnmpSpec } from './spec.ts'

type Job = SweepJob<SnmpSpec>
type Result = Swept<Outcome<SnmpFacts>>

/** Looks that have begun: each holds what it has read. The dead among them wait, and only more than this delay others. */
const mostLooks = 4096

interface Sweep {
  readonly jobs: readonly Job[]
  readonly context: ProbeContext
  /** Aborted by the caller, and when nobody reads the results any more. */
  readonly signal: AbortSignal
  readonly conversations: Set<Conversation>
  /** Index of the next job to start. */
  next: number
  underWay: number
  ready: Result[]
  failure: { readonly error: unknown } | undefined
  wake: () => void
}

const isSnmp = (credential: Credential): credential is SnmpCredential =>
  credential.kind === 'snmp-community' || credential.kind === 'snmp-user'

const credentialOf = ({ credential: name }: SnmpSpec, context: ProbeContext): SnmpCredential | Unknown => {
  const credential = context.credential(name)
  if (credential === undefined) return unknown('credential', `no credential named "${name}"`)
  return isSnmp(credential)
    ? credential
    : unknown('credential', `credential "${name}" is neither community nor SNMP user`)
}

const look = async ({ spec, previous }: Job, { context, signal, conversations }: Sweep): Promise<Looked> => {
  const credential = credentialOf(spec, context)
  if ('status' in credential) return { outcome: credential, seconds: 0 }
  return lookAt({ spec, credential, previous, now: context.now, signal, conversations })
}

const run = async (sweep: Sweep, job: Job): Promise<void> => {
  sweep.underWay += 1
  try {
    const { outcome, seconds } = await look(job, sweep)
    sweep.ready.push([job.id, outcome, seconds])
  } catch (error) {
    sweep.failure ??= { error }
  }
  sweep.underWay -= 1
  startMore(sweep)
  sweep.wake()
}

const startMore = (sweep: Sweep): void => {
  while (sweep.underWay < mostLooks) {
    const job = sweep.jobs[sweep.next]
    if (job === undefined) return
    sweep.next += 1
    void run(sweep, job)
  }
}

const takeReady = async (sweep: Sweep): Promise<readonly Result[]> => {
  if (sweep.ready.length === 0 && sweep.failure === undefined) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    sweep.wake = () => resolve(undefined)
    await promise
  }
  if (sweep.failure !== undefined) throw sweep.failure.error
  const { ready } = sweep
  sweep.ready = []
  return ready
}

const createSweep = (jobs: readonly Job[], context: ProbeContext, signal: AbortSignal): Sweep => ({
  jobs,
  context,
  signal,
  conversations: new Set(),
  next: 0,
  underWay: 0,
  ready: [],
  failure: undefined,
  wake: () => undefined,
})

/** Looks at many agents over one socket a family: each job exactly once, as they come. Cancelled ones are `unknown`. */
export async function* sweepAgents(
  jobs: readonly Job[],
  context: ProbeContext,
): AsyncGenerator<readonly Result[]> {
  const left = new AbortController()
  const sweep = createSweep(jobs, context, AbortSignal.any([context.signal, left.signal]))
  const { signal, conversations } = sweep
  signal.addEventListener('abort', () => {
    for (const conversation of [...conversations]) conversation.fail(signal.reason)
  })
  try {
    startMore(sweep)
    for (let missing = jobs.length; missing > 0;) {
      const ready = await takeReady(sweep)
      missing -= ready.length
      yield ready
    }
  } finally {
    sweep.next = jobs.length
    left.abort()
  }
}
