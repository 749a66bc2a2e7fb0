import type { z } from 'zod'
import type { Clock } from './clock.ts'
import type { Credential } from './credential.ts'
import { deadlineWithin } from './deadline.ts'
import { expectation, shown, valueAt } from './expectation.ts'
import { endedBy, faultOf } from './fault-table.ts'
import { type Problem, UsageFault } from './fault.ts'
import type { Metric } from './metric.ts'
import type { Cause, Outcome, Status } from './outcome.ts'

/** What a run is given. The signal ends every wait; a probe sets no timer of its own beside a socket. */
export interface ProbeContext {
  /** Cancellation by the caller (shutdown, Ctrl-C). The deadline is added by `defineProbe`. */
  readonly signal: AbortSignal
  readonly now: Clock
  readonly credential: (name: string) => Credential | undefined
  /** This job's own state from its last run (counters, fingerprints), as its facts carried it then. */
  readonly previous?: unknown
}

export type JobId = string

/** Every spec has these two; `address` is an IP literal or a name, `timeoutSeconds` the run's deadline. */
export interface CommonSpec {
  readonly address: string
  readonly timeoutSeconds: number
}

/** What a protocol's author writes: the happy path. `defineProbe` adds deadline, timing and fault table. */
export interface ProbeDefinition<Spec extends CommonSpec, Facts> {
  readonly kind: string
  /** One sentence for help texts and docs. */
  readonly summary: string
  /** Arguments of an example command, after the kind: `192.0.2.1 --port 22`. */
  readonly example?: string
  /** Options with defaults and `.describe()`d fields; unknown keys are refused (`z.strictObject`). */
  readonly spec: z.ZodType<Spec>
  readonly metrics: readonly Metric<Facts>[]
  /** How often the plan looks where nothing else is said; default: every minute. */
  readonly intervalSeconds?: number
  /** It reads what is `previous`: the agent keeps the facts of each job's last look for it. */
  readonly remembers?: boolean
  /** Looks once. May reject with what the network did: the fault table classifies it. */
  readonly run: (spec: Spec, context: ProbeContext) => Promise<Outcome<Facts>>
  /** Many targets at once, results by the handful as they come, each job exactly once; owns its own deadlines. */
  readonly sweep?: (
    jobs: readonly SweepJob<Spec>[],
    context: ProbeContext,
  ) => AsyncIterable<readonly Swept<Outcome<Facts>>[]>
}

export interface SweepJob<Spec> {
  readonly id: JobId
  readonly spec: Spec
  /** As `ProbeContext.previous`, of this job. */
  readonly previous?: unknown
}

/** One result of a sweep: whose, what, and how many seconds the look at this target took. */
export type Swept<Result> = readonly [id: JobId, result: Result, seconds: number]

/** One run's result, before the agent stamps it with job, target and vantage. */
export interface Measurement {
  readonly status: Status
  readonly cause?: Cause
  readonly detail?: string
  /** When the run ended, milliseconds since the epoch. */
  readonly observedAt: number
  /** How long it took. */
  readonly seconds: number
  readonly facts: Readonly<Record<string, unknown>>
}

/** What kinds that look and kinds that listen have in common. */
export interface Kind {
  readonly kind: string
  readonly summary: string
  readonly schema: z.ZodType
  readonly metrics: readonly Metric<Record<string, unknown>>[]
  /** It is not run: targets speak first, and what they say is an event, which is neither up nor down. */
  readonly listens: boolean
}

/** What everyone but the protocol's author sees. */
export interface Probe extends Kind {
  readonly listens: false
  readonly example: string
  readonly intervalSeconds: number
  readonly remembers: boolean
  /** Parses options once. Throws `UsageFault` with all problems. The returned run never rejects for the network. */
  readonly bind: (spec: unknown) => (context: ProbeContext) => Promise<Measurement>
  /** A spec is parsed the first time that it is seen and must not change afterwards. */
  readonly sweep?: (
    jobs: readonly SweepJob<object>[],
    context: ProbeContext,
  ) => AsyncIterable<readonly (readonly [JobId, Measurement])[]>
}

