import { createHash, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createWriter,
  cursorOver,
  readInteger,
  readUnsigned,
  putInteger,
  tags,
  written,
} from '../../probes/snmp/message/ber.ts'
import { encodeCommunityRequest } from '../../probes/snmp/message/community.ts'
import { type UserMessage, decodeMessage } from '../../probes/snmp/message/incoming.ts'
import { type UserKeys, localizedKey, passwordKey } from '../../probes/snmp/message/keys.ts'
import { putOid, readOid } from '../../probes/snmp/message/oid.ts'
import { pduTags } from '../../probes/snmp/message/pdu.ts'
import {
  decodeScoped,
  decrypt,
  encodeDiscovery,
  encodeUserRequest,
  isAuthentic,
} from '../../probes/snmp/message/usm.ts'
import * as ber from './snmp-ber.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const id = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const part = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const oid = fc
  .tuple(fc.nat(1), fc.nat(39), fc.array(part, { minLength: 1, maxLength: 20 }))
  .map(([first, second, rest]) => [first, second, ...rest].join('.'))

const userMessage = (datagram: Buffer): UserMessage => {
  const message = decodeMessage(datagram)
  if (message?.version !== 'v3') throw new Error('expected a message of v3')
  return message
}

describe('numbers and names', () => {
  test('any OID reads as it was written, as another encoder writes it', () => {
    fc.assert(
      fc.property(oid, (dotted) => {
        const writer = createWriter()
        putOid(writer, dotted)
        expect(written(writer)).toEqual(ber.oid(dotted))
        const cursor = cursorOver(written(writer))
        expect([readOid(cursor), cursor.isSound]).toEqual([dotted, true])
      }),
    )
  })

  test('any number of 31 bits reads as it was written, as another encoder writes it', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (value) => {
        const writer = createWriter()
        putInteger(writer, value)
        expect(written(writer)).toEqual(ber.integer(value))
        expect(readInteger(cursorOver(written(writer)))).toBe(value)
      }),
    )
  })

  test.each([
    ['00', 0],
    ['ff', 255],
    ['ffffffff', 2 ** 32 - 1],
    ['00ffffffff', 2 ** 32 - 1],
    ['00ffffffffffffffff', 2 ** 64],
    ['ffffffffffffffff', 2 ** 64],
    ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['0000000000000001', 1],
    ['01ffffffffffffffff', undefined],
    ['', undefined],
  ])('Counter64 %s is %s', (hex, expected) => {
    const cursor = cursorOver(ber.element(tags.counter64, Buffer.from(hex, 'hex')))
    const value = readUnsigned(cursor, tags.counter64)
    expect(cursor.isSound ? value : undefined).toBe(expected)
  })

  test.each([
    ['-1', 'ff', -1],
    ['a negative one of four octets', '80000000', -(2 ** 31)],
    ['an unsigned one of five', '00ffffffff', 2 ** 32 - 1],
    ['five octets of sign', '01ffffffff', undefined],
    ['nothing', '', undefined],
  ])('INTEGER: %s', (_, hex, expected) => {
    const cursor = cursorOver(ber.element(tags.integer, Buffer.from(hex, 'hex')))
    const value = readInteger(cursor)
    expect(cursor.isSound ? value : undefined).toBe(expected)
  })

  test.each([
    ['has no end', '0603 2b 06 81'],
    ['is empty', '0600'],
    ['has a part of 33 bits', '0607 2b 90 80 80 80 80 00'],
    ['has 129 parts', `0681 80 ${'2b'.repeat(128)}`],
  ])('an OID that %s is none', (_, hex) => {
    const cursor = cursorOver(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    readOid(cursor)
    expect(cursor.isSound).toBe(false)
  })
})

