import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newCounters } from '../../src/agent/counters.ts'
import {
  type DeliveryOptions,
  type DeliveryPace,
  backoffMs,
  deliver,
  deliveryPace,
  drain,
} from '../../src/agent/deliver.ts'
import { memorySpool } from '../../src/agent/memory-spool.ts'
import { createNudge } from '../../src/core/nudge.ts'
import type { Spool } from '../../src/agent/spool.ts'
import type { Observation } from '../../src/core/observation.ts'
import { httpUplink } from '../../src/transport/http-client.ts'
import type { Batch } from '../../src/transport/wire.ts'
import {
  type Mischief,
  type SeenRequest,
  type StubCollector,
  stubCollector,
} from '../transport/stub-collector.ts'
import { memoryLog, numbered, observation, until } from './observations.ts'

const quick: DeliveryPace = {
  lingerMs: 1,
  heartbeatMs: 10_000,
  retryMs: 1,
  retryCapMs: 4,
  slowRetryMs: 2,
  batch: { observations: 50, bytes: 1_000_000 },
}

const setUp = async (pace: Partial<DeliveryPace> = {}) => {
  const collector = await stubCollector()
  const uplink = httpUplink({ collector: collector.url, agent: 'a-1', key: () => 'key' })
  const spool = memorySpool({ maxBytes: 1e9, onDropped: () => undefined })
  const { log, lines } = memoryLog()
  const counters = newCounters()
  const { wait, nudge } = createNudge()
  const options: DeliveryOptions = {
    uplink,
    spool,
    clock: Date.now,
    random: Math.random,
    counters,
    log,
    pace: { ...quick, ...pace },
    wait,
  }
  const stop = new AbortController()
  let running: Promise<void> | undefined
  return {
    collector,
    spool,
    counters,
    lines,
    options,
    nudge,
    start: () => void (running ??= deliver(options, stop.signal)),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
      await uplink[Symbol.asyncDispose]()
      await collector[Symbol.asyncDispose]()
    },
  }
}

const isEmpty = (spool: Spool) => () => spool.depth() === 0

/** What the collector has, in the order of sequences; each was stored exactly once. */
const storedIn = ({ stored }: StubCollector): readonly Observation[] =>
  [...stored.entries()]
    .toSorted(([a], [b]) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]))
    .map(([key, times]) => {
      expect([key, times.length]).toEqual([key, 1])
      return times[0] as Observation
    })

const bodyOf = (request: SeenRequest): Batch => JSON.parse(request.body) as Batch

/** Misbehaves so for the first requests, then no more. */
const first = (count: number, mischief: Mischief) => {
  let left = count
  return (): Mischief => ((left -= 1) >= 0 ? mischief : { kind: 'none' })
}

describe('in order', () => {
  test('everything arrives once, oldest first, and is forgotten', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 120))
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 120))
    expect(agent.collector.batches.map(({ firstSequence, spooled }) => [firstSequence, spooled])).toEqual([
      [1, 70],
      [51, 20],
      [101, 0],
    ])
    expect(agent.counters.deliveredObservations).toBe(120)
  })

  test('an answer that is lost: the same sequences are sent again, and stored once', async () => {
    await using agent = await setUp()
    agent.collector.mischief = first(2, { kind: 'cut-after' })
    await agent.spool.append(numbered(1, 10))
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 10))
    expect(new Set(agent.collector.batches.map(({ firstSequence }) => firstSequence))).toEqual(new Set([1]))
    expect(agent.collector.batches.length).toBe(3)
  })

  test('what comes while the link is cut waits, and follows', async () => {
    await using agent = await setUp()
    let isCut = true
    agent.collector.mischief = () => (isCut ? { kind: 'cut-before' } : { kind: 'none' })
    agent.start()
    for (let round = 0; round < 5; round += 1) await agent.spool.append(numbered(round * 100 + 1, 100))
    await until(() => agent.counters.failedDeliveries > 3)
    expect(agent.spool.depth()).toBe(500)
    isCut = false
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 500))
    expect(agent.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  test('a spool that was set back begins a new stream, so that nothing is taken for old', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 5))
    const acknowledged = JSON.stringify({ acknowledged: 100 })
    agent.collector.mischief = first(1, { kind: 'answer', status: 200, body: acknowledged })
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 5))
    expect(agent.lines[0]?.message).toContain('set back')
  })

  test('an acknowledgement of nothing is no progress, and is waited out', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 5))
    agent.collector.mischief = first(3, { kind: 'answer', status: 200, body: '{"acknowledged":0}' })
    agent.start()
    await until(isEmpty(agent.spool))
    expect(agent.counters.failedDeliveries).toBe(3)
  })
})

