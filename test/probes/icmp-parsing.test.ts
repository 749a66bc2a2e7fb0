import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatWords, isSame, parseAddress, readWords } from '../../probes/icmp/address.ts'
import { type Due, push, remove } from '../../probes/icmp/agenda.ts'
import { findControl, readExtendedError, readTimestamp } from '../../probes/icmp/control.ts'
import { type Framing, readMessage, readRequest } from '../../probes/icmp/messages.ts'
import { onesSum, writeEchoRequest } from '../../probes/icmp/packet.ts'
import { createSlots, find, occupy, release } from '../../probes/icmp/slots.ts'

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const framings: readonly Framing[] = ['ip4', 'icmp4', 'icmp6']
const uint16 = fc.integer({ min: 0, max: 0xffff })
const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
const tag = fc.record({
  ownerHigh: int32,
  ownerLow: int32,
  serial: fc.integer({ min: 0, max: 0xffff_ffff }),
  number: uint16,
})
const sizeBytes = 56
const echoBytes = 8 + sizeBytes

/** An echo request as the engine sends it, with the filler of its slot. */
const requestOf = (family: 4 | 6, written: Parameters<typeof writeEchoRequest>[2]): Uint8Array => {
  const bytes = Uint8Array.from({ length: echoBytes }, (_, index) => (index - 8) & 0xff)
  writeEchoRequest(viewOf(bytes), 0, { ...written, family })
  return bytes
}

const withChecksum = (bytes: Uint8Array): Uint8Array => {
  const view = viewOf(bytes)
  view.setUint16(2, 0)
  view.setUint16(2, ~onesSum(view, 0, bytes.length) & 0xffff)
  return bytes
}

const target4 = [10, 1, 2, 3]
const target6 = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]

const ip4Packet = (payload: Uint8Array, options = 0): Uint8Array => {
  const header = new Uint8Array(20 + options * 4)
  header[0] = 0x45 + options
  header[9] = 1
  header.set(target4, 16)
  return Uint8Array.from([...header, ...payload])
}

const ip6Packet = (payload: Uint8Array, isFragment: boolean): Uint8Array => {
  const header = new Uint8Array(40)
  header[0] = 0x60
  header[6] = isFragment ? 44 : 58
  header.set(target6, 24)
  return Uint8Array.from([...header, ...(isFragment ? [58, 0, 0, 1, 0, 0, 0, 7] : []), ...payload])
}

const replyOf = (family: 4 | 6, request: Uint8Array): Uint8Array => {
  const reply = Uint8Array.from(request)
  reply[0] = family === 4 ? 0 : 129
  return withChecksum(reply)
}

const errorOf = (type: number, code: number, quoted: Uint8Array): Uint8Array =>
  withChecksum(Uint8Array.from([type, code, 0, 0, 0, 0, 0x05, 0x00, ...quoted]))

const arbitraryRequest = fc.record({ tag, identifier: uint16, sequence: uint16 })

