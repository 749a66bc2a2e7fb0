import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agentCauses, statuses, targetCauses } from '../../src/core/outcome.ts'
import { areas } from '../../src/core/target.ts'
import { batchParser } from '../../src/transport/batch-parser.ts'
import { batch } from '../../src/transport/wire.ts'

const right = {
  job: 'n/icmp@public',
  target: 'n',
  kind: 'icmp',
  vantage: 'public',
  planRevision: 1,
  status: 'up',
  observedAt: 1,
  seconds: 0.1,
  facts: { sent: 3 },
}
const batchOf = (...observations: readonly unknown[]): unknown => ({
  ...{ stream: randomUUID(), firstSequence: 1, sentAt: 1, spooled: 0 },
  observations,
})

const resultOf = ({ success, data, error }: ReturnType<typeof batch.safeParse>): unknown =>
  success ? data : error.issues

/** As it comes from the network: a text, read. */
const expectSame = (value: unknown): void => {
  const text = JSON.stringify(value)
  expect(resultOf(batchParser.safeParse(JSON.parse(text)))).toEqual(
    resultOf(batch.safeParse(JSON.parse(text))),
  )
}

/** Mostly what is right, now and then beside it, seldom anything at all. */
const nearly = <T>(rightOnes: fc.Arbitrary<T>, ...wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: rightOnes, weight: 30 },
    { arbitrary: fc.constantFrom(...wrong), weight: 1 },
    { arbitrary: fc.jsonValue(), weight: 1 },
  )
const name = (longest: number) =>
  nearly(
    fc.string({ minLength: 1, maxLength: 12 }),
    '',
    'x'.repeat(longest),
    'x'.repeat(longest + 1),
    '😀'.repeat(longest / 2 + 1),
  )
const amount = nearly(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), -1, -0, 1e308)

const observations = fc.record(
  {
    job: name(300),
    target: name(200),
    kind: name(40),
    vantage: nearly(fc.constantFrom(...areas), 'moon'),
    planRevision: nearly(fc.nat(), -1, 0.5, 2 ** 53),
    status: nearly(fc.constantFrom(...statuses), 'Up'),
    cause: nearly(fc.constantFrom(...targetCauses, ...agentCauses), 'x'),
    detail: nearly(fc.string(), 'x'.repeat(1000), 'x'.repeat(1001)),
    observedAt: amount,
    seconds: amount,
    facts: nearly(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), []),
    more: fc.constant(1),
  },
  {
    requiredKeys: [
      'job',
      'target',
      'kind',
      'vantage',
      'planRevision',
      'status',
      'observedAt',
      'seconds',
      'facts',
    ],
  },
)

describe('says of a batch what the schema says', () => {
  test('whatever it holds', () => {
    let taken = 0
    fc.assert(
      fc.property(
        fc.record(
          {
            stream: nearly(fc.uuid(), 'x'),
            firstSequence: nearly(fc.integer({ min: 1 }), 0),
            sentAt: amount,
            spooled: nearly(fc.nat(), -1),
            observations: nearly(fc.array(observations, { maxLength: 3 }), {}, 'x'),
            more: fc.constant(1),
          },
          { requiredKeys: ['stream', 'firstSequence', 'sentAt', 'spooled', 'observations'] },
        ),
        (value) => {
          taken += Number(batchParser.safeParse(JSON.parse(JSON.stringify(value))).success)
          expectSame(value)
        },
      ),
      { numRuns: 2000 },
    )
    expect(taken).toBeGreaterThan(200)
  })
  test('any JSON at all', () => {
    fc.assert(fc.property(fc.jsonValue(), expectSame))
  })
  test.each<[string, unknown]>([
    ['nothing wrong', batchOf(right, { ...right, cause: 'timeout', detail: 'x' })],
    ['a field too many, which is left out', batchOf({ ...right, more: 1 })],
    ['a field too many in place of one that is missing', batchOf({ ...right, facts: undefined, more: 1 })],
    ['null for what may be absent', batchOf({ ...right, cause: null })],
    ['a list of facts', batchOf({ ...right, facts: [] })],
    ['an observation that is a list', batchOf([])],
    ['an empty batch', batchOf()],
    ['as many as there may be', batchOf(...new Array<unknown>(5000).fill(right))],
    ['one more', batchOf(...new Array<unknown>(5001).fill(right))],
  ])('%s', (_name, value) => expectSame(value))
  test.each([
    ['a prototype of an observation', '"facts":{}', '"facts":{},"__proto__":{"job":"x"}'],
    ['a prototype among facts', '"facts":{}', '"facts":{"__proto__":{"x":1}}'],
    ['a number beyond all', '"seconds":0.1', '"seconds":1e999'],
  ])('%s', (_name, from, to) => {
    const text = JSON.stringify(batchOf({ ...right, facts: {} })).replace(from, to)
    expect(resultOf(batchParser.safeParse(JSON.parse(text)))).toEqual(
      resultOf(batch.safeParse(JSON.parse(text))),
    )
  })
})
