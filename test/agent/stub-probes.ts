import { z } from 'zod'
import { type Outcome, up } from '../../src/core/outcome.ts'
import {
  type Probe,
  type ProbeContext,
  type ProbeDefinition,
  type SweepJob,
  type Swept,
  defineProbe,
} from '../../src/core/probe.ts'
import type { Job } from '../../src/plan/plan.ts'

export interface Spec {
  readonly address: string
  readonly timeoutSeconds: number
}
export interface Facts {
  readonly address: string
  readonly seen?: unknown
}

const spec = z.strictObject({ address: z.string().min(1), timeoutSeconds: z.number().default(60) })

export type Run = (spec: Spec, context: ProbeContext) => Promise<Outcome<Facts>>
export type Sweep = (
  jobs: readonly SweepJob<Spec>[],
  context: ProbeContext,
) => AsyncIterable<Swept<Outcome<Facts>>>

export const answer: Run = ({ address }) => Promise.resolve(up({ address }))

const oneByOne = (sweep: Sweep): NonNullable<ProbeDefinition<Spec, Facts>['sweep']> =>
  async function* (jobs, context) {
    for await (const result of sweep(jobs, context)) yield [result]
  }

/** A kind of its own behaviour. */
export const probe = (
  kind: string,
  run: Run = answer,
  { sweep, ...more }: { sweep?: Sweep; remembers?: boolean } = {},
): Probe =>
  defineProbe<Spec, Facts>({
    ...{ kind, summary: kind, spec, metrics: [], run, ...more },
    ...(sweep && { sweep: oneByOne(sweep) }),
  })

export const registryOf = (...probes: readonly Probe[]): ReadonlyMap<string, Probe> =>
  new Map(probes.map((each) => [each.kind, each]))

export const job = (kind: string, name: string, overrides: Partial<Job> = {}): Job => ({
  id: `${name}/${kind}@public`,
  target: name,
  kind,
  spec: { address: name },
  intervalSeconds: 1,
  vantage: 'public',
  expect: 'reachable',
  ...overrides,
})

export const jobs = (kind: string, count: number, overrides: Partial<Job> = {}): readonly Job[] =>
  Array.from({ length: count }, (_, index) => job(kind, `n-${index}`, overrides))
