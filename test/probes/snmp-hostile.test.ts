import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { snmp } from '../../probes/snmp/index.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { freeUdpPort, udpPeer } from '../support/peers.ts'
import { sweepWith } from '../support/sweep.ts'
import { heard, patiently } from '../support/patience.ts'
import * as ber from './snmp-ber.ts'
import { addIfTable, addSystem, libraryAgent, secrets, snmpContext } from './snmp-peers.ts'

const { tags } = ber
const community = 'read-only-word'

const look = (port: number, credential: string, timeoutSeconds = 1): Promise<Measurement> =>
  snmp.bind({ address: '127.0.0.1', port, credential, timeoutSeconds, retries: 0 })(snmpContext())

/** Without the deadline of a run about it, which for tiny ones may come first. */
const sweepOne = async (port: number, credential: string, timeoutSeconds: number): Promise<Measurement> => {
  const spec = { address: '127.0.0.1', port, credential, timeoutSeconds, retries: 0 }
  const [result] = await Array.fromAsync(sweepWith(snmp, [{ id: 'only', spec }], snmpContext()))
  return result![1]
}

/** What a peer's answers make of a look; where its silence does, by the words for that. */
const hear = (
  port: number,
  credential: string,
  { cause, detail = '' }: { readonly cause?: string; readonly detail?: string } = {},
): Promise<Measurement> =>
  patiently(
    1,
    (seconds) => look(port, credential, seconds),
    (each) => each.cause === 'timeout' && !(cause === 'timeout' && each.detail?.includes(detail)),
  )

const response = (request: Buffer, varbinds: readonly Buffer[] = [], status = 0): Buffer =>
  ber.v2c(community, ber.pdu({ id: ber.requestId(request), status, varbinds }))

const nothing = ber.element(tags.null)
const report = (request: Buffer, overrides: Partial<ber.V3> = {}, counter = 4): Buffer => {
  const varbinds = [ber.varbind(`1.3.6.1.6.3.15.1.1.${counter}.0`, ber.integer(1, tags.counter32))]
  const content = ber.scoped(ber.pdu({ tag: tags.report, id: 0, varbinds }))
  return ber.v3({ id: ber.messageId(request), content, ...overrides })
}

interface Case {
  readonly name: string
  readonly talk: (request: Buffer) => readonly Buffer[]
  readonly cause?: string
  readonly detail: string
}

const communityPeers: readonly Case[] = [
  { name: 'is silent', talk: () => [], cause: 'timeout', detail: 'no answer' },
  { name: 'sends an empty datagram', talk: () => [Buffer.alloc(0)], detail: 'got other bytes' },
  { name: 'talks HTTP', talk: () => [Buffer.from('HTTP/1.1 200 OK\r\n\r\n')], detail: 'got other bytes' },
  { name: 'echoes', talk: (request) => [request], detail: 'expected a response PDU' },
  {
    name: 'speaks SNMPv1',
    talk: () => [ber.v2c(community, ber.pdu({ id: 1 }), 0)],
    detail: 'got other bytes',
  },
  {
    name: 'answers in v3 with an authentication flag',
    talk: (request) => [
      ber.v3({ id: ber.requestId(request), flags: 1, content: ber.scoped(ber.pdu({ id: 1 })) }),
    ],
    detail: 'expected SNMP v2c, got v3',
  },
  {
    name: 'answers another request',
    talk: (request) => [ber.v2c(community, ber.pdu({ id: ber.requestId(request) + 1 }))],
    cause: 'timeout',
    detail: 'fell silent',
  },
  {
    name: 'answers without end',
    talk: () => Array.from({ length: 100 }, () => ber.v2c(community, ber.pdu({ id: 1 }))),
    detail: 'without end',
  },
  {
    name: 'carries another community',
    talk: (request) => [ber.v2c('other', ber.pdu({ id: ber.requestId(request) }))],
    detail: 'with our community',
  },
  { name: 'has no varbinds', talk: (request) => [response(request)], detail: 'objects that were asked for' },
  { name: 'reports an error', talk: (request) => [response(request, [], 5)], detail: 'genErr' },
  {
    name: 'reports an unheard-of error',
    talk: (request) => [response(request, [], 99)],
    detail: 'error status',
  },
  {
    name: 'sends a value of unknown type',
    talk: (request) => [response(request, [ber.varbind('1.3.6', ber.element(0x7e))])],
    detail: 'malformed',
  },
  {
    name: 'cuts its answer',
    talk: (request) => [response(request, [ber.varbind('1.3.6', nothing)]).subarray(0, 20)],
    detail: 'got other bytes',
  },
  {
    name: 'has an integer of 200 octets',
    talk: (request) => [
      response(request, [ber.varbind('1.3.6', ber.element(tags.integer, Buffer.alloc(200, 7)))]),
    ],
    detail: 'malformed',
  },
]

