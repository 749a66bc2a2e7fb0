import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTrapReceiver } from '../../probes/snmp/trap/index.ts'
import { newCounters } from '../../src/agent/counters.ts'
import { memorySpool } from '../../src/agent/memory-spool.ts'
import { noPlanCache } from '../../src/agent/plan-cache.ts'
import { agentPace, runAgent } from '../../src/agent/run.ts'
import { trapSource } from '../../src/agent/traps.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { httpUplink } from '../../src/transport/http-client.ts'
import * as ber from '../probes/snmp-ber.ts'
import { credentials } from '../probes/snmp-peers.ts'
import { type Speaker, device, engine, speakFrom } from '../probes/snmp-trap-peers.ts'
import { type StubCollector, stubCollector } from '../transport/stub-collector.ts'
import { memoryLog, until } from './observations.ts'
import { job, probe, registryOf } from './stub-probes.ts'

const address = '127.0.0.2'
const spec = { ...device('', address, 'community').spec }
const trapJob = job('snmp-trap', 'd-1', { expect: 'events', spec })

const notification = (id: number, tag = 0xa7): Buffer => {
  const varbinds = [
    ber.varbind('1.3.6.1.2.1.1.3.0', ber.integer(id, ber.tags.timeTicks)),
    ber.varbind('1.3.6.1.6.3.1.1.4.1.0', ber.oid('1.3.6.1.6.3.1.1.5.4')),
  ]
  return ber.v2c('read-only-word', ber.pdu({ tag, id, varbinds }))
}

let collector: StubCollector
let speaker: Speaker
beforeEach(async () => {
  collector = await stubCollector()
  collector.plan = { revision: 7, digest: 'e'.repeat(64), jobs: [trapJob, job('tcp', 'n-1')] }
  speaker = await speakFrom(address)
})
afterEach(async () => {
  await speaker[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

const pace = {
  ...agentPace,
  pollMs: 20,
  commitMs: 10,
  reportMs: 20,
  delivery: { ...agentPace.delivery, lingerMs: 5, retryMs: 5 },
}

/** An agent that listens; its clock stands, so that all that comes comes at once. */
const start = async (append?: () => Promise<void>) => {
  const { log, lines } = memoryLog()
  const receiver = await openTrapReceiver({
    host: '127.0.0.1',
    port: 0,
    engine,
    credential: (name) => credentials[name],
    now: () => 5_000_000,
    onBug: (error) => log('error', String(error)),
  })
  const spool = memorySpool({ maxBytes: 1e8, onDropped: () => undefined })
  const uplink = httpUplink({ collector: collector.url, agent: 'a-1', key: () => 'key' })
  const stop = new AbortController()
  const counters = newCounters()
  const running = runAgent({
    uplink,
    spool: { ...spool, ...(append && { append }) },
    cache: noPlanCache,
    registry: registryOf(probe('tcp')),
    credential: () => undefined,
    clock: Date.now,
    signal: stop.signal,
    concurrency: 4,
    log,
    random: Math.random,
    counters,
    sources: [trapSource(receiver, () => 5_000_000)],
    pace,
  })
  await until(() => lines.some(({ message }) => message === 'plan'))
  return {
    lines,
    counters,
    port: receiver.port,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
      await receiver[Symbol.asyncDispose]()
      await uplink[Symbol.asyncDispose]()
    },
  }
}

const delivered = () => [...collector.stored.values()].flat().filter(({ kind }) => kind === 'snmp-trap')

describe('traps of an agent', () => {
  test('are observations of their job, each at a time of its own, and no round of a schedule', async () => {
    await using agent = await start()
    for (const id of [1, 2, 3]) await speaker.send(notification(id), agent.port)
    await until(() => delivered().length === 3)
    expect(delivered()).toMatchObject(
      [1, 2, 3].map((count, at) => ({
        job: 'd-1/snmp-trap@public',
        target: 'd-1',
        planRevision: 7,
        status: 'up',
        observedAt: 5_000_000 + at,
        facts: { name: 'linkUp', received: { linkUp: count } },
      })),
    )
    await until(() => [...collector.stored.values()].flat().some(({ kind }) => kind === 'tcp'))
    expect(agent.counters).toMatchObject({ internalErrors: 0 })
  })

  test('an inform is acknowledged only when it is in the spool', async () => {
    let isFull = true
    const kept: unknown[] = []
    await using agent = await start(() => {
      if (isFull) return Promise.reject(new EnvironmentFault('DISK_FULL', 'no space left'))
      kept.push('a group')
      return Promise.resolve()
    })
    await speaker.send(notification(4, 0xa6), agent.port)
    const answer = speaker.hear()
    await until(() => agent.lines.some(({ message }) => message.includes('takes no observations')))
    expect(kept).toEqual([])
    isFull = false
    expect((await answer).includes(Buffer.from('read-only-word'))).toBe(true)
    expect(kept).not.toEqual([])
  })

  test('what is not taken is told of, in words', async () => {
    await using agent = await start()
    await using stranger = await speakFrom('127.0.0.9')
    await stranger.send(notification(1), agent.port)
    const counted = (): unknown =>
      agent.lines.find(({ message }) => message === 'counted since the agent started')?.fields['snmp-trap']
    await until(() => counted() !== undefined)
    expect(counted()).toEqual({ 'from an address of no device in the plan': 1 })
  })
})
