import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newCounters } from '../../src/agent/counters.ts'
import { openSpool } from '../../src/agent/file-spool.ts'
import { agentFiles } from '../../src/agent/identity.ts'
import { filePlanCache } from '../../src/agent/plan-cache.ts'
import { type AgentOptions, agentPace, runAgent } from '../../src/agent/run.ts'
import { up } from '../../src/core/outcome.ts'
import type { Probe } from '../../src/core/probe.ts'
import type { Job, Plan } from '../../src/plan/plan.ts'
import { httpUplink } from '../../src/transport/http-client.ts'
import { type StubCollector, stubCollector } from '../transport/stub-collector.ts'
import { memoryLog, until } from './observations.ts'
import { type Run, type Sweep, answer, jobs, probe, registryOf } from './stub-probes.ts'

let folder = ''
let collector: StubCollector
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yiwang-run-'))
  collector = await stubCollector()
})
afterEach(async () => {
  await collector[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const planOf = (all: readonly Job[], digest = 'e'): Plan => ({
  revision: 1,
  digest: digest.repeat(64),
  jobs: all,
})

const sweep: Sweep = async function* (all, context) {
  for (const { id, spec } of all) yield [id, await answer(spec, context), 0.001]
}

const kinds: readonly Probe[] = [probe('icmp', answer, { sweep }), probe('tcp')]

const pace = {
  ...agentPace,
  pollMs: 20,
  commitMs: 10,
  graceMs: 1000,
  drainMs: 1000,
  delivery: { ...agentPace.delivery, lingerMs: 5, retryMs: 5, retryCapMs: 20, slowRetryMs: 20 },
}

/** An agent on this test's folder; stopping it ends it as SIGTERM would. */
const start = (probes: readonly Probe[] = kinds, more: Partial<AgentOptions> = {}) => {
  const { log, lines } = memoryLog()
  const counters = newCounters()
  const spool = openSpool({
    file: path.join(folder, agentFiles.spool),
    maxBytes: 1e8,
    onDropped: () => undefined,
    log,
  })
  const uplink = httpUplink({ collector: collector.url, agent: 'a-1', key: () => 'key' })
  const stop = new AbortController()
  const running = runAgent({
    uplink,
    spool,
    cache: filePlanCache(folder, log),
    registry: registryOf(...probes),
    credential: () => undefined,
    clock: Date.now,
    signal: stop.signal,
    concurrency: 16,
    log,
    random: Math.random,
    counters,
    pace,
    ...more,
  })
  return {
    spool,
    counters,
    lines,
    running,
    stop: async () => {
      stop.abort()
      await running
      const left = spool.depth()
      await spool[Symbol.asyncDispose]()
      await uplink[Symbol.asyncDispose]()
      return left
    },
  }
}

const storedJobs = (): ReadonlySet<string> =>
  new Set([...collector.stored.values()].flatMap((times) => times.map(({ job }) => job)))

const everythingOnce = (): void => {
  expect([...collector.stored.values()].filter((times) => times.length !== 1)).toEqual([])
  const sequences = [...collector.stored.keys()]
    .map((key) => Number(key.split(' ')[1]))
    .toSorted((a, b) => a - b)
  expect(sequences).toEqual(Array.from(sequences, (_, index) => index + 1))
}

test('an agent fetches its plan, looks at every target, and delivers', async () => {
  collector.plan = planOf([...jobs('icmp', 30), ...jobs('tcp', 5)])
  const agent = start()
  await until(() => storedJobs().size === 35)
  expect(await agent.stop()).toBe(0)
  everythingOnce()
  expect(agent.counters).toMatchObject({ internalErrors: 0, overlappedRounds: 0, droppedObservations: 0 })
})

test('a changed plan is followed without a restart', async () => {
  collector.plan = planOf(jobs('tcp', 2), 'a')
  const agent = start()
  await until(() => storedJobs().size === 2)
  collector.plan = planOf(jobs('icmp', 3), 'b')
  await until(() => storedJobs().size === 5)
  await agent.stop()
  everythingOnce()
})

test('an agent that starts while the link is cut probes by its cached plan, and delivers later', async () => {
  collector.plan = planOf(jobs('tcp', 4))
  const first = start()
  await until(() => storedJobs().size === 4)
  await first.stop()
  const before = collector.stored.size

  collector.mischief = () => ({ kind: 'cut-before' })
  const second = start()
  await until(() => second.spool.depth() >= 8)
  const left = await second.stop()
  expect(left).toBeGreaterThanOrEqual(8)
  expect(collector.stored.size).toBe(before)

  collector.mischief = () => ({ kind: 'none' })
  const third = start()
  await until(() => third.spool.depth() === 0)
  await third.stop()
  expect(collector.stored.size).toBeGreaterThanOrEqual(before + left)
  everythingOnce()
})

test('a stop lets what runs finish, and nothing that was seen is lost', async () => {
  const release = Promise.withResolvers<undefined>()
  let running = 0
  const slow: Run = async ({ address }) => {
    running += 1
    await release.promise
    return up({ address })
  }
  collector.plan = planOf(jobs('http', 3))
  const agent = start([probe('http', slow)])
  await until(() => running === 3)
  const stopped = agent.stop()
  release.resolve(undefined)
  expect(await stopped).toBe(0)
  expect(storedJobs().size).toBe(3)
})

test('what does not finish ends as cancelled and is not reported', async () => {
  let running = 0
  const hang: Run = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      running += 1
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  collector.plan = planOf(jobs('http', 3))
  const agent = start([probe('http', hang)], { pace: { ...pace, graceMs: 10 } })
  await until(() => running === 3)
  expect(await agent.stop()).toBe(0)
  expect(collector.stored.size).toBe(0)
})

test('a collector that fails again and again: exactly once all the same', async () => {
  collector.plan = planOf(jobs('icmp', 40))
  let count = 0
  const mischiefs = ['cut-after', 'none', 'cut-before', 'cut-after'] as const
  collector.mischief = () => ({ kind: mischiefs[(count += 1) % mischiefs.length] ?? 'none' })
  const agent = start()
  await until(() => collector.stored.size >= 120)
  collector.mischief = () => ({ kind: 'none' })
  expect(await agent.stop()).toBe(0)
  everythingOnce()
})

test('a bug in the agent ends it, with all its parts', async () => {
  collector.plan = planOf(jobs('tcp', 2))
  const agent = start(kinds, {
    cache: { load: () => Promise.reject(new TypeError('a bug')), store: () => Promise.resolve() },
  })
  await expect(agent.running).rejects.toThrow('a bug')
  await agent.spool[Symbol.asyncDispose]()
})