test.each(communityPeers)(
  'a peer that $name is down: $detail',
  async ({ talk, cause = 'protocol', detail }) => {
    await using peer = await udpPeer(talk)
    const measurement = await hear(peer.port, 'community', { cause, detail })
    expect(measurement).toMatchObject({ status: 'down', cause })
    expect(measurement.detail).toContain(detail)
    expect(secrets.filter((secret) => JSON.stringify(measurement).includes(secret))).toEqual([])
  },
)

/** An agent whose scalars are all missing, so that its answers to GETBULK are what is tried. */
const bulkPeer =
  (bulk: (request: Buffer) => Buffer): Case['talk'] =>
  (request) => {
    const isBulk = ber.children(ber.children(request)[0]!.content)[2]!.tag === 0xa5
    const missing = ['1.1.0', '1.3.0', '1.5.0'].map((rest) =>
      ber.varbind(`1.3.6.1.2.1.${rest}`, ber.element(0x80)),
    )
    const engine = ['2.0', '3.0'].map((rest) => ber.varbind(`1.3.6.1.6.3.10.2.1.${rest}`, ber.element(0x81)))
    return [isBulk ? bulk(request) : response(request, [...missing, ...engine])]
  }

const ifName = '1.3.6.1.2.1.31.1.1.1.1'
const cell = (name: string): Buffer => ber.varbind(name, ber.octets('x'))

const bulkPeers: readonly Case[] = [
  {
    name: 'repeats an OID',
    talk: bulkPeer((request) => response(request, [cell(`${ifName}.7`)])),
    detail: 'do not increase',
  },
  {
    name: 'goes back before the column',
    talk: bulkPeer((request) => response(request, [cell('1.3.6.1.2.1.1.1.0')])),
    detail: 'do not increase',
  },
  {
    name: 'has a row index of two parts',
    talk: bulkPeer((request) => response(request, [cell(`${ifName}.7.1`)])),
    detail: 'row index',
  },
  {
    name: 'says nothing in bulk',
    talk: bulkPeer((request) => response(request)),
    detail: 'GETBULK is empty',
  },
  {
    name: 'finds one cell too big',
    talk: bulkPeer((request) => response(request, [], 1)),
    detail: 'tooBig',
  },
]

test.each(bulkPeers)('an agent that $name is down: $detail', async ({ talk, detail }) => {
  await using peer = await udpPeer(talk)
  const measurement = await hear(peer.port, 'community')
  expect(measurement).toMatchObject({ status: 'down', cause: 'protocol', facts: { version: 'v2c' } })
  expect(measurement.detail).toContain(detail)
})

test('an agent without system group and interfaces is up', async () => {
  const ends = Array.from({ length: 8 }, () => ber.varbind(ifName, ber.element(0x82)))
  await using peer = await udpPeer(bulkPeer((request) => response(request, ends)))
  expect(await hear(peer.port, 'community')).toMatchObject({
    status: 'up',
    facts: { interfaces: [], interfacesTruncated: false, restarted: false },
  })
})

/** An engine that tells who it is, and then answers like this. */
const afterDiscovery =
  (answer: (request: Buffer) => Buffer): Case['talk'] =>
  (request) => {
    const isEncrypted = ber.children(ber.children(request)[0]!.content)[3]!.tag === tags.octets
    return [isEncrypted ? answer(request) : report(request)]
  }

