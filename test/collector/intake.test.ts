import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { add, includes, reached } from '../../src/collector/history/ranges.ts'
import { type IntakeScope, intake } from '../../src/collector/intake.ts'
import type { Observation } from '../../src/core/observation.ts'
import { batchOf, job, observation, sightingsOf } from './support.ts'

const now = Date.parse('2026-11-23T08:00:00Z')
const ping = job('n')
const scope: IntakeScope = {
  agent: { id: 'a', vantage: 'public', regions: [] },
  jobs: new Map([[ping.id, ping]]),
  sightings: sightingsOf([]),
  receivedAt: now,
  skewMs: 0,
}

type Facts = Observation['facts']
const nested = `${'{"x":'.repeat(100_000)}1${'}'.repeat(100_000)}`

const taken = (observations: readonly Observation[], sentAt = now, more: Partial<IntakeScope> = {}) => {
  const { delivery, rejected } = intake(batchOf(observations, { sentAt, firstSequence: 7 }), {
    ...scope,
    skewMs: sentAt - now,
    ...more,
  })
  return { rows: delivery.rows, rejected: Object.fromEntries(rejected), last: delivery.last }
}

describe('who may say what', () => {
  test('a job of its own is taken, with its sequence', () => {
    expect(taken([observation(ping, { observedAt: now })])).toMatchObject({
      rows: [{ sequence: 7 }],
      rejected: {},
      last: 7,
    })
  })
  test.each<[string, Observation, string]>([
    ['another vantage', observation(job('n', { vantage: 'internet' })), 'vantage'],
    ['a job that nobody asked for', observation(job('other')), 'unknown-job'],
    ['another target under the name of a job', observation({ ...ping, target: 'other' }), 'unknown-job'],
    ['another kind under the name of a job', observation({ ...ping, kind: 'tcp' }), 'unknown-job'],
    ['facts beyond measure', observation(ping, { facts: { x: 'y'.repeat(300_000) } }), 'facts-too-large'],
    ['facts of too many', observation(ping, { facts: { x: new Array(300_000).fill(0) } }), 'facts-too-large'],
    ['facts without end', observation(ping, { facts: JSON.parse(nested) as Facts }), 'facts-too-large'],
  ])('%s is dropped, counted and acknowledged', (_name, seen, reason) => {
    expect(taken([seen, observation(ping)])).toMatchObject({
      rows: [{ sequence: 8 }],
      rejected: { [reason]: 1 },
      last: 8,
    })
  })
  test('evidence of its own machine is taken unasked, and of no other', () => {
    const evidence = (agent: string, kind = 'host-check') =>
      observation({ ...ping, id: `agent:${agent}/host-check`, target: `agent:${agent}`, kind })
    expect(taken([evidence('a')])).toMatchObject({ rows: [{ sequence: 7 }], rejected: {} })
    expect(taken([evidence('b'), evidence('a', 'tcp')])).toMatchObject({ rejected: { 'unknown-job': 2 } })
  })
  test('what is late of a job that is gone is taken from the agent that ran it, and from no other', () => {
    const gone = job('gone')
    const known = sightingsOf([['a', observation(gone)]])
    expect(taken([observation(gone)], now, { sightings: known }).rows).toHaveLength(1)
    const others = sightingsOf([['b', observation(gone)]])
    expect(taken([observation(gone)], now, { sightings: others }).rows).toHaveLength(0)
  })
})

test.each([
  ['clocks agree', 0, now - 5000, now - 5000],
  ['spooled for an hour', 0, now - 3_600_000, now - 3_600_000],
  ['the batch was 10 s on its way', -10_000, now - 15_000, now - 15_000],
  ['the clock is a day behind', -86_400_000, now - 86_405_000, now - 5000],
  ['the clock is an hour ahead', 3_600_000, now + 3_595_000, now - 5000],
  ['the clock was ahead and is right now', 0, now + 86_400_000, now],
  ['fractions of a millisecond', 0, now - 0.4, now],
  ['before there was time', -10 * now, 0, now],
])('when it happened, where %s', (_name, skew, observedAt, expected) => {
  expect(taken([observation(ping, { observedAt })], now + skew).rows[0]?.observation.observedAt).toBe(
    expected,
  )
})

test('ranges hold exactly what was added, in order, and say how far they reach', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 6 }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (added) => {
      const ranges = added.reduce<ReturnType<typeof add>>(
        (sum, [first, length]) => add(sum, first, first + length - 1),
        [],
      )
      const members = new Set(
        added.flatMap(([first, length]) => Array.from({ length }, (_, at) => first + at)),
      )
      for (let at = 0; at <= 70; at += 1) expect(includes(ranges, at)).toBe(members.has(at))
      for (const [at, [first]] of ranges.entries())
        expect(first).toBeGreaterThan((ranges[at - 1]?.[1] ?? -2) + 1)
      for (const at of members) expect(members.has(reached(ranges, at) + 1)).toBe(false)
    }),
  )
})

test('the number of ranges is bounded', () => {
  const ranges = Array.from({ length: 500 }, (_, at) => at * 2 + 1).reduce<ReturnType<typeof add>>(
    (sum, at) => add(sum, at, at),
    [],
  )
  expect(ranges.length).toBeLessThanOrEqual(64)
  expect(reached(ranges, 999)).toBe(999)
})