test('an idle agent says that it lives', async () => {
  await using agent = await setUp({ heartbeatMs: 5 })
  agent.start()
  await until(() => agent.collector.batches.length >= 3)
  expect(agent.collector.batches[0]).toMatchObject({ firstSequence: 1, spooled: 0, observations: [] })
})

describe('refusals', () => {
  test('too large: the batch is halved until it fits, and grows again', async () => {
    await using agent = await setUp()
    agent.collector.mischief = (request) =>
      bodyOf(request).observations.length > 10 ? { kind: 'answer', status: 413 } : { kind: 'none' }
    await agent.spool.append(numbered(1, 100))
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 100))
    expect(agent.counters.rejectedObservations).toBe(0)
  })

  test('one observation that no collector takes is given up, alone and loudly', async () => {
    await using agent = await setUp()
    const isPoison = ({ observedAt }: { observedAt: number }): boolean =>
      observedAt === 33 || observedAt === 77
    agent.collector.mischief = (request) =>
      bodyOf(request).observations.some(isPoison)
        ? { kind: 'answer', status: 422, body: '{"error":"facts: too deep"}' }
        : { kind: 'none' }
    await agent.spool.append(numbered(1, 100))
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 100).filter((each) => !isPoison(each)))
    expect(agent.counters.rejectedObservations).toBe(2)
    const given = agent.lines.filter(({ message }) => message.includes('given up'))
    expect(given.map(({ fields }) => fields['sequence'])).toEqual([33, 77])
    expect(given[0]?.message).toContain('facts: too deep')
  })

  test('one that is refused now and then is not given up', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 1))
    agent.collector.mischief = first(4, { kind: 'answer', status: 422 })
    agent.start()
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 1))
  })

  test('a collector that takes nothing at all gets nothing given up', async () => {
    await using agent = await setUp()
    agent.collector.mischief = () => ({ kind: 'answer', status: 400 })
    await agent.spool.append(numbered(1, 8))
    agent.start()
    await until(() => agent.counters.failedDeliveries > 10)
    expect(agent.spool.depth()).toBe(8)
    agent.collector.mischief = () => ({ kind: 'none' })
    await until(isEmpty(agent.spool))
    expect(storedIn(agent.collector)).toEqual(numbered(1, 8))
    expect(agent.counters.rejectedObservations).toBe(0)
  })

  test.each([
    ['revoked', 403, 'COLLECTOR_REFUSED'],
    ['another protocol', 426, 'PROTOCOL_MISMATCH'],
  ])('%s: said once, tried slowly, and kept', async (_, status, code) => {
    await using agent = await setUp({ retryMs: 60_000 })
    agent.collector.mischief = () => ({ kind: 'answer', status })
    await agent.spool.append(numbered(1, 8))
    agent.start()
    await until(() => agent.counters.failedDeliveries > 3)
    expect(agent.lines).toMatchObject([{ level: 'error', fields: { code } }])
    expect(agent.spool.depth()).toBe(8)
  })
})