const userPeers: readonly Case[] = [
  { name: 'is silent', talk: () => [], cause: 'timeout', detail: 'no answer' },
  {
    name: 'reports without end that it is another',
    talk: (request) => [report(request, { boots: 0, time: 0 })],
    detail: 'usmStatsUnknownEngineIDs',
  },
  {
    name: 'reports without end that our time is another',
    talk: (request) => [report(request, { boots: 0, time: 0 }, 2)],
    detail: 'usmStatsNotInTimeWindows',
  },
  {
    name: 'reports what nobody knows',
    talk: (request) => [report(request, {}, 99)],
    detail: 'a Report of another kind',
  },
  {
    name: 'reports without an engine id',
    talk: (request) => [report(request, { engineId: Buffer.alloc(0) })],
    detail: 'expected a Report with an engine id',
  },
  {
    name: 'has an engine id of 200 octets',
    talk: (request) => [report(request, { engineId: Buffer.alloc(200, 1) })],
    detail: 'malformed',
  },
  {
    name: 'has booted more often than can be written',
    talk: (request) => [report(request, { boots: 2 ** 40 })],
    detail: 'malformed',
  },
  {
    name: 'has booted a negative number of times',
    talk: (request) => [report(request, { boots: -1 })],
    detail: 'malformed',
  },
  {
    name: 'answers in clear',
    talk: afterDiscovery((request) =>
      ber.v3({
        id: ber.messageId(request),
        content: ber.scoped(ber.pdu({ id: 1, varbinds: [cell('1.3.6.1')] })),
      }),
    ),
    detail: 'got one in clear',
  },
  {
    name: 'answers encrypted but not authenticated',
    talk: afterDiscovery((request) =>
      ber.v3({ id: ber.messageId(request), flags: 2, content: ber.octets('cipher') }),
    ),
    detail: 'got one in clear',
  },
  {
    name: 'answers with a cipher that is none',
    talk: afterDiscovery((request) =>
      ber.v3({ id: ber.messageId(request), flags: 3, content: ber.octets('cipher') }),
    ),
    detail: 'our key’s authentication',
  },
  {
    name: 'has another engine id in its answers',
    talk: afterDiscovery((request) =>
      ber.v3({
        id: ber.messageId(request),
        flags: 3,
        engineId: Buffer.from('other'),
        content: ber.octets('x'),
      }),
    ),
    detail: 'same engine',
  },
  { name: 'speaks v2c', talk: () => [ber.v2c('x', ber.pdu({ id: 1 }))], detail: 'expected SNMP v3, got v2c' },
]

test.each(userPeers)(
  'a v3 peer that $name is down: $detail',
  async ({ talk, cause = 'protocol', detail }) => {
    await using peer = await udpPeer(talk)
    const measurement = await hear(peer.port, 'sha256', { cause, detail })
    expect(measurement).toMatchObject({ status: 'down', cause })
    expect(measurement.detail).toContain(detail)
    expect(secrets.filter((secret) => JSON.stringify(measurement).includes(secret))).toEqual([])
  },
)

test('an answer whose authentication was stripped on the way is refused', async () => {
  using agent = await libraryAgent()
  const relay = relayTo(agent.port)
  await using peer = await udpPeer(async (request) => {
    const answer = await relay.ask(request)
    const isAnswerToUser = ber.children(ber.children(request)[0]!.content)[3]!.tag === tags.octets
    const clear = ber.scoped(ber.pdu({ id: 1, varbinds: [] }))
    return [isAnswerToUser ? ber.v3({ id: ber.messageId(request), content: clear }) : answer]
  })
  expect((await hear(agent.port, 'sha256')).status).toBe('up')
  expect(await hear(peer.port, 'sha256')).toMatchObject({ status: 'down', cause: 'protocol' })
  relay.close()
})

interface Relay {
  readonly ask: (request: Buffer) => Promise<Buffer>
  readonly close: () => void
}

const relayTo = (port: number): Relay => {
  const socket = dgram.createSocket('udp4')
  return {
    ask: async (request) => {
      socket.send(request, port, '127.0.0.1')
      const [answer] = (await once(socket, 'message')) as [Buffer]
      return answer
    },
    close: () => socket.close(),
  }
}