describe('messages', () => {
  test('any bytes are a message or none: nothing is thrown', () => {
    fc.assert(
      fc.property(bytes, (datagram) => {
        expect(['v2c', 'v3', undefined]).toContain(decodeMessage(datagram)?.version)
        decodeScoped(datagram)
      }),
    )
  })

  const sound = [
    ber.v2c('word', ber.pdu({ id: 7, varbinds: [ber.varbind('1.3.6.1', ber.integer(5))] })),
    ber.v3({ id: 7, content: ber.scoped(ber.pdu({ id: 7 })) }),
    ber.v3({ id: 7, flags: 3, content: ber.octets('cipher') }),
  ]

  test('a message cut anywhere is none', () => {
    for (const message of sound)
      for (let length = 0; length < message.length; length += 1)
        expect(decodeMessage(message.subarray(0, length))).toBeUndefined()
  })

  test('a message with any byte changed is a message or none: nothing is thrown', () => {
    for (const message of sound)
      for (let at = 0; at < message.length; at += 1)
        for (const value of [0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
          const changed = Buffer.from(message)
          changed[at] = value
          const decoded = decodeMessage(changed)
          if (decoded?.version === 'v3') decodeScoped(decoded.data)
        }
  })

  const nested = (depth: number): Buffer => (depth === 0 ? ber.sequence() : ber.sequence(nested(depth - 1)))

  test('depth costs nothing: only what a message has is entered', () => {
    const varbinds = [ber.varbind('1.3.6.1', nested(300))]
    expect(decodeMessage(ber.v2c('word', ber.pdu({ id: 1, varbinds })))).toBeUndefined()
  })

  test('values are what another encoder put in', () => {
    const values: readonly (readonly [Buffer, unknown])[] = [
      [ber.integer(-5), -5],
      [ber.integer(4_294_967_295, tags.counter32), 4_294_967_295],
      [ber.octets('eth0'), Buffer.from('eth0')],
      [ber.oid('0.0'), '0.0'],
      [ber.oid('2.100.3'), '2.100.3'],
      [ber.element(tags.ipAddress, Buffer.from([127, 0, 0, 1])), Buffer.from([127, 0, 0, 1])],
      [ber.element(tags.null), undefined],
      [ber.element(0x82), undefined],
    ]
    const varbinds = values.map(([value], at) => ber.varbind(`1.3.6.1.${at}`, value))
    const message = decodeMessage(ber.v2c('word', ber.pdu({ id: 12, status: 5, varbinds })))
    expect(message).toMatchObject({ version: 'v2c', id: 12, pdu: { type: 0xa2, errorStatus: 5 } })
    if (message?.version !== 'v2c') throw new Error('expected v2c')
    expect(message.pdu.varbinds.map(({ oid: name, value }) => [name, value])).toEqual(
      values.map(([, value], at) => [`1.3.6.1.${at}`, value]),
    )
  })

  test('a request of v2c reads as it was written', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        id,
        fc.array(oid, { maxLength: 60 }),
        (word, requestId, oids) => {
          const datagram = encodeCommunityRequest(word, { type: pduTags.get, id: requestId, oids })
          const message = decodeMessage(datagram)
          expect(message).toMatchObject({ id: requestId, community: Buffer.from(word) })
          expect(message?.version === 'v2c' && message.pdu.varbinds.map(({ oid: name }) => name)).toEqual(
            oids,
          )
        },
      ),
    )
  })

  test('a discovery is in clear, to nobody, and may be reported on (RFC 3414 §4)', () => {
    const message = userMessage(encodeDiscovery(77))
    const clock = { engineId: Buffer.alloc(0), boots: 0, time: 0 }
    expect(message).toMatchObject({ id: 77, flags: 4, clock, isEncrypted: false })
    expect(decodeScoped(message.data)).toMatchObject({ type: pduTags.get, varbinds: [] })
  })
})

/** RFC 3414 §A.3.2 and, for SHA-256, what its rules give by another way of calculating. */
const engineId = Buffer.from('000000000000000000000002', 'hex')