const problemsOf = (kind: string, error: z.ZodError, spec: unknown): readonly Problem[] =>
  error.issues.map((issue) => ({
    where: [kind, ...issue.path].join('.'),
    message:
      issue.code === 'unrecognized_keys'
        ? issue.message
        : `${expectation(issue)}, got ${shown(valueAt(spec, issue.path))}`,
  }))

const parseSpec = <Spec>(kind: string, schema: z.ZodType<Spec>, spec: unknown): Spec => {
  const parsed = schema.safeParse(spec)
  if (!parsed.success) throw new UsageFault(problemsOf(kind, parsed.error, spec), { cause: parsed.error })
  return Object.freeze(parsed.data)
}

/** Jobs come again each minute, and validation costs more than what many of them ask for. */
const parserOf = <Spec>(kind: string, schema: z.ZodType<Spec>): ((spec: object) => Spec) => {
  const parsed = new WeakMap<object, Spec>()
  return (spec) => {
    const known = parsed.get(spec)
    if (known !== undefined) return known
    const first = parseSpec(kind, schema, spec)
    parsed.set(spec, first)
    return first
  }
}

const measure = <Facts>(outcome: Outcome<Facts>, seconds: number, observedAt: number): Measurement => {
  const { status } = outcome
  const facts = status === 'unknown' ? {} : (outcome.facts as Readonly<Record<string, unknown>>)
  if (status === 'up') return { status, observedAt, seconds, facts }
  return { status, cause: outcome.cause, detail: outcome.detail, observedAt, seconds, facts }
}

/**
 * Runs `look` under the spec's deadline. A rejection becomes an outcome by the fault table;
 * one that the table does not know is a bug and is rethrown.
 */
const runWithin = async <Facts>(
  timeoutSeconds: number,
  context: ProbeContext,
  look: (context: ProbeContext) => Promise<Outcome<Facts>>,
): Promise<Outcome<Facts>> => {
  using deadline = deadlineWithin(context.signal, timeoutSeconds)
  try {
    return await look({ ...context, signal: deadline.signal })
  } catch (error) {
    const fault = faultOf<Facts>(endedBy(error, deadline), context.signal)
    if (fault === undefined) throw error
    if (fault.status === 'down' && fault.cause === 'timeout')
      return { ...fault, detail: `no answer within ${String(timeoutSeconds)} s` }
    return fault
  }
}

/** Turns a protocol's definition into a `Probe`. */
export const defineProbe = <Spec extends CommonSpec, Facts extends object>(
  definition: ProbeDefinition<Spec, Facts>,
): Probe => {
  const {
    kind,
    summary,
    example = '192.0.2.1',
    spec: schema,
    metrics,
    intervalSeconds = 60,
    remembers = false,
    run,
    sweep,
  } = definition
  const parse = parserOf(kind, schema)
  return {
    kind,
    summary,
    example,
    schema,
    metrics: metrics as unknown as readonly Metric<Record<string, unknown>>[],
    listens: false,
    intervalSeconds,
    remembers,
    bind: (options) => {
      const spec = parseSpec(kind, schema, options)
      return async (context) => {
        const startedAt = performance.now()
        const outcome = await runWithin(spec.timeoutSeconds, context, (bounded) => run(spec, bounded))
        return measure(outcome, (performance.now() - startedAt) / 1000, context.now())
      }
    },
    ...(sweep && {
      sweep: async function* (jobs, context) {
        const parsed = jobs.map(({ id, spec, previous }) => ({ id, spec: parse(spec), previous }))
        for await (const results of sweep(parsed, context)) {
          const now = context.now()
          yield results.map(([id, outcome, seconds]) => [id, measure(outcome, seconds, now)] as const)
        }
      },
    }),
  }
}

/** Declares a kind that listens; who opens its port is the agent's matter. */
export const defineListener = <Facts extends object>({
  metrics,
  ...kind
}: Pick<Kind, 'kind' | 'summary' | 'schema'> & { readonly metrics: readonly Metric<Facts>[] }): Kind => ({
  ...kind,
  metrics: metrics as unknown as Kind['metrics'],
  listens: true,
})