describe('waiting', () => {
  test('doubles up to half a minute, and is never the same for all', () => {
    const waits = Array.from({ length: 12 }, (_, index) => backoffMs(index + 1, deliveryPace, 1))
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000])
    expect(backoffMs(3, deliveryPace, 0)).toBe(500)
    expect(backoffMs(5000, deliveryPace, 0.5)).toBe(22_500)
  })

  test('ends at once when the collector is reached otherwise', async () => {
    await using agent = await setUp({ retryMs: 1e6, retryCapMs: 1e6 })
    agent.collector.mischief = first(1, { kind: 'cut-before' })
    await agent.spool.append(numbered(1, 1))
    agent.start()
    await until(() => agent.counters.failedDeliveries === 1)
    agent.nudge()
    await until(isEmpty(agent.spool))
  })

  test('ends at once when the agent stops', async () => {
    const agent = await setUp({ retryMs: 1e6, retryCapMs: 1e6, lingerMs: 1e6 })
    agent.collector.mischief = () => ({ kind: 'cut-before' })
    await agent.spool.append(numbered(1, 1))
    agent.start()
    await until(() => agent.counters.failedDeliveries === 1)
    await agent[Symbol.asyncDispose]()
    expect(agent.spool.depth()).toBe(1)
  })
})

describe('the last delivery', () => {
  test('sends all that waits', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 120))
    await drain(agent.options, new AbortController().signal)
    expect(storedIn(agent.collector)).toEqual(numbered(1, 120))
  })

  test('ends at the first failure', async () => {
    await using agent = await setUp()
    await agent.spool.append(numbered(1, 120))
    agent.collector.mischief = () => ({ kind: 'cut-before' })
    await drain(agent.options, new AbortController().signal)
    expect(agent.spool.depth()).toBe(120)
    expect(agent.collector.seen.length).toBe(1)
  })
})

const anyMischief: fc.Arbitrary<Mischief> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'none' as const }) },
  fc.constantFrom<Mischief>(
    { kind: 'cut-before' },
    { kind: 'cut-after' },
    { kind: 'answer', status: 413 },
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 403 },
    { kind: 'answer', status: 200, body: 'a captive portal' },
  ),
)

test('exactly once, in order, whatever collector and link do', async () => {
  await using agent = await setUp({ batch: { observations: 7, bytes: 1_000_000 } })
  let sent = 0
  const step = fc.record({
    mischief: fc.array(anyMischief, { maxLength: 12 }),
    count: fc.integer({ min: 0, max: 30 }),
  })
  agent.start()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      for (const { mischief, count } of steps) {
        const queue = [...mischief]
        agent.collector.mischief = (request) => {
          const next = queue.shift() ?? { kind: 'none' }
          // One alone always fits.
          const fits = request.url !== '/v1/batches' || bodyOf(request).observations.length < 2
          return next.kind === 'answer' && next.status === 413 && fits ? { kind: 'none' } : next
        }
        await agent.spool.append(numbered(sent + 1, count))
        sent += count
        await until(() => queue.length === 0 || agent.spool.depth() === 0)
      }
      await until(isEmpty(agent.spool))
    }),
    { numRuns: 40 },
  )
  expect(storedIn(agent.collector)).toEqual(numbered(1, sent))
})

test('a bug is not waited out', async () => {
  const agent = await setUp()
  await agent.spool.append([observation()])
  const broken = { ...agent.options.uplink, deliver: () => Promise.reject(new TypeError('a bug')) }
  await expect(deliver({ ...agent.options, uplink: broken }, new AbortController().signal)).rejects.toThrow(
    'a bug',
  )
  await agent[Symbol.asyncDispose]()
})

test('reports as often as the collector asks', async () => {
  await using agent = await setUp({ heartbeatMs: 100_000 })
  const body = JSON.stringify({ acknowledged: 0, heartbeatSeconds: 1 })
  agent.collector.mischief = () => ({ kind: 'answer', status: 200, body })
  agent.start()
  await until(() => agent.collector.seen.length > 2)
  expect(agent.collector.seen.map(({ url }) => url)).toEqual(Array(3).fill('/v1/batches'))
})