describe('keys', () => {
  test('SHA-1 of "maplesyrup" is that of RFC 3414 §A.3.2', () => {
    const key = passwordKey('sha1', 'maplesyrup')
    expect(key.toString('hex')).toBe('9fb5cc0381497b3793528939ff788d5d79145211')
    expect(localizedKey('sha1', key, engineId).toString('hex')).toBe(
      '6695febc9288e36282235fc7151f128497b38f3f',
    )
  })

  test('SHA-256 is the same with another hash (RFC 7860 §9.3)', () => {
    const hash = (data: Buffer): Buffer => createHash('sha256').update(data).digest()
    const key = hash(Buffer.from('maplesyrup'.repeat(104_858)).subarray(0, 2 ** 20))
    expect(passwordKey('sha256', 'maplesyrup')).toEqual(key)
    expect(localizedKey('sha256', key, engineId)).toEqual(hash(Buffer.concat([key, engineId, key])))
  })
})

describe('authPriv', () => {
  const keysOf = (protocol: 'sha1' | 'sha256', password = 'maplesyrup'): UserKeys => {
    const key = localizedKey(protocol, passwordKey(protocol, password), engineId)
    return { protocol, authKey: createSecretKey(key), privKey: createSecretKey(key.subarray(0, 16)) }
  }
  const keys = { sha1: keysOf('sha1'), sha256: keysOf('sha256') }
  const strangers = keysOf('sha256', 'another word')
  const encode = (
    protocol: 'sha1' | 'sha256',
    oids: readonly string[] = ['1.3.6.1'],
    requestId = 5,
  ): Buffer =>
    encodeUserRequest({
      user: 'mon',
      keys: keys[protocol],
      clock: { engineId, boots: 3, time: 1_000_000 },
      salt: Buffer.alloc(8, 9),
      request: { type: pduTags.getBulk, id: requestId, oids, repetitions: 4 },
    })

  test.each(['sha1', 'sha256'] as const)('%s: reads as it was written', (protocol) => {
    fc.assert(
      fc.property(id, fc.array(oid, { minLength: 1, maxLength: 48 }), (requestId, oids) => {
        const message = userMessage(encode(protocol, oids, requestId))
        expect(message).toMatchObject({
          id: requestId,
          flags: 7,
          clock: { engineId, boots: 3, time: 1_000_000 },
          user: Buffer.from('mon'),
          isEncrypted: true,
        })
        expect(isAuthentic(message, keys[protocol])).toBe(true)
        expect(decrypt(message, keys[protocol])?.varbinds.map(({ oid: name }) => name)).toEqual(oids)
      }),
    )
  })

  test('nothing of the request is in the message', () => {
    const oids = ['1.3.6.1.2.1.31.1.1.1.6.123456789']
    expect(encode('sha256', oids).includes(ber.oid(oids[0]!).subarray(2))).toBe(false)
  })

  test.each(['sha1', 'sha256'] as const)(
    '%s: a message with any bit changed is not authentic',
    (protocol) => {
      const message = encode(protocol)
      for (let bit = 0; bit < message.length * 8; bit += 1) {
        const changed = Buffer.from(message)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        const decoded = decodeMessage(changed)
        expect(decoded?.version === 'v3' && isAuthentic(decoded, keys[protocol])).toBe(false)
      }
    },
  )

  test('a message of another key, or of another protocol, is not authentic', () => {
    const message = userMessage(encode('sha256'))
    expect([strangers, keys.sha1].map((other) => isAuthentic(message, other))).toEqual([false, false])
  })

  test('any octets decrypt to a PDU or to nothing: nothing is thrown', () => {
    fc.assert(
      fc.property(bytes, bytes, (data, salt) => {
        const message = { ...userMessage(encode('sha256')), data, salt: salt.subarray(0, 12) }
        expect(() => decrypt(message, keys.sha256)).not.toThrow()
      }),
    )
  })

  test('time and boots are part of the vector: what is moved to another time does not decrypt to the same', () => {
    const message = userMessage(encode('sha256'))
    const moved = { ...message, clock: { ...message.clock, time: message.clock.time + 1 } }
    expect(decrypt(moved, keys.sha256)).not.toEqual(decrypt(message, keys.sha256))
  })
})