describe('messages from the network', () => {
  test.each(framings)('%s: arbitrary bytes are read without throwing', (framing) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), fc.boolean(), (bytes, length, isWhole) => {
        readMessage(framing, viewOf(bytes), length, isWhole)
      }),
      { numRuns: 2000 },
    )
  })

  test.each(framings)('%s: arbitrary bytes behind a header that promises more', (framing) => {
    const starts = [[0x4f], [0x45, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0], [3, 1], [129], [1, 0], [2, 0]]
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 120 }), (start, rest) => {
        readMessage(framing, viewOf(Uint8Array.from([...start, ...rest])), 300, false)
      }),
      { numRuns: 2000 },
    )
  })

  test('a reply brings the tag back', () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.nat(10), ({ tag, identifier, sequence }, options) => {
        const request = requestOf(4, { ...tag, family: 4, identifier, sequence, sizeBytes })
        const packet = ip4Packet(replyOf(4, request), options)
        const message = readMessage('ip4', viewOf(packet), packet.length, true)
        expect(message).toEqual({ kind: 'reply', tag })
      }),
    )
  })

  test('a request is written with its right checksum, whatever its size', () => {
    fc.assert(
      fc.property(
        arbitraryRequest,
        fc.integer({ min: 16, max: 2000 }),
        ({ tag, identifier, sequence }, size) => {
          const bytes = Uint8Array.from({ length: 8 + size }, (_, index) => (index - 8) & 0xff)
          writeEchoRequest(viewOf(bytes), 0, { ...tag, family: 4, identifier, sequence, sizeBytes: size })
          expect(onesSum(viewOf(bytes), 0, bytes.length)).toBe(0xffff)
        },
      ),
    )
  })

  test('a reply in which one bit is wrong is not believed', () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.nat(echoBytes * 8 - 1), ({ tag, identifier, sequence }, bit) => {
        const reply = replyOf(4, requestOf(4, { ...tag, family: 4, identifier, sequence, sizeBytes }))
        reply[bit >> 3] = (reply[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const packet = ip4Packet(reply)
        expect(readMessage('ip4', viewOf(packet), packet.length, true)).toBeUndefined()
      }),
    )
  })

  test.each([
    { name: 'whole', quotedBytes: echoBytes, hasTag: true },
    { name: 'cut after the tag', quotedBytes: 24, hasTag: true },
    { name: 'cut within the tag', quotedBytes: 23, hasTag: false },
    { name: 'the eight bytes of RFC 792', quotedBytes: 8, hasTag: false },
  ])('an error about a request that it quotes, $name', ({ quotedBytes, hasTag }) => {
    fc.assert(
      fc.property(arbitraryRequest, fc.boolean(), ({ tag, identifier, sequence }, isFragment) => {
        const written = { ...tag, family: 4 as const, identifier, sequence, sizeBytes }
        const quoted4 = ip4Packet(requestOf(4, written).slice(0, quotedBytes))
        const packet4 = ip4Packet(errorOf(3, 4, quoted4))
        const about = { identifier, sequence, ...(hasTag && { tag }) }
        expect(readMessage('ip4', viewOf(packet4), packet4.length, true)).toEqual({
          kind: 'error',
          family: 4,
          type: 3,
          code: 4,
          mtu: 1280,
          about: { ...about, target: readWords(viewOf(Uint8Array.from(target4)), 0, 4) },
        })
        const quoted6 = ip6Packet(requestOf(6, written).slice(0, quotedBytes), isFragment)
        const packet6 = errorOf(2, 0, quoted6)
        expect(readMessage('icmp6', viewOf(packet6), packet6.length, true)).toEqual({
          kind: 'error',
          family: 6,
          type: 2,
          code: 0,
          mtu: 1280,
          about: { ...about, target: readWords(viewOf(Uint8Array.from(target6)), 0, 6) },
        })
      }),
    )
  })

  test.each([
    ['seven bytes of the request', (quoted: Uint8Array) => quoted.slice(0, 27)],
    ['another protocol', (quoted: Uint8Array) => quoted.with(9, 17)],
    ['a later fragment', (quoted: Uint8Array) => quoted.with(7, 1)],
    ['an echo reply', (quoted: Uint8Array) => quoted.with(20, 0)],
  ])('an error that quotes %s says nothing', (_, change) => {
    const written = { ownerHigh: 1, ownerLow: 2, serial: 3, number: 4, family: 4 as const }
    const request = requestOf(4, { ...written, identifier: 5, sequence: 6, sizeBytes })
    const packet = ip4Packet(errorOf(3, 1, change(ip4Packet(request))))
    expect(readMessage('ip4', viewOf(packet), packet.length, true)).toBeUndefined()
  })

  test('a request in the error queue may be cut anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom<4 | 6>(4, 6), (bytes, family) => {
        readRequest(viewOf(bytes), 0, bytes.length, family)
      }),
    )
  })
})

interface Cmsg {
  readonly level: number
  readonly type: number
  readonly data: Uint8Array
}

const encodeCmsg = ({ level, type, data }: Cmsg): Uint8Array => {
  const bytes = new Uint8Array((16 + data.length + 7) & ~7)
  const view = viewOf(bytes)
  view.setBigUint64(0, BigInt(16 + data.length), true)
  view.setInt32(8, level, true)
  view.setInt32(12, type, true)
  bytes.set(data, 16)
  return bytes
}

const concat = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

describe('control messages', () => {
  const cmsg = fc.record({ level: int32, type: int32, data: fc.uint8Array({ maxLength: 40 }) })

  test('arbitrary bytes are read without throwing and without end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), fc.nat(200), (bytes, length) => {
        const view = viewOf(bytes)
        const found = findControl(view, length, { level: view.byteLength, type: 0, bytes: 0 })
        expect(found?.end ?? 0).toBeLessThanOrEqual(bytes.length)
        readTimestamp(view, length)
        readExtendedError(view, length, 4)
        readExtendedError(view, length, 6)
      }),
      { numRuns: 2000 },
    )
  })

  test('each message of a list is found, the first of its kind', () => {
    fc.assert(
      fc.property(fc.array(cmsg, { maxLength: 4 }), (list) => {
        const bytes = concat(list.map(encodeCmsg))
        for (const { level, type } of list) {
          const first = list.find((other) => other.level === level && other.type === type)
          const found = findControl(viewOf(bytes), bytes.length, { level, type, bytes: 0 })
          expect([...bytes.slice(found?.start, found?.end)]).toEqual([...first!.data])
        }
      }),
    )
  })

  test('the kernel’s time stamp is found among others', () => {
    const data = new Uint8Array(16)
    viewOf(data).setUint32(0, 1_700_000_000, true)
    viewOf(data).setUint32(8, 123_456_789, true)
    const bytes = concat([
      encodeCmsg({ level: 0, type: 8, data: new Uint8Array(4) }),
      encodeCmsg({ level: 1, type: 35, data }),
    ])
    expect(readTimestamp(viewOf(bytes), bytes.length)).toEqual({
      seconds: 1_700_000_000,
      nanoseconds: 123_456_789,
    })
  })

  test.each([
    { name: 'of a router', origin: 2, expected: { type: 3, code: 1, info: 0, offender: '10.1.2.3' } },
    { name: 'of our own kernel', origin: 1, expected: undefined },
  ])('an extended error $name', ({ origin, expected }) => {
    const data = new Uint8Array(32)
    data.set([113, 0, 0, 0, origin, 3, 1, 0])
    data.set(target4, 20)
    const bytes = encodeCmsg({ level: 0, type: 11, data })
    const error = readExtendedError(viewOf(bytes), bytes.length, 4)
    expect(error && { ...error, offender: formatWords(error.offender ?? []) }).toEqual(expected)
  })
})

