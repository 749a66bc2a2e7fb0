import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import net from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { type HttpUplinkOptions, enroll, httpUplink, rotateKey } from '../../src/transport/http-client.ts'
import { CollectorRefusal } from '../../src/transport/refusal.ts'
import type { Batch } from '../../src/transport/wire.ts'
import { numbered } from '../agent/observations.ts'
import { type CertificateWorkshop, type KeyPair, certificateWorkshop } from '../support/certificates.ts'
import { requires } from '../support/services.ts'
import { type StubCollector, emptyPlan, stubCollector } from './stub-collector.ts'

const never = new AbortController().signal

const uplinkTo = (collector: URL, options: Partial<HttpUplinkOptions> = {}) =>
  httpUplink({ collector, agent: 'a-1', key: () => 'secret-key', ...options })

const batchOf = (count: number): Batch => ({
  stream: randomUUID(),
  firstSequence: 1,
  sentAt: 1,
  spooled: 0,
  observations: [...numbered(1, count)] as Batch['observations'],
})

const faultOf = async (work: Promise<unknown>): Promise<EnvironmentFault> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof EnvironmentFault) return error
  throw new Error('expected a fault', { cause: error })
}

describe('what is sent', () => {
  test('a batch goes packed, with agent, key and protocol', async () => {
    await using collector = await stubCollector()
    await using uplink = uplinkTo(collector.url)
    const batch = batchOf(3)
    expect(await uplink.deliver(batch, never)).toEqual({ acknowledged: 3 })
    expect(collector.batches).toEqual([batch])
    expect(collector.seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/batches',
      headers: {
        authorization: 'Bearer a-1.secret-key',
        'content-encoding': 'gzip',
        'content-type': 'application/json',
        'yiwang-protocol': '1',
      },
    })
  })

  test('the key is asked for each time', async () => {
    await using collector = await stubCollector()
    let key = 'old'
    await using uplink = uplinkTo(collector.url, { key: () => key })
    await uplink.deliver(batchOf(1), never)
    key = 'new'
    await uplink.deliver(batchOf(1), never)
    expect(collector.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer a-1.old',
      'Bearer a-1.new',
    ])
  })

  test('below a path, where the collector is behind a proxy', async () => {
    await using collector = await stubCollector()
    await using uplink = uplinkTo(new URL('/yiwang', collector.url))
    await faultOf(uplink.deliver(batchOf(1), never))
    expect(collector.seen[0]?.url).toBe('/yiwang/v1/batches')
  })

  test('connections are kept', async () => {
    await using collector = await stubCollector()
    const ports = new Set<number>()
    await using uplink = uplinkTo(collector.url)
    for (let round = 0; round < 5; round += 1) await uplink.deliver(batchOf(1), never)
    for (const { headers } of collector.seen) ports.add(Number(headers['connection'] === 'keep-alive'))
    expect([...ports]).toEqual([1])
  })
})

describe('the plan', () => {
  const job = {
    id: 'n-1/icmp@public',
    target: 'n-1',
    kind: 'icmp',
    spec: { address: '192.0.2.1' },
    intervalSeconds: 30,
    vantage: 'public',
    expect: 'reachable',
  } as const
  const plan: Plan = { revision: 7, digest: 'b'.repeat(64), jobs: [job] }

  test('comes once, and again when it changed', async () => {
    await using collector = await stubCollector()
    await using uplink = uplinkTo(collector.url)
    collector.plan = plan
    expect(await uplink.plan(undefined, never)).toEqual(plan)
    expect(await uplink.plan(plan.digest, never)).toBeUndefined()
    collector.plan = emptyPlan
    expect(await uplink.plan(plan.digest, never)).toEqual(emptyPlan)
  })

  test('is unpacked, and fields of a newer collector are dropped', async () => {
    await using collector = await stubCollector()
    const newer = { ...plan, note: 'x', jobs: [{ ...job, priority: 3 }] }
    const body = gzipSync(JSON.stringify(newer)) as unknown as string
    collector.mischief = () => ({
      kind: 'answer',
      status: 200,
      body,
      headers: { 'content-encoding': 'gzip' },
    })
    await using uplink = uplinkTo(collector.url)
    expect(await uplink.plan(undefined, never)).toEqual(plan)
  })

  test.each([
    ['no JSON', '<html>'],
    ['another shape', '{"jobs":[]}'],
    ['a job without a kind', JSON.stringify({ ...plan, jobs: [{ ...job, kind: '' }] })],
  ])('that is %s is no answer', async (_, body) => {
    await using collector = await stubCollector()
    collector.mischief = () => ({ kind: 'answer', status: 200, body })
    await using uplink = uplinkTo(collector.url)
    expect((await faultOf(uplink.plan(undefined, never))).code).toBe('COLLECTOR_UNREACHABLE')
  })
})

