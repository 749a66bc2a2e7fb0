import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SnmpUser } from '../../src/core/credential.ts'
import { keysOf } from '../../probes/snmp/engines.ts'
import { decodeMessage } from '../../probes/snmp/message/incoming.ts'
import { nextSalt } from '../../probes/snmp/message/salt.ts'
import { decodeScoped, decrypt, isAuthentic, seal } from '../../probes/snmp/message/usm.ts'
import * as ber from './snmp-ber.ts'
import { credentials } from './snmp-peers.ts'
import { type Reception, type Speaker, device, engine, receive, speakFrom, until } from './snmp-trap-peers.ts'

const { tags } = ber
const pdus = { inform: 0xa6, trap: 0xa7, response: 0xa2, report: 0xa8 } as const
const router = { v2c: '127.0.0.2', v3: '127.0.0.3' } as const
const remote = Buffer.from('8000000004aabbcc01', 'hex')
const devices = [
  device('v2c', router.v2c, 'community'),
  device('v3', router.v3, 'sha256', { engineId: remote.toString('hex') }),
]
const user = credentials['sha256'] as SnmpUser

const trapVarbinds = (oid = '1.3.6.1.6.3.1.1.5.1', ticks = 100): readonly Buffer[] => [
  ber.varbind('1.3.6.1.2.1.1.3.0', ber.integer(ticks, tags.timeTicks)),
  ber.varbind('1.3.6.1.6.3.1.1.4.1.0', ber.oid(oid)),
]

const v2cTrap = (id: number, varbinds = trapVarbinds(), tag: number = pdus.trap): Buffer =>
  ber.v2c('read-only-word', ber.pdu({ tag, id, varbinds }))

interface Spoken {
  readonly id: number
  readonly boots: number
  readonly time: number
  readonly tag?: number
  readonly engineId?: Buffer
  readonly flags?: number
}

/** A message as the device’s own agent would make it. */
const v3Message = ({ id, boots, time, tag = pdus.trap, engineId = remote, flags = 3 }: Spoken): Buffer => {
  const content = ber.pdu({ tag, id, varbinds: trapVarbinds() })
  const scoped = ber.sequence(ber.octets(engineId), ber.octets(''), content)
  const clock = { engineId, boots, time }
  const keys = keysOf(user, engineId)
  return seal({ id, flags, clock, user: Buffer.from(user.user), keys, salt: nextSalt() }, scoped)
}

const inform = (overrides: Partial<Spoken> = {}): Buffer =>
  v3Message({
    id: 1,
    boots: engine.boots,
    time: 0,
    tag: pdus.inform,
    engineId: engine.engineId,
    flags: 7,
    ...overrides,
  })

const withPeers = async (
  from: string,
  body: (reception: Reception, speaker: Speaker) => Promise<void>,
): Promise<void> => {
  await using speaker = await speakFrom(from)
  await using reception = await receive(devices)
  await body(reception, speaker)
  expect(reception.bugs).toEqual([])
}

const heardV3 = async (speaker: Speaker) => {
  const message = decodeMessage(await speaker.hear())
  if (message?.version !== 'v3') throw new Error('expected a message of v3')
  return message
}

