import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { newCounters } from '../../src/agent/counters.ts'
import { openFactFile } from '../../src/agent/fact-file.ts'
import { type ProberOptions, createProber } from '../../src/agent/prober.ts'
import type { Log } from '../../src/core/log.ts'
import type { Observation } from '../../src/core/observation.ts'
import { down, up } from '../../src/core/outcome.ts'
import type { Probe } from '../../src/core/probe.ts'
import type { Job, Plan } from '../../src/plan/plan.ts'
import { temporaryFolder } from '../support/cli.ts'
import { memoryLog, until } from './observations.ts'
import { type Run, type Sweep, answer, job, jobs, probe, registryOf } from './stub-probes.ts'

const planOf = (all: readonly Job[], revision = 7): Plan => ({ revision, digest: 'd'.repeat(64), jobs: all })

const setUp = (probes: readonly Probe[], options: Partial<ProberOptions> = {}) => {
  const observations: Observation[] = []
  const counters = newCounters()
  const { log, lines } = memoryLog()
  const prober = createProber({
    registry: registryOf(...probes),
    credential: () => undefined,
    clock: () => 1000,
    concurrency: 4,
    record: (observation) => void observations.push(observation),
    counters,
    log,
    ...options,
  })
  return { prober, observations, counters, lines }
}

/** A run that waits until it is let go. */
const gate = () => {
  const opened = Promise.withResolvers<undefined>()
  let waiting = 0
  const run: Run = async ({ address }) => {
    waiting += 1
    await opened.promise
    return up({ address })
  }
  return { run, open: () => opened.resolve(undefined), waiting: () => waiting }
}

/** Ends only when it is cancelled. */
const hang: Run = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

const sweepAnswer: Sweep = async function* (all) {
  for (const { id, spec } of all) yield [id, await answer(spec, {} as never), 0.25]
}

test('a run becomes an observation of its job, target and plan', async () => {
  const { prober, observations } = setUp([probe('tcp')])
  const one = job('tcp', 'n-1', { vantage: 'private' })
  prober.start(planOf([one]), [one])
  await until(() => observations.length === 1)
  expect(observations[0]).toEqual({
    job: 'n-1/tcp@public',
    target: 'n-1',
    kind: 'tcp',
    vantage: 'private',
    planRevision: 7,
    status: 'up',
    observedAt: 1000,
    seconds: expect.any(Number) as number,
    facts: { address: 'n-1' },
  })
})

test('a kind that sweeps gets the due jobs in one call', async () => {
  const calls: number[] = []
  const sweep: Sweep = (all, context) => {
    calls.push(all.length)
    return sweepAnswer(all, context)
  }
  const { prober, observations } = setUp([probe('icmp', answer, { sweep }), probe('tcp')])
  const all = [...jobs('icmp', 50), ...jobs('tcp', 3)]
  prober.start(planOf(all), all)
  await until(() => observations.length === 53)
  expect(calls).toEqual([50])
  expect(observations.find(({ kind }) => kind === 'icmp')).toMatchObject({ seconds: 0.25, planRevision: 7 })
})

describe('at once', () => {
  test('no more of a kind than allowed, and all in the end', async () => {
    const { run, open, waiting } = gate()
    const { prober, observations } = setUp([probe('tcp', run)])
    const all = jobs('tcp', 20)
    prober.start(planOf(all), all)
    await until(() => waiting() === 4)
    open()
    await until(() => observations.length === 20)
  })

  test('a slow kind holds up no other', async () => {
    const { run, open } = gate()
    const { prober, observations } = setUp([probe('http', run), probe('tcp')])
    const all = [...jobs('http', 100), ...jobs('tcp', 100)]
    prober.start(planOf(all), all)
    await until(() => observations.length === 100)
    expect(new Set(observations.map(({ kind }) => kind))).toEqual(new Set(['tcp']))
    open()
    await until(() => observations.length === 200)
  })

  test.each([
    ['runs', false],
    ['is swept', true],
  ])('a job that still %s is not started again: the round is counted', async (_, isSwept) => {
    const { run, open } = gate()
    const sweep: Sweep = async function* (all) {
      for (const { id, spec } of all) yield [id, await run(spec, {} as never), 0]
    }
    const { prober, observations, counters } = setUp([probe('tcp', run, isSwept ? { sweep } : {})])
    const all = jobs('tcp', 6)
    for (let round = 0; round < 3; round += 1) prober.start(planOf(all), all)
    expect(counters.overlappedRounds).toBe(12)
    open()
    await until(() => observations.length === 6)
    prober.start(planOf(all), all)
    await until(() => observations.length === 12)
    expect(counters.overlappedRounds).toBe(12)
  })
})