describe('addresses', () => {
  test.each(['0.0.0.0', '127.0.0.1', '203.0.113.255', '255.255.255.255'])(
    '%s is read and written',
    (text) => {
      expect(formatWords(parseAddress(text)!.words)).toBe(text)
    },
  )

  test.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::a:b', '2001:db8:0:0:0:0:a:b'],
    ['::ffff:192.0.2.1', '0:0:0:0:0:ffff:c000:201'],
  ])('%s is read and written', (text, written) => {
    expect(formatWords(parseAddress(text)!.words)).toBe(written)
  })

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1:2', '12345::', ':::'])(
    '%j is no address',
    (text) => {
      expect(parseAddress(text)).toBeUndefined()
    },
  )

  test('an IPv4 address is what the system takes for one', () => {
    const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '00', '01', '0x1', ' 1', '1e2', '٣'))
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 5 }), (parts) => {
        const text = parts.join('.')
        const address = parseAddress(text)
        expect(address !== undefined).toBe(isIPv4(text))
        if (address) expect(formatWords(address.words)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('a zone is an interface', () => {
    expect(parseAddress('fe80::1%lo')).toMatchObject({ family: 6, scopeId: 1 })
    expect(parseAddress('fe80::1%7')).toMatchObject({ scopeId: 7 })
  })

  test('equal is what has the same words', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (left, right) => {
        const [a, b] = [parseAddress(left)!, parseAddress(right)!]
        expect(isSame(a.words, a.words)).toBe(true)
        expect(isSame(a.words, b.words)).toBe(formatWords(a.words) === formatWords(b.words))
      }),
    )
  })
})

test('an agenda gives what is due first, and gives back what is taken out', () => {
  const items = fc.array(fc.record({ dueAt: fc.nat(20), isTaken: fc.boolean() }), { maxLength: 60 })
  fc.assert(
    fc.property(items, (list) => {
      const heap: Due[] = []
      const added = list.map(({ dueAt, isTaken }) => ({ dueAt, slackMs: 0, isTaken, place: -1 }))
      for (const item of added) push(heap, item)
      for (const item of added.filter(({ isTaken }) => isTaken)) remove(heap, item)
      for (const item of added.filter(({ isTaken }) => isTaken)) remove(heap, item)
      const order: number[] = []
      for (let first = heap[0]; first !== undefined; first = heap[0]) {
        order.push(first.dueAt)
        remove(heap, first)
      }
      expect(order).toEqual(
        added
          .filter(({ isTaken }) => !isTaken)
          .map(({ dueAt }) => dueAt)
          .toSorted((a, b) => a - b),
      )
    }),
  )
})

describe('slots', () => {
  test('what is in is found by its serial, what has gone is not', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (steps) => {
        const slots = createSlots<number>()
        const inside: number[] = []
        const gone: number[] = []
        for (const isEntry of steps) {
          if (isEntry || inside.length === 0) {
            inside.push(occupy(slots, (serial) => serial)!)
            continue
          }
          const serial = inside.shift()!
          release(slots, serial)
          release(slots, serial)
          gone.push(serial)
        }
        expect(new Set([...inside, ...gone]).size).toBe(inside.length + gone.length)
        for (const serial of inside) expect(find(slots, serial)).toBe(serial)
        for (const serial of gone) expect(find(slots, serial)).toBeUndefined()
      }),
    )
  })

  test('they are used again: the table is as large as its fullest moment', () => {
    const slots = createSlots<number>()
    for (let turn = 0; turn < 10_000; turn += 1)
      release(
        slots,
        occupy(slots, (serial) => serial)!,
      )
    expect(slots.items).toHaveLength(1)
  })
})