describe('informs of v3', () => {
  test('who asks for our engine in clear is told it, and nothing else', () =>
    withPeers(router.v3, async ({ receiver, taken }, speaker) => {
      const content = ber.scoped(ber.pdu({ tag: 0xa0, id: 5 }))
      await speaker.send(ber.v3({ id: 9, flags: 4, engineId: Buffer.alloc(0), content }), receiver.port)
      const report = await heardV3(speaker)
      expect(report).toMatchObject({ id: 9, flags: 0, clock: engine })
      expect(decodeScoped(report.data)).toMatchObject({
        type: pdus.report,
        id: 5,
        varbinds: [{ oid: '1.3.6.1.6.3.15.1.1.4.0', value: 1 }],
      })
      expect(receiver.dropped()).toEqual({ discovery: 1 })
      expect(taken).toEqual([])
    }))

  test('a stranger is told nothing', () =>
    withPeers('127.0.0.9', async (reception, speaker) => {
      const content = ber.scoped(ber.pdu({ tag: 0xa0, id: 5 }))
      const { port } = reception.receiver
      await speaker.send(ber.v3({ id: 9, flags: 4, engineId: Buffer.alloc(0), content }), port)
      await speaker.send(inform(), port)
      await speaker.send(v2cTrap(1), port)
      await reception.untilDropped('stranger', 3)
      expect(reception.receiver.dropped()).toEqual({ stranger: 3 })
    }))

  test.each([
    { name: 'an earlier boot', boots: engine.boots - 1, time: 0 },
    { name: 'a later boot', boots: engine.boots + 1, time: 0 },
    { name: 'a time far ahead', boots: engine.boots, time: 100_000 },
  ])('$name is outside the window; the Report says the time and is authentic', ({ boots, time }) =>
    withPeers(router.v3, async ({ receiver, taken }, speaker) => {
      await speaker.send(inform({ boots, time }), receiver.port)
      const report = await heardV3(speaker)
      expect(report).toMatchObject({ id: 1, flags: 1, clock: { boots: engine.boots, time: 0 } })
      expect(isAuthentic(report, keysOf(user, engine.engineId))).toBe(true)
      expect(decodeScoped(report.data)).toMatchObject({ varbinds: [{ oid: '1.3.6.1.6.3.15.1.1.2.0' }] })
      expect(receiver.dropped()).toEqual({ time: 1 })
      expect(taken).toEqual([])
    }),
  )

  test('one that comes again is acknowledged again, encrypted, and taken once', () =>
    withPeers(router.v3, async (reception, speaker) => {
      for (const id of [1, 1]) {
        await speaker.send(inform({ id }), reception.receiver.port)
        const answer = await heardV3(speaker)
        expect(answer).toMatchObject({ id, flags: 3, clock: { boots: engine.boots } })
        const keys = keysOf(user, engine.engineId)
        expect(isAuthentic(answer, keys)).toBe(true)
        expect(decrypt(answer, keys)).toMatchObject({ type: pdus.response, id, errorStatus: 0 })
      }
      expect(reception.taken).toMatchObject([{ job: 'v3', facts: { inform: true, name: 'coldStart' } }])
      expect(reception.receiver.dropped()).toEqual({ repeated: 1 })
    }))

  test('a digest of another length, no salt, an inform of the device’s own engine', () =>
    withPeers(router.v3, async (reception, speaker) => {
      const { port } = reception.receiver
      const content = ber.octets(Buffer.alloc(40))
      await speaker.send(ber.v3({ id: 1, flags: 3, engineId: engine.engineId, content }), port)
      await reception.untilDropped('digest')
      const keys = keysOf(user, engine.engineId)
      const clock = { engineId: engine.engineId, boots: engine.boots, time: 0 }
      const salt = Buffer.alloc(8)
      const named = { id: 2, flags: 3, clock, user: Buffer.from(user.user), keys, salt }
      await speaker.send(seal(named, Buffer.from('no scoped PDU')), port)
      await reception.untilDropped('decryption')
      await speaker.send(v3Message({ id: 3, boots: 1, time: 1, tag: pdus.inform }), port)
      await reception.untilDropped('malformed')
      expect(reception.taken).toEqual([])
    }))
})

describe('v2c', () => {
  test('an inform that comes again is acknowledged again and taken once', () =>
    withPeers(router.v2c, async (reception, speaker) => {
      for (let times = 0; times < 2; times += 1) {
        await speaker.send(v2cTrap(-5, trapVarbinds(), pdus.inform), reception.receiver.port)
        const answer = decodeMessage(await speaker.hear())
        expect(answer).toMatchObject({ version: 'v2c', id: -5, pdu: { type: pdus.response, errorStatus: 0 } })
      }
      expect(reception.taken).toHaveLength(1)
    }))

  test('two devices that nothing tells apart get no event of each other', async () => {
    await using speaker = await speakFrom(router.v2c)
    await using reception = await receive([
      device('a', router.v2c, 'community'),
      device('b', router.v2c, 'community', { port: 1161 }),
    ])
    await speaker.send(v2cTrap(1), reception.receiver.port)
    await reception.untilDropped('ambiguous')
    expect(reception.taken).toEqual([])
  })

  test('what a device had counted stays when the plan changes, and goes with the device', async () => {
    await using speaker = await speakFrom(router.v2c)
    await using reception = await receive(devices)
    const { receiver, taken } = reception
    await speaker.send(v2cTrap(1), receiver.port)
    await reception.until(1)
    receiver.follow([device('v2c', router.v2c, 'community'), device('new', '127.0.0.8', 'community')])
    await speaker.send(v2cTrap(2), receiver.port)
    await reception.until(2)
    expect(taken[1]?.facts.received).toEqual({ coldStart: 2 })
    receiver.follow([])
    await speaker.send(v2cTrap(3), receiver.port)
    await reception.untilDropped('stranger')
  })

  test('a device is found by its name, and over IPv6’s view of IPv4', async () => {
    await using speaker = await speakFrom('127.0.0.1')
    await using reception = await receive([device('named', 'localhost', 'community')], '::ffff:127.0.0.1')
    let id = 0
    await until(() => {
      id += 1
      void speaker.send(v2cTrap(id), reception.receiver.port)
      return reception.taken.length > 0
    }, reception.receiver.dropped)
    expect(reception.taken[0]).toMatchObject({ job: 'named' })
  })
})

