import type { Status } from '../core/outcome.ts'
import type { Target, Vantage } from '../core/target.ts'
import type { Job } from '../plan/plan.ts'
import type { Check, Reason } from './check.ts'
import type { Verdict } from './verdict.ts'

export const segmentationResults = ['holds', 'violated', 'unknown'] as const
export type SegmentationResult = (typeof segmentationResults)[number]

/** One vantage of a segmentation, and what is seen from there. */
export interface Side {
  readonly vantage: Vantage
  readonly expect: Job['expect']
  readonly result: SegmentationResult
  /** Why it does not hold. `upstream`: the target is cut off, so that its silence proves nothing. */
  readonly reason?: Reason | 'upstream'
  readonly detail?: string
  /** Milliseconds since the epoch, where it is known. */
  readonly since?: number
  readonly agent?: string
  /** What must answer the same agent, where a record names it. */
  readonly control?: Job['control']
}

/** One target that must answer from some areas and must not from others: one assertion with all its sides. */
export interface Segmentation {
  readonly target: Target
  readonly kind: string
  /** `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`. */
  readonly endpoint: string
  readonly result: SegmentationResult
  /** Those from which it must answer first. */
  readonly sides: readonly Side[]
  /** The side that makes it violated or unknown. */
  readonly decisive?: Side
  readonly since?: number
}

/** Options that kinds share; their own schemas have judged them. */
interface Where {
  readonly address?: string
  readonly port?: number
  readonly scheme?: string
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** Where on the network a job looks, whatever it asks for there. */
export const endpointOf = ({ spec }: Job): string => {
  const { address = '', port, scheme }: Where = spec
  const number = port ?? defaultPorts[scheme ?? '']
  if (number === undefined) return address
  return `${address.includes(':') ? `[${address}]` : address}:${number}`
}

/** What is asserted is that it answers, not that its certificate or its pages are as they should be. */
const resultOf = ({ job, status, answers }: Check): SegmentationResult => {
  const asExpected: Readonly<Record<Status, SegmentationResult>> = {
    up: 'holds',
    down: 'violated',
    unknown: 'unknown',
  }
  return job.expect === 'reachable' && answers ? 'holds' : asExpected[status]
}

/** Why silence proves nothing, whatever was expected. */
const doubtOf = ({ status, answers, isAlone = false }: Check, { state }: Verdict): Side['reason'] => {
  if (answers || status === 'unknown') return undefined
  if (state === 'unreachable') return 'upstream'
  return isAlone ? 'no-control' : undefined
}

const sideOf = (check: Check, verdict: Verdict): Side => {
  const { job, since, sighting } = check
  const doubt = doubtOf(check, verdict)
  const result = doubt === undefined ? resultOf(check) : 'unknown'
  const reason = doubt ?? check.reason
  return {
    vantage: job.vantage,
    expect: job.expect,
    result,
    ...(result !== 'holds' && reason !== undefined && { reason }),
    ...(result !== 'holds' && check.detail !== undefined && { detail: check.detail }),
    ...(since !== undefined && { since }),
    ...(sighting && { agent: sighting.agent }),
    ...(job.control !== undefined && { control: job.control }),
  }
}

/** Of several looks at one endpoint from one vantage: an answer tells most, ignorance least. */
const isMoreTelling = (one: Side, other: Side): boolean => {
  const order: readonly SegmentationResult[] =
    one.expect === 'reachable' ? ['holds', 'violated', 'unknown'] : ['violated', 'holds', 'unknown']
  return order.indexOf(one.result) < order.indexOf(other.result)
}

const onePerVantage = (sides: readonly Side[]): readonly Side[] => {
  const telling = new Map<string, Side>()
  for (const side of sides) {
    const key = `${side.expect} ${side.vantage}`
    const known = telling.get(key)
    if (known === undefined || isMoreTelling(side, known)) telling.set(key, side)
  }
  return [...telling.values()].toSorted(
    (a, b) => a.expect.localeCompare(b.expect) || a.vantage.localeCompare(b.vantage),
  )
}

const timesOf = (sides: readonly Side[]): readonly number[] => sides.flatMap(({ since }) => since ?? [])

/** It holds since the last of its sides does; it does not since the first of those that decide it. */
const sinceOf = (result: SegmentationResult, sides: readonly Side[]): number | undefined => {
  const times = timesOf(sides.filter((side) => side.result === result))
  if (times.length === 0) return undefined
  return result === 'holds' ? Math.max(...times) : Math.min(...times)
}

const resultOfSides = (sides: readonly Side[]): SegmentationResult => {
  if (sides.some(({ result }) => result === 'violated')) return 'violated'
  return sides.some(({ result }) => result === 'unknown') ? 'unknown' : 'holds'
}

/** An answer where there must be none weighs more than a missing one. */
const decisiveOf = (result: SegmentationResult, sides: readonly Side[]): Side | undefined =>
  result === 'holds' ? undefined : sides.findLast((side) => side.result === result)

const areOpposed = (sides: readonly Side[]): boolean =>
  sides.some(({ expect, vantage }) =>
    sides.some((other) => other.expect !== expect && other.vantage !== vantage),
  )

const segmentationOf = (checks: readonly Check[], verdict: Verdict): readonly Segmentation[] => {
  const sides = onePerVantage(checks.map((check) => sideOf(check, verdict)))
  const [first] = checks
  if (first === undefined || !areOpposed(sides)) return []
  const result = resultOfSides(sides)
  const since = sinceOf(result, sides)
  const decisive = decisiveOf(result, sides)
  return [
    {
      target: verdict.target,
      kind: first.job.kind,
      endpoint: endpointOf(first.job),
      result,
      sides,
      ...(decisive && { decisive }),
      ...(since !== undefined && { since }),
    },
  ]
}

const mustNotAnswer = ({ job }: Check): boolean => job.expect === 'unreachable'

/**
 * Every target that is looked at by one kind at one endpoint with opposite expectations, as one assertion:
 * violated where one side is known to be otherwise, unknown where one is not known, else it holds.
 */
export const segmentationsOf = (verdicts: Iterable<Verdict>): readonly Segmentation[] =>
  [...verdicts]
    .filter(({ checks }) => checks.some(mustNotAnswer))
    .flatMap((verdict) =>
      [...Map.groupBy(verdict.checks, ({ job }) => `${job.kind} ${endpointOf(job)}`).values()].flatMap(
        (checks) => segmentationOf(checks, verdict),
      ),
    )