/** What an agent’s answer can become on the way: bytes changed, cut off, or put in front and behind. */
const damage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
  cut: fc.option(fc.nat(), { freq: 4, nil: undefined }),
  behind: fc.uint8Array({ maxLength: 8 }),
})

type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never

const damaged = (answer: Buffer, { changes, cut, behind }: Damage): Buffer => {
  const bytes = Buffer.from(answer)
  for (const [at, value] of changes) bytes[at % bytes.length] = value
  return Buffer.concat([bytes.subarray(0, cut === undefined ? bytes.length : cut % bytes.length), behind])
}

test.each(['community', 'sha256'])(
  'damaged answers (%s) never do more than fail the look',
  async (credential) => {
    using agent = await libraryAgent()
    addSystem(agent.mib, { sysDescr: 'router', sysUpTime: 100, sysName: 'r1' })
    addIfTable(agent.mib, [{ index: 1, descr: 'eth0' }])
    const relay = relayTo(agent.port)
    let harm: Damage
    await using peer = await udpPeer(async (request) => [damaged(await relay.ask(request), harm)])
    await fc.assert(
      fc.asyncProperty(damage, async (next) => {
        harm = next
        const { status, cause } = await sweepOne(peer.port, credential, 0.03)
        expect([status, cause]).toBeOneOf([
          ['up', undefined],
          ['down', 'protocol'],
          ['down', 'timeout'],
        ])
      }),
      { numRuns: 150 },
    )
    relay.close()
  },
)

test('random datagrams never do more than fail the look', async () => {
  let noise = Buffer.alloc(0)
  await using peer = await udpPeer(() => [noise])
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 1500 }), async (bytes) => {
      noise = Buffer.from(bytes)
      const measurement = await heard(0.03, 'protocol', (seconds) =>
        sweepOne(peer.port, 'community', seconds),
      )
      expect(measurement).toMatchObject({
        status: 'down',
        cause: 'protocol',
      })
    }),
    { numRuns: 100 },
  )
})

test('a closed port is down: refused', async () => {
  const port = await freeUdpPort()
  expect(await hear(port, 'community')).toMatchObject({ status: 'down', cause: 'refused' })
  expect(await hear(port, 'sha256')).toMatchObject({ status: 'down', cause: 'refused' })
})

test('a cancelled run is unknown, before and during the wait', async () => {
  const controller = new AbortController()
  await using peer = await udpPeer(() => {
    controller.abort(new Error('shutdown'))
    return []
  })
  const run = snmp.bind({ address: '127.0.0.1', port: peer.port, credential: 'community' })
  for (let round = 0; round < 2; round += 1)
    expect(await run(snmpContext({ signal: controller.signal }))).toMatchObject({
      status: 'unknown',
      cause: 'cancelled',
    })
})

test('without the credential the look is unknown, and its name is said', async () => {
  const measurement = await look(161, 'of-nobody')
  expect(measurement).toMatchObject({ status: 'unknown', cause: 'credential' })
  expect(measurement.detail).toContain('"of-nobody"')
  expect(await look(161, 'bearer')).toMatchObject({ status: 'unknown', cause: 'credential' })
})

test('a run that is cancelled in its wait leaves neither socket nor timer: the process ends by itself', async () => {
  const script = `
    import dgram from 'node:dgram'
    const { snmp } = await import(${JSON.stringify(new URL('../../probes/snmp/index.ts', import.meta.url).href)})
    const controller = new AbortController()
    const silent = dgram.createSocket('udp4')
    silent.once('message', () => setImmediate(() => controller.abort(new Error('stop'))))
    silent.bind(0, '127.0.0.1', async () => {
      const { port } = silent.address()
      const run = snmp.bind({ address: '127.0.0.1', port, credential: 'c', timeoutSeconds: 100 })
      const community = { kind: 'snmp-community', community: 'word' }
      const { status } = await run({ signal: controller.signal, now: Date.now, credential: () => community })
      console.log(status)
      silent.close()
    })`
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 20_000 })
  expect(stdout.trim()).toBe('unknown')
})
