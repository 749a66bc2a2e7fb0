import { type Facts, factsIn, flagAt, numberAt, textAt } from '../facts/read.ts'
import type { Observation } from '../core/observation.ts'
import type { Thresholds } from './thresholds.ts'

/** What is usual of a number: its mean and its mean deviation, as RFC 6298 §2 keeps them, slower. */
export interface Usual {
  readonly mean: number
  readonly deviation: number
  readonly looks: number
}

/** What is remembered from one look of a job to the next. */
export interface Trend {
  readonly roundTrip?: Usual
  readonly jitter?: Usual
  /** The look before; of kinds whose counters are compared. */
  readonly previous?: Observation
  /** When an interface changed between up and down, by its name, within the time that counts. */
  readonly flips?: ReadonlyMap<string, readonly number[]>
  /** The DNS answer that is usual, and since when another is given. */
  readonly answer?: { readonly usual: string; readonly now: string; readonly since: number }
}

export const noTrend: Trend = {}

/** A look's weight once enough were made: half of what is usual is from the last 90 looks. */
const weight = 1 / 128

const learn = (usual: Usual | undefined, value: number): Usual => {
  if (usual === undefined) return { mean: value, deviation: value / 2, looks: 1 }
  const share = Math.max(weight, 1 / (usual.looks + 1))
  return {
    mean: usual.mean + share * (value - usual.mean),
    deviation: usual.deviation + share * (Math.abs(value - usual.mean) - usual.deviation),
    looks: usual.looks + 1,
  }
}

/** Whether a number is far above what is usual; undefined while that is not known. */
export const isAbove = (
  usual: Usual | undefined,
  value: number,
  { baselineLooks, latencyFactor, latencySeconds }: Thresholds,
): boolean | undefined => {
  if (usual === undefined || usual.looks < baselineLooks) return undefined
  const limit = Math.max(
    usual.mean * latencyFactor,
    usual.mean + 4 * usual.deviation,
    usual.mean + latencySeconds,
  )
  return value > limit
}

/** What is far above the usual is not learnt at its full weight, or a slow day would become the usual one. */
const learnWithin = (
  usual: Usual | undefined,
  value: number | undefined,
  thresholds: Thresholds,
): Usual | undefined => {
  if (value === undefined) return usual
  const isOutlier = usual !== undefined && isAbove(usual, value, thresholds) === true
  return learn(usual, isOutlier ? usual.mean + 4 * usual.deviation : value)
}

const optional = <Key extends keyof Trend>(key: Key, value: Trend[Key] | undefined): Trend =>
  value === undefined ? {} : { [key]: value }

const flipsOf = (
  { flips, previous }: Trend,
  { facts, observedAt }: Observation,
  { flipSeconds }: Thresholds,
): Trend['flips'] => {
  if (previous === undefined) return undefined
  const before = new Map(
    factsIn(previous.facts, 'interfaces').map((line) => [textAt(line, 'name'), flagAt(line, 'operUp')]),
  )
  const next = new Map<string, readonly number[]>()
  for (const line of factsIn(facts, 'interfaces')) {
    const name = textAt(line, 'name') ?? ''
    const [was, is] = [before.get(name), flagAt(line, 'operUp')]
    const known = (flips?.get(name) ?? []).filter((at) => at > observedAt - flipSeconds * 1000)
    const all = was !== undefined && is !== undefined && was !== is ? [...known, observedAt] : known
    if (all.length > 0) next.set(name, all)
  }
  return next.size > 0 ? next : undefined
}

/** The records of an answer in one text, whatever order they came in. */
export const answerText = (facts: Facts): string =>
  factsIn(facts, 'answers')
    .map((answer) => `${textAt(answer, 'type') ?? ''} ${textAt(answer, 'data') ?? ''}`)
    .toSorted()
    .join('; ')

const answerOf = (
  { answer }: Trend,
  { facts, observedAt }: Observation,
  { dnsSettleSeconds }: Thresholds,
): Trend['answer'] => {
  const now = answerText(facts)
  if (now === '') return answer
  if (answer === undefined || answer.usual === now) return { usual: now, now, since: observedAt }
  if (answer.now !== now) return { usual: answer.usual, now, since: observedAt }
  return observedAt - answer.since >= dnsSettleSeconds * 1000
    ? { usual: now, now, since: observedAt }
    : answer
}

/** What is remembered after a look. */
export const trendAfter = (before: Trend, observation: Observation, thresholds: Thresholds): Trend => {
  const { kind, status, facts } = observation
  if (status === 'unknown') return before
  switch (kind) {
    case 'icmp':
      return {
        ...optional('roundTrip', learnWithin(before.roundTrip, numberAt(facts, 'rttAvgSeconds'), thresholds)),
        ...optional('jitter', learnWithin(before.jitter, numberAt(facts, 'jitterSeconds'), thresholds)),
      }
    case 'snmp':
      return status === 'up'
        ? { previous: observation, ...optional('flips', flipsOf(before, observation, thresholds)) }
        : before
    case 'dns':
      return optional('answer', answerOf(before, observation, thresholds))
    default:
      return noTrend
  }
}