describe('an error of ours', () => {
  const broken = () => {
    throw new TypeError('cannot read properties of undefined')
  }

  test('in a run leaves the target unknown, is counted, and told once with its stack', async () => {
    const { prober, observations, counters, lines } = setUp([probe('tcp', broken)])
    const all = jobs('tcp', 9)
    prober.start(planOf(all), all)
    await until(() => observations.length === 9)
    expect(observations[0]).toMatchObject({ status: 'unknown', cause: 'resource', detail: 'internal error' })
    expect(counters.internalErrors).toBe(9)
    expect(lines).toMatchObject([{ level: 'error', fields: { kind: 'tcp' } }])
    expect(lines[0]?.fields['error']).toContain('prober.test.ts')
  })

  const sweeps: readonly (readonly [string, Sweep])[] = [
    ['throws at once', broken],
    [
      'throws in the middle',
      async function* (all, context) {
        yield* sweepAnswer(all.slice(0, 3), context)
        broken()
      },
    ],
    ['leaves jobs out', (all, context) => sweepAnswer(all.slice(0, 3), context)],
    [
      'answers for others and twice',
      async function* (all, context) {
        yield ['nobody', up({ address: 'x' }), 0]
        yield* sweepAnswer(all, context)
        yield* sweepAnswer(all, context)
      },
    ],
  ]
  test.each(sweeps)('in a sweep that %s: each job has one observation all the same', async (_, sweep) => {
    const { prober, observations } = setUp([probe('icmp', answer, { sweep })])
    const all = jobs('icmp', 9)
    prober.start(planOf(all), all)
    await prober.settle(1000)
    expect(observations.map((each) => each.job).toSorted()).toEqual(all.map(({ id }) => id).toSorted())
    prober.start(planOf(all), all)
  })

  test('in the schema of a kind does not stop the agent', async () => {
    const tcp = probe('tcp')
    const { prober, observations } = setUp([{ ...tcp, bind: broken }])
    const one = job('tcp', 'n-1')
    prober.start(planOf([one]), [one])
    await until(() => observations.length === 1)
    expect(observations[0]).toMatchObject({ status: 'unknown', detail: 'internal error' })
  })
})

test('a sweep that may not open its socket: all its targets are unknown, for want of permission', async () => {
  const sweep: Sweep = () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' })
  }
  const { prober, observations, counters } = setUp([probe('icmp', answer, { sweep })])
  const all = jobs('icmp', 3)
  prober.start(planOf(all), all)
  await until(() => observations.length === 3)
  expect(observations[0]).toMatchObject({ status: 'unknown', cause: 'permission' })
  expect(counters.internalErrors).toBe(0)
})

test.each([
  ['a kind that this agent does not know', job('gopher', 'n-1'), 'knows no probe kind gopher'],
  [
    'options that it does not know',
    job('tcp', 'n-1', { spec: { address: 'x', nu: 1 } }),
    'does not understand',
  ],
])('%s: unknown, and why', async (_, one, detail) => {
  const { prober, observations } = setUp([probe('tcp')])
  prober.start(planOf([one]), [one])
  await until(() => observations.length === 1)
  expect(observations[0]).toMatchObject({ status: 'unknown', cause: 'resource' })
  expect(observations[0]?.detail).toContain(detail)
})

test('a detail fits the wire', async () => {
  const { prober, observations } = setUp([
    probe('tcp', () => Promise.resolve(down('protocol', 'x'.repeat(5000)))),
  ])
  const one = job('tcp', 'n-1')
  prober.start(planOf([one]), [one])
  await until(() => observations.length === 1)
  expect(observations[0]?.detail?.length).toBe(1000)
})

