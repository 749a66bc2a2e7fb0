import type { Metric } from '../../src/core/metric.ts'
import { type Outcome, down, unknown, up } from '../../src/core/outcome.ts'
import { type ProbeContext, defineProbe } from '../../src/core/probe.ts'
import { isKnownLayout } from '../net/foreign.ts'
import { type Resolved, resolve } from '../net/resolve.ts'
import { type Route, compare, knownFrom } from './change.ts'
import { describeError } from './icmp-error.ts'
import { type PathSpec, pathSpec } from './spec.ts'
import { type Hop, type Trace, trace } from './trace.ts'

export type { Hop } from './trace.ts'

export interface PathFacts {
  readonly remoteAddress: string
  /** The target is the last one where `reached`. */
  readonly hops: readonly Hop[]
  readonly reached: boolean
  /** Another way than the one known: a silent hop is no change, nor is the first run. */
  readonly changed: boolean
  /** The way before the change. */
  readonly previousHops?: Route
  /** For the next run: addresses by TTL, silent hops filled in from earlier runs. */
  readonly knownRoute: Route
  readonly knownComplete: boolean
}

const metrics: readonly Metric<PathFacts>[] = [
  {
    name: 'yiwang_path_hops',
    help: 'Hops to the target, itself included; absent where it was not reached',
    type: 'gauge',
    read: ({ hops, reached }) => (reached === true ? hops?.length : undefined),
  },
  {
    name: 'yiwang_path_changed',
    help: '1 where the last run found another way than the one known before',
    type: 'gauge',
    read: ({ changed }) => (changed === undefined ? undefined : Number(changed)),
  },
]

const factsOf = (remoteAddress: string, { hops, reached }: Trace, previous: unknown): PathFacts => {
  const before = knownFrom(previous)
  const { changed, known } = compare(before, {
    route: hops.map(({ address }) => address ?? null),
    isComplete: reached,
  })
  return {
    remoteAddress,
    hops,
    reached,
    changed,
    ...(changed && before && { previousHops: before.route }),
    knownRoute: known.route,
    knownComplete: known.isComplete,
  }
}

const lastAnswered = (hops: readonly Hop[]): string => {
  const last = hops.findLast(({ address }) => address !== undefined)
  return last === undefined ? 'from any hop' : `beyond hop ${last.ttl} (${last.address ?? ''})`
}

const judge = (facts: PathFacts, { hops, refusal }: Trace, family: 4 | 6): Outcome<PathFacts> => {
  if (facts.reached) return up(facts)
  return refusal === undefined
    ? down('timeout', `no answer ${lastAnswered(hops)}`, facts)
    : down('unreachable', `${describeError(refusal, family)} at hop ${hops.length}`, facts)
}

const look = async (
  spec: PathSpec,
  target: Resolved,
  { signal, previous }: ProbeContext,
): Promise<Outcome<PathFacts>> => {
  const found = await trace(spec, target, signal)
  // At the deadline what was found counts; when the caller ends the run nothing does.
  if (signal.aborted && (signal.reason as Error).name !== 'TimeoutError') throw signal.reason as Error
  return judge(factsOf(target.address, found, previous), found, target.family)
}

/** The routers on the way to a target, by UDP datagrams with growing TTL, and whether the way has changed. */
export const path = defineProbe({
  kind: 'path',
  summary: 'finds the routers on the way to a target and notices when the way changes',
  example: '192.0.2.1 --max-hops 20',
  spec: pathSpec,
  metrics,
  intervalSeconds: 300,
  remembers: true,
  run: async (spec, context) => {
    const target = await resolve(spec.address, spec.family, context.signal)
    return isKnownLayout
      ? look(spec, target, context)
      : unknown('resource', 'the path kind needs Linux on a 64-bit little-endian machine')
  },
})