describe('faults', () => {
  test.each([
    [400, 'COLLECTOR_REFUSED', 'malformed'],
    [401, 'COLLECTOR_REFUSED', 'unauthorized'],
    [403, 'COLLECTOR_REFUSED', 'unauthorized'],
    [404, 'COLLECTOR_REFUSED', 'other'],
    [413, 'COLLECTOR_REFUSED', 'too-large'],
    [422, 'COLLECTOR_REFUSED', 'malformed'],
    [426, 'PROTOCOL_MISMATCH', undefined],
    [302, 'COLLECTOR_UNREACHABLE', undefined],
    [429, 'COLLECTOR_UNREACHABLE', undefined],
    [500, 'COLLECTOR_UNREACHABLE', undefined],
    [507, 'COLLECTOR_UNREACHABLE', undefined],
  ])('%i is %s %s, with the collector’s words on one line', async (status, code, reason) => {
    await using collector = await stubCollector()
    collector.mischief = () => ({
      kind: 'answer',
      status,
      body: JSON.stringify({ error: 'because\r\n\u001b[31mso' }),
    })
    await using uplink = uplinkTo(collector.url)
    const fault = await faultOf(uplink.deliver(batchOf(1), never))
    expect([fault.code, fault instanceof CollectorRefusal ? fault.reason : undefined]).toEqual([code, reason])
    expect(fault.message).toContain(`answered ${status}: because [31mso`)
    expect(fault.message).not.toContain('secret-key')
  })

  test('another protocol: the versions of both are told', async () => {
    await using collector = await stubCollector()
    collector.mischief = () => ({
      kind: 'answer',
      status: 426,
      body: 'no',
      headers: { 'yiwang-protocol': '3' },
    })
    await using uplink = uplinkTo(collector.url)
    expect((await faultOf(uplink.plan(undefined, never))).message).toContain(
      'it speaks protocol 3, this agent 1',
    )
  })

  const peer = async (talk: (socket: net.Socket) => void) => {
    const sockets = new Set<net.Socket>()
    const server = net.createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      talk(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    return {
      url: new URL(`http://127.0.0.1:${port}`),
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy()
        server.close()
        await once(server, 'close')
      },
    }
  }

  test.each([
    ['hangs up', (socket: net.Socket) => void socket.destroy()],
    ['talks garbage', (socket: net.Socket) => void socket.end('SSH-2.0-nothing\r\n\r\n')],
    [
      'sends an answer without end',
      (socket: net.Socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const more = (): void => {
          if (socket.writable) socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`, more)
        }
        more()
      },
    ],
  ])('a peer that %s is unreachable', async (_, talk) => {
    await using server = await peer(talk)
    await using uplink = uplinkTo(server.url)
    expect((await faultOf(uplink.deliver(batchOf(1), never))).code).toBe('COLLECTOR_UNREACHABLE')
  })

  test('nobody there is unreachable', async () => {
    const server = await peer(() => undefined)
    await server[Symbol.asyncDispose]()
    await using uplink = uplinkTo(server.url)
    const fault = await faultOf(uplink.deliver(batchOf(1), never))
    expect(fault).toMatchObject({
      code: 'COLLECTOR_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  test('a bomb is not unpacked', async () => {
    await using collector = await stubCollector()
    const body = gzipSync(Buffer.alloc(10_000_000)) as unknown as string
    collector.mischief = () => ({
      kind: 'answer',
      status: 200,
      body,
      headers: { 'content-encoding': 'gzip' },
    })
    await using uplink = uplinkTo(collector.url)
    expect((await faultOf(uplink.deliver(batchOf(1), never))).code).toBe('COLLECTOR_UNREACHABLE')
  })

  test('the signal ends a wait, with its own reason', async () => {
    const asked = Promise.withResolvers<undefined>()
    await using server = await peer(() => asked.resolve(undefined))
    await using uplink = uplinkTo(server.url)
    const stop = new AbortController()
    const waiting = uplink.deliver(batchOf(1), stop.signal)
    await asked.promise
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
  })
})

describe('whom it talks to', () => {
  test.each([
    'http://collector.example.cn',
    'http://192.0.2.1:9410',
    'ftp://127.0.0.1',
    'https://user:pass@collector.example.cn',
    'http://127.0.0.1.example.cn',
  ])('%s is refused', (url) => {
    expect(() => uplinkTo(new URL(url))).toThrow(UsageFault)
  })

  test.each([
    'http://127.0.0.1:1',
    'http://127.8.9.10',
    'http://localhost:1',
    'http://[::1]:1',
    'https://collector.example.cn',
  ])('%s is fine', async (url) => {
    await using uplink = uplinkTo(new URL(url))
    expect(uplink).toBeDefined()
  })
})

describe('enrolment', () => {
  test('trades an invitation for a key', async () => {
    await using collector = await stubCollector()
    const options = { collector: collector.url, agent: 'a-1', invitation: 'inv' }
    expect(await enroll(options, never)).toEqual({ agent: 'a-1', key: 'key-1', vantage: 'public' })
    expect(JSON.parse(collector.seen[0]?.body ?? '')).toEqual({ agent: 'a-1', invitation: 'inv' })
    expect(collector.seen[0]?.headers.authorization).toBeUndefined()
  })

  test('a new key is asked for with the old one', async () => {
    await using collector = await stubCollector()
    expect(await rotateKey({ collector: collector.url, agent: 'a-1', key: () => 'key-1' }, never)).toBe(
      'key-2',
    )
    expect(collector.seen[0]?.headers.authorization).toBe('Bearer a-1.key-1')
  })

  test('a refusal is told in the collector’s words', async () => {
    await using collector = await stubCollector()
    collector.mischief = () => ({
      kind: 'answer',
      status: 403,
      body: '{"error":"the invitation expired","suggestion":"invite again"}',
    })
    const fault = await faultOf(enroll({ collector: collector.url, agent: 'a-1', invitation: 'inv' }, never))
    expect(fault.message).toContain('the invitation expired')
    expect(fault.suggestion).toBe('invite again')
  })
})

describe.skipIf(requires('openssl').skip)('TLS', () => {
  let workshop: CertificateWorkshop
  let authority: KeyPair
  let leaf: KeyPair
  let collector: StubCollector
  beforeAll(async () => {
    workshop = await certificateWorkshop()
    authority = await workshop.issue({ commonName: 'own CA', isAuthority: true })
    leaf = await workshop.issue({ commonName: 'collector', names: 'IP:127.0.0.1' }, authority)
    collector = await stubCollector(leaf)
  })
  afterAll(async () => {
    await collector[Symbol.asyncDispose]()
    await workshop[Symbol.asyncDispose]()
  })

  test('a collector whose certificate the pinned CA signed is talked to', async () => {
    await using uplink = uplinkTo(collector.url, { ca: authority.cert })
    expect(await uplink.deliver(batchOf(2), never)).toEqual({ acknowledged: 2 })
  })

  test('another CA’s is not, and nothing is sent', async () => {
    const other = await workshop.issue({ commonName: 'another CA', isAuthority: true })
    const before = collector.seen.length
    await using uplink = uplinkTo(collector.url, { ca: other.cert })
    const fault = await faultOf(uplink.deliver(batchOf(1), never))
    expect(fault.code).toBe('COLLECTOR_UNREACHABLE')
    expect(fault.suggestion).toContain('CA certificate')
    expect(collector.seen.length).toBe(before)
  })

  test('a certificate for another name is not taken', async () => {
    const wrong = await workshop.issue({ commonName: 'x', names: 'DNS:other.example.cn' }, authority)
    await using other = await stubCollector(wrong)
    await using uplink = uplinkTo(other.url, { ca: authority.cert })
    expect((await faultOf(uplink.deliver(batchOf(1), never))).code).toBe('COLLECTOR_UNREACHABLE')
  })
})