describe('memory', () => {
  const remember: Run = ({ address }, { previous }) =>
    Promise.resolve(up({ address, seen: previous ?? 'nothing' }))

  test.each([
    [true, { address: 'n-1', seen: 'nothing' }],
    [false, 'nothing'],
  ])('a kind that remembers (%s) gets the facts of the last run', async (remembers, seen) => {
    const { prober, observations } = setUp([probe('snmp', remember, { remembers })])
    const one = job('snmp', 'n-1')
    const plan = planOf([one])
    for (let round = 1; round <= 2; round += 1) {
      prober.start(plan, [one])
      await until(() => observations.length === round)
    }
    expect(observations[1]?.facts['seen']).toEqual(seen)
  })

  test('what a look that failed did not see is that of the one before', async () => {
    const looks = [
      up({ address: 'n-1', seen: 1 }),
      down<{ address?: string; seen?: unknown }>('timeout', 'silent', { seen: 2 }),
    ]
    const given: unknown[] = []
    const run: Run = (_, { previous }) => {
      given.push(previous)
      return Promise.resolve(looks[given.length - 1] ?? up({ address: 'n-1' }))
    }
    const { prober, observations } = setUp([probe('snmp', run, { remembers: true })])
    const one = job('snmp', 'n-1')
    const plan = planOf([one])
    for (let round = 1; round <= 3; round += 1) {
      prober.start(plan, [one])
      await until(() => observations.length === round)
    }
    expect(given).toEqual([undefined, { address: 'n-1', seen: 1 }, { address: 'n-1', seen: 2 }])
  })

  test('outlives the prober in a file, which a stopped process leaves whole; without it looks go on', async () => {
    await using folder = await temporaryFolder()
    const file = path.join(folder.path, 'facts.sqlite')
    const [one, other] = [job('snmp', 'n-1'), job('snmp', 'n-2')]
    const lines: string[] = []
    const seenWith = async (plan: Plan, at = file): Promise<readonly unknown[]> => {
      const log: Log = (_, message) => void lines.push(message)
      using lastFacts = openFactFile(at, log)
      const { prober, observations } = setUp([probe('snmp', remember, { remembers: true })], { lastFacts })
      prober.start(plan, plan.jobs)
      await until(() => observations.length === plan.jobs.length)
      return observations.map(({ facts }) => facts['seen'])
    }
    const known = (address: string) => ({ address, seen: 'nothing' })
    expect(await seenWith(planOf([one, other]))).toEqual(['nothing', 'nothing'])
    expect(await seenWith(planOf([one]))).toEqual([known('n-1')])
    expect(await seenWith(planOf([other]))).toEqual(['nothing'])
    const broken = path.join(folder.path, 'broken.sqlite')
    await writeFile(broken, 'no database')
    expect(await seenWith(planOf([one, other]), broken)).toEqual(['nothing', 'nothing'])
    expect(lines).toEqual(['facts of last looks are not kept over a restart'])
  })

  test('ends with the job', async () => {
    const { prober, observations } = setUp([probe('snmp', remember, { remembers: true })])
    const one = job('snmp', 'n-1')
    const plans = [planOf([one]), planOf([]), planOf([one])]
    for (const [index, plan] of plans.entries()) {
      prober.start(plan, plan.jobs)
      await until(() => observations.length === [1, 1, 2][index])
    }
    expect(observations[1]?.facts['seen']).toBe('nothing')
  })
})

describe('the end', () => {
  test('what runs may finish within the grace', async () => {
    const { run, open } = gate()
    const { prober, observations } = setUp([probe('tcp', run)])
    const all = jobs('tcp', 4)
    prober.start(planOf(all), all)
    const settled = prober.settle(60_000)
    open()
    await settled
    expect(observations.length).toBe(4)
  })

  test('what does not is cancelled, and says nothing of its target; what waited is not begun', async () => {
    const { prober, observations, lines } = setUp([probe('tcp', hang)])
    const all = jobs('tcp', 20)
    prober.start(planOf(all), all)
    await prober.settle(20)
    expect(observations).toEqual([])
    expect(lines).toEqual([])
  })

  test('a run that cannot be cancelled does not hold up the agent for ever', async () => {
    const { prober, lines } = setUp([probe('tcp', () => new Promise(() => undefined))])
    const one = job('tcp', 'n-1')
    prober.start(planOf([one]), [one])
    await prober.settle(20)
    expect(lines).toMatchObject([{ level: 'error', fields: { count: 1 } }])
  })
})