describe('what a trap may hold', () => {
  const enterprise = '1.3.6.1.4.1.2011.5.25.1'
  const factsOf = async (varbinds: readonly Buffer[]) => {
    await using speaker = await speakFrom(router.v2c)
    await using reception = await receive(devices)
    await speaker.send(v2cTrap(1, varbinds), reception.receiver.port)
    await reception.until(1)
    return reception.taken[0]!.facts
  }

  test('a maker’s own trap is known by its number', async () => {
    expect(await factsOf(trapVarbinds(enterprise))).toMatchObject({
      oid: enterprise,
      enterprise: 2011,
      received: { enterprise: 1 },
    })
    expect(await factsOf(trapVarbinds('1.3.6.1.2.1.47.2.0.1'))).toMatchObject({ received: { other: 1 } })
  })

  test('each kind of value is shown, octets that are no text as numbers', async () => {
    const value = (content: Buffer): Buffer => ber.varbind('1.3.6.1.4.1.1', content)
    const { varbinds } = await factsOf([
      ...trapVarbinds(enterprise),
      value(ber.octets('第七接口')),
      value(ber.octets(Buffer.from('001122aabbcc', 'hex'))),
      value(ber.element(tags.ipAddress, Buffer.from([192, 0, 2, 1]))),
      value(ber.oid('1.3.6.1')),
      value(ber.integer(-5)),
      value(ber.octets('two\r\nlines\u0000')),
      value(ber.octets('')),
    ])
    expect(varbinds.map((each) => each.value)).toEqual([
      '第七接口',
      '0x001122aabbcc',
      '192.0.2.1',
      '1.3.6.1',
      -5,
      'two lines',
      '',
    ])
  })

  test('many and long ones are cut, and that is said', async () => {
    const long = ber.varbind('1.3.6.1.4.1.1', ber.octets('x'.repeat(300)))
    const hex = ber.varbind('1.3.6.1.4.1.2', ber.octets(Buffer.alloc(300, 1)))
    const facts = await factsOf([
      ...trapVarbinds(enterprise),
      hex,
      ...Array.from({ length: 40 }, () => long).slice(0, 20),
    ])
    expect(facts.varbinds[0]?.value).toHaveLength(2 + 128)
    expect(facts.varbinds[1]?.value).toHaveLength(255)
    const many = Array.from({ length: 50 }, (_, at) => ber.varbind(`1.3.6.1.4.1.${at}`, ber.integer(at)))
    expect(await factsOf([...trapVarbinds(enterprise), ...many])).toMatchObject({
      varbindsOmitted: 18,
      varbinds: { length: 32 },
    })
  })

  test.each([
    { name: 'a GET', datagram: v2cTrap(1, trapVarbinds(), 0xa0) },
    { name: 'a Response', datagram: v2cTrap(1, trapVarbinds(), 0xa2) },
    { name: 'a trap that does not say which', datagram: v2cTrap(1, []) },
    { name: 'SNMPv1', datagram: ber.v2c('read-only-word', ber.pdu({ tag: 0xa4, id: 1 }), 0) },
    { name: 'nothing', datagram: Buffer.alloc(0) },
  ])('$name is malformed', ({ datagram }) =>
    withPeers(router.v2c, async (reception, speaker) => {
      await speaker.send(datagram, reception.receiver.port)
      await reception.untilDropped('malformed')
      expect(reception.taken).toEqual([])
    }),
  )

  test('what is longer than any trap is not read', () =>
    withPeers(router.v2c, async (reception, speaker) => {
      await speaker.send(Buffer.alloc(9000, 0x30), reception.receiver.port)
      await reception.untilDropped('tooLong')
    }))
})

