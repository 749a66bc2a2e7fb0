import { describe, expect, test } from 'vitest'
import { revokeAgent } from '../../inventory/agents.ts'
import { newCounters } from '../../src/agent/counters.ts'
import { memorySpool } from '../../src/agent/memory-spool.ts'
import { noPlanCache } from '../../src/agent/plan-cache.ts'
import { agentPace, runAgent } from '../../src/agent/run.ts'
import type { EnvironmentFault } from '../../src/core/fault.ts'
import { enroll, httpUplink, rotateKey } from '../../src/transport/http-client.ts'
import type { Uplink } from '../../src/transport/uplink.ts'
import {
  type Served,
  agentKey,
  batchOf,
  invited,
  job,
  node,
  observation,
  planOf,
  serve,
} from '../collector/support.ts'
import { memoryLog, until } from './observations.ts'
import { type Sweep, answer, probe, registryOf } from './stub-probes.ts'

const never = new AbortController().signal
const nodes = ['n-1', 'n-2', 'n-3']

/** The real collector, with three nodes to be pinged each second. */
const collectorWith = (agent?: Parameters<typeof serve>[0]['agent']) =>
  serve(
    { node: nodes.map((id) => node(id)), ...(agent && { agent }) },
    {
      compile: (inventory) =>
        planOf(
          inventory,
          nodes.map((id) => job(id, { intervalSeconds: 1 })),
        ),
    },
  )

const uplinkTo = ({ running }: Served, key: () => string = () => agentKey, protocolVersion = 1): Uplink =>
  httpUplink({ collector: new URL(running.url), agent: 'a', key, protocolVersion })

const faultOf = (work: Promise<unknown>): Promise<Partial<EnvironmentFault>> =>
  work.then(
    () => ({}),
    (error: unknown) => error as EnvironmentFault,
  )

const sweep: Sweep = async function* (all, context) {
  for (const { id, spec } of all) yield [id, await answer(spec, context), 0.001]
}

test('an invited agent enrols, fetches its plan, and the collector knows what it saw', async () => {
  const { secret, record } = invited({ id: 'a' })
  await using served = await collectorWith([record])
  const collector = new URL(served.running.url)
  const { key, vantage } = await enroll({ collector, agent: 'a', invitation: secret }, never)
  expect(vantage).toBe('public')
  await using uplink = uplinkTo(served, () => key)
  const spool = memorySpool({ maxBytes: 1e8, onDropped: () => undefined })
  const stop = new AbortController()
  const counters = newCounters()
  const running = runAgent({
    uplink,
    spool,
    cache: noPlanCache,
    registry: registryOf(probe('icmp', answer, { sweep })),
    credential: () => undefined,
    clock: Date.now,
    signal: stop.signal,
    concurrency: 4,
    log: memoryLog().log,
    random: Math.random,
    counters,
    pace: { ...agentPace, commitMs: 5, delivery: { ...agentPace.delivery, lingerMs: 5 } },
  })
  await until(() => served.history.sightings().size === 3)
  stop.abort()
  await running
  expect(spool.depth()).toBe(0)
  expect(counters).toMatchObject({ rejectedObservations: 0, failedDeliveries: 0 })
  expect([...served.history.sightings().keys()].toSorted()).toEqual(nodes.map((id) => `${id}/icmp@public`))
})

describe('both sides agree', () => {
  test('that a plan which is the newest is not sent again', async () => {
    await using served = await collectorWith()
    await using uplink = uplinkTo(served)
    const plan = await uplink.plan(undefined, never)
    expect(plan?.jobs.length).toBe(3)
    expect(await uplink.plan(plan?.digest, never)).toBeUndefined()
  })

  test('on what is acknowledged, sent once or twice, or nothing at all', async () => {
    await using served = await collectorWith()
    await using uplink = uplinkTo(served)
    const batch = batchOf(nodes.map((id) => observation(job(id))))
    expect(await uplink.deliver({ ...batch, observations: [] }, never)).toEqual({ acknowledged: 0 })
    for (let time = 0; time < 2; time += 1)
      expect(await uplink.deliver(batch, never)).toEqual({ acknowledged: 3 })
    expect(await uplink.deliver({ ...batch, firstSequence: 4, observations: [] }, never)).toEqual({
      acknowledged: 3,
    })
  })

  test('on an unknown key, a revoked agent, another protocol, what is malformed and what is too large', async () => {
    await using served = await collectorWith()
    await using uplink = uplinkTo(served)
    await using stranger = uplinkTo(served, () => 'wrong')
    await using elder = uplinkTo(served, () => agentKey, 9)
    const heartbeat = batchOf([])
    const malformed = batchOf([observation(job('n-1'), { job: '' })])
    const large = batchOf([observation(job('n-1'), { facts: { text: 'x'.repeat(9_000_000) } })])
    expect(await faultOf(stranger.deliver(heartbeat, never))).toMatchObject({ reason: 'unauthorized' })
    expect(await faultOf(elder.deliver(heartbeat, never))).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(await faultOf(uplink.deliver(malformed, never))).toMatchObject({ reason: 'malformed' })
    expect(await faultOf(uplink.deliver(large, never))).toMatchObject({ reason: 'too-large' })
    const { agent } = await served.store.read()
    const operations = [...agent.values()].map((each) => revokeAgent(each))
    await served.store.change({ actor: 'test', reason: 'test', operations: () => operations })
    expect(await faultOf(uplink.deliver(heartbeat, never))).toMatchObject({ reason: 'unauthorized' })
  })

  test('on a rotated key: the old one is good until the new one is used', async () => {
    await using served = await collectorWith()
    const collector = new URL(served.running.url)
    const fresh = await rotateKey({ collector, agent: 'a', key: () => agentKey }, never)
    await using old = uplinkTo(served)
    await using current = uplinkTo(served, () => fresh)
    await old.plan(undefined, never)
    await current.plan(undefined, never)
    expect(await faultOf(old.plan(undefined, never))).toMatchObject({ reason: 'unauthorized' })
  })
})