/** A program that sends without end. */
const floodFrom = (address: string, port: number): string => `
  const socket = require('node:dgram').createSocket('udp4')
  const more = () => socket.send('flood', ${port}, '127.0.0.1', more)
  socket.bind(0, '${address}', () => { for (let lane = 0; lane < 64; lane += 1) more() })`

/** As many as one device may send at once (`burst`), with what comes by while they are sent. */
const mostAtOnce = 400

describe('too much', () => {
  test('of one device: some are taken, the rest is counted, and another device is heard all the same', async () => {
    await using loud = await speakFrom(router.v2c)
    await using quiet = await speakFrom('127.0.0.4')
    await using reception = await receive([...devices, device('quiet', '127.0.0.4', 'community')])
    const { receiver, taken } = reception
    for (let id = 0; id < 2000; id += 1) await loud.send(v2cTrap(id), receiver.port)
    await quiet.send(v2cTrap(1), receiver.port)
    await until(() => taken.some(({ job }) => job === 'quiet'), receiver.dropped)
    const ofLoud = taken.filter(({ job }) => job === 'v2c').length
    expect(ofLoud).toBeGreaterThanOrEqual(100)
    expect(ofLoud).toBeLessThan(mostAtOnce)
    expect(receiver.dropped()).toEqual({ sourceRate: 2000 - ofLoud })
    expect(reception.bugs).toEqual([])
  })

  test.each(['127.0.0.1', '0.0.0.0', '::'])(
    'at %s, past a rate, nothing is read until a second is over',
    async (host) => {
      await using friend = await speakFrom(router.v2c)
      await using reception = await receive(devices, host)
      const { receiver, taken } = reception
      const flood = spawn(process.execPath, ['-e', floodFrom('127.0.0.9', receiver.port)], {
        stdio: 'inherit',
      })
      const ended = once(flood, 'exit')
      await reception.untilDropped('flood')
      flood.kill()
      await ended
      let id = 0
      await until(() => {
        id += 1
        void friend.send(v2cTrap(id), receiver.port).catch(() => undefined)
        return taken.length > 0
      }, receiver.dropped)
      expect(taken).toMatchObject([{ job: 'v2c' }])
      expect(receiver.dropped().stranger).toBeGreaterThanOrEqual(4999)
      expect(reception.bugs).toEqual([])
    },
  )
})

test('whatever comes, it is counted or taken, and the next trap is heard', async () => {
  const sound = [v2cTrap(1), v3Message({ id: 2, boots: 1, time: 1 }), inform({ id: 3 })]
  const spoiled = fc
    .tuple(
      fc.constantFrom(...sound),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(200),
    )
    .map(([datagram, changes, cut]) => {
      const copy = Buffer.from(datagram)
      for (const [at, octet] of changes) if (at < copy.length) copy[at] = octet
      return copy.subarray(0, copy.length - (cut > 150 ? cut - 150 : 0))
    })
  const garbage = fc.uint8Array({ maxLength: 400 }).map((octets) => Buffer.from(octets))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(garbage, spoiled), { maxLength: 40 }), async (datagrams) => {
      await using speaker = await speakFrom(router.v3)
      await using reception = await receive([...devices, device('both', router.v3, 'community')])
      for (const datagram of datagrams) await speaker.send(datagram, reception.receiver.port)
      await speaker.send(v2cTrap(77, trapVarbinds('1.3.6.1.4.1.1')), reception.receiver.port)
      const isHeard = (): boolean => reception.taken.some(({ facts }) => facts.oid === '1.3.6.1.4.1.1')
      await until(isHeard, reception.receiver.dropped)
      expect(reception.bugs).toEqual([])
      const counted = Object.values(reception.receiver.dropped()).reduce((sum, count) => sum + count, 0)
      expect(counted + reception.taken.length).toBeLessThanOrEqual(datagrams.length + 1)
    }),
    { numRuns: 60 },
  )
})
