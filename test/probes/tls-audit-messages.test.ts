import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import nodeTls from 'node:tls'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { decode, items } from '../../probes/tls-audit/bytes.ts'
import { chainFacts, readable } from '../../probes/tls-audit/chain.ts'
import { type ClientHello, clientHello, tlcpHello } from '../../probes/tls-audit/client-hello.ts'
import { handshakeDecryptor } from '../../probes/tls-audit/decrypt.ts'
import { type Until, readOn, unread } from '../../probes/tls-audit/flight.ts'
import { groups, keyShareOf } from '../../probes/tls-audit/key-share.ts'
import {
  alertName,
  decodeAlert,
  decodeCertificateStatus,
  decodeCertificates,
  decodeCertificates13,
  decodeServerHello,
} from '../../probes/tls-audit/messages.ts'
import { takeMessage, takeRecord } from '../../probes/tls-audit/record.ts'
import {
  commonSuites,
  hasForwardSecrecy,
  isAead,
  maxOffered,
  suiteName,
  suitesOf,
  weaknessesOf,
} from '../../probes/tls-audit/suites.ts'
import { suiteNames } from '../../probes/tls-audit/suite-names.ts'
import { versionNames } from '../../probes/tls-audit/versions.ts'
import { certificateWorkshop } from '../support/certificates.ts'
import { listening } from '../support/peers.ts'
import { requires } from '../support/services.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/gu, ''), 'hex')
const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array))
const untils: readonly Until[] = ['hello', 'certificates']

describe('cipher suites by name', () => {
  test.each([
    ['TLS_RSA_WITH_NULL_MD5', ['null'], false],
    ['TLS_SHA256_SHA256', ['null'], true],
    ['TLS_RSA_EXPORT_WITH_RC4_40_MD5', ['export', 'rc4'], false],
    ['TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5', ['export', 'rc2'], false],
    ['TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA', ['export', 'des'], true],
    ['TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA', ['export', 'des'], false],
    ['TLS_DHE_RSA_WITH_DES_CBC_SHA', ['des'], true],
    ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', ['3des'], false],
    ['TLS_ECDH_anon_WITH_RC4_128_SHA', ['anonymous', 'rc4'], true],
    ['TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256', [], false],
    ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', [], true],
    ['TLS_AES_128_GCM_SHA256', [], true],
    ['TLS_SM4_GCM_SM3', [], true],
  ] as const)('%s: %j, forward secrecy %s', (name, weaknesses, isForward) => {
    expect([...suiteNames.values()]).toContain(name)
    expect(weaknessesOf(name)).toEqual(weaknesses)
    expect(hasForwardSecrecy(name)).toBe(isForward)
  })

  test('AEAD is told by its mode', () => {
    const names = ['TLS_RSA_WITH_AES_128_CCM', 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'TLS_SM4_GCM_SM3']
    expect(names.every(isAead)).toBe(true)
    expect(['TLS_RSA_WITH_AES_128_CBC_SHA256', 'TLS_RSA_WITH_RC4_128_SHA'].some(isAead)).toBe(false)
  })

  test('each suite is asked for in one class; the common ones fit an old server', () => {
    const kinds = ['weak', 'static', 'aead', 'cbc'] as const
    for (const generation of ['legacy', '1.2', '1.3'] as const) {
      const all = kinds.flatMap((kind) => suitesOf(generation, kind))
      expect(new Set(all).size).toBe(all.length)
      expect(commonSuites(generation).length).toBeLessThanOrEqual(maxOffered)
    }
    const asked = (['1.2', '1.3'] as const).flatMap((of) => kinds.flatMap((kind) => suitesOf(of, kind)))
    expect(new Set(asked)).toEqual(new Set(suiteNames.keys()))
  })

  test('a number that nobody registered is shown as it is', () => {
    expect([suiteName(0x0005), suiteName(0xe013), suiteName(0x00fe)]).toEqual([
      'TLS_RSA_WITH_RC4_128_SHA',
      'ECC_SM4_CBC_SM3',
      '0x00fe',
    ])
  })
})

/** A ClientHello taken apart by RFC 5246 §7.4.1.2, apart from the probe's own decoders. */
const parse = (record: Buffer) => {
  const sessionIdBytes = record.readUInt8(43)
  const suitesAt = 44 + sessionIdBytes
  const suiteBytes = record.readUInt16BE(suitesAt)
  const afterSuites = suitesAt + 2 + suiteBytes
  const extensionsAt = afterSuites + 1 + record.readUInt8(afterSuites)
  const extensions = new Map<number, string>()
  for (let at = extensionsAt + 2; at < record.length;) {
    const length = record.readUInt16BE(at + 2)
    extensions.set(record.readUInt16BE(at), record.toString('hex', at + 4, at + 4 + length))
    at += 4 + length
  }
  return {
    recordType: record.readUInt8(0),
    recordVersion: record.readUInt16BE(1),
    isFramed: record.readUInt16BE(3) === record.length - 5 && record.readUIntBE(6, 3) === record.length - 9,
    messageType: record.readUInt8(5),
    version: record.readUInt16BE(9),
    sessionIdBytes,
    suites: Array.from({ length: suiteBytes / 2 }, (_, at) => record.readUInt16BE(suitesAt + 2 + at * 2)),
    extensions,
  }
}

describe('hellos that we send', () => {
  const options = { suites: [0x1301, 0x0005], serverName: 'a.example' }

  test.each([
    ['SSLv3', 0x0300, 0x0300, []],
    ['TLSv1.0', 0x0301, 0x0301, [0, 5, 10, 11]],
    ['TLSv1.1', 0x0301, 0x0302, [0, 5, 10, 11]],
    ['TLSv1.2', 0x0301, 0x0303, [0, 5, 10, 11, 13]],
    ['TLSv1.3', 0x0301, 0x0303, [0, 5, 10, 13, 43, 51]],
  ] as const)('%s offers itself and nothing else', (name, recordVersion, version, extensions) => {
    const parsed = parse(clientHello(name, options).record)
    expect(parsed).toMatchObject({ recordType: 22, recordVersion, isFramed: true, messageType: 1, version })
    expect([...parsed.extensions.keys()]).toEqual(extensions)
    expect(parsed.suites).toEqual(name === 'TLSv1.3' ? options.suites : [...options.suites, 0x00ff])
    expect(parsed.sessionIdBytes).toBe(name === 'TLSv1.3' ? 32 : 0)
  })

  test('the extensions are those of their RFCs, byte by byte', () => {
    const { extensions } = parse(
      clientHello('TLSv1.3', { ...options, groups: [0x29], signatures: [0x0708] }).record,
    )
    expect(extensions.get(0)).toBe(`000c000009${Buffer.from('a.example').toString('hex')}`)
    expect(extensions.get(5)).toBe('0100000000')
    expect(extensions.get(10)).toBe('00020029')
    expect(extensions.get(13)).toBe('00020708')
    expect(extensions.get(43)).toBe('020304')
    expect(extensions.get(51)).toMatch(/^0069001d0020[0-9a-f]{64}0017004104[0-9a-f]{128}$/u)
  })

  test('TLCP: version 0x0101 in record and message, no extension where no name is asked for', () => {
    const bare = tlcpHello({ suites: [0xe053, 0xe013] })
    expect(parse(bare.record)).toMatchObject({
      ...{ recordVersion: 0x0101, isFramed: true, version: 0x0101, suites: [0xe053, 0xe013] },
      extensions: new Map(),
    })
    expect(bare.record.length).toBe(5 + 4 + 2 + 32 + 1 + 2 + 4 + 2)
    expect([...parse(tlcpHello(options).record).extensions.keys()]).toEqual([0])
  })
})

describe('what servers send', () => {
  test('ServerHello of TLS 1.2, with and without extensions; of TLCP', () => {
    const random = 'ab'.repeat(32)
    expect(decodeServerHello(hex(`0303 ${random} 00 c02f 00`))).toEqual({
      ...{ version: 0x0303, suite: 0xc02f, isRetry: false },
    })
    expect(decodeServerHello(hex(`0303 ${random} 00 c02f 00 0005 ff01 0001 00`))?.suite).toBe(0xc02f)
    expect(decodeServerHello(hex(`0101 ${random} 20 ${'cd'.repeat(32)} e053 00`))).toEqual({
      ...{ version: 0x0101, suite: 0xe053, isRetry: false },
    })
  })

  test('HelloRetryRequest is told by its random, and names a group (RFC 8446 §4.1.4)', () => {
    const random = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
    expect(decodeServerHello(hex(`0303 ${random} 00 1301 00 000c 002b 0002 0304 0033 0002 0018`))).toEqual({
      ...{ version: 0x0304, suite: 0x1301, isRetry: true },
      keyShare: { group: groups.secp384r1, publicKey: Buffer.alloc(0) },
    })
  })

  test('Certificate, CertificateStatus, Alert', () => {
    expect(decodeCertificates(hex('000009 000001 aa 000002 bbcc'))).toEqual([hex('aa'), hex('bbcc')])
    expect(decodeCertificates(hex('000000'))).toEqual([])
    expect(decodeCertificates(hex('000009 000001 aa 000009 bbcc'))).toBeUndefined()
    expect(decodeCertificateStatus(hex('01 000002 3003'))).toEqual(hex('3003'))
    expect(decodeCertificateStatus(hex('01 000000'))).toBeUndefined()
    expect(decodeCertificateStatus(hex('02 000002 3003'))).toBeUndefined()
    expect(decodeCertificates13(hex('00 000014 000001 aa 0009 0005 0005 01 000001 30 000000 0000'))).toEqual({
      certificates: [hex('aa'), hex('')],
      ocspResponse: hex('30'),
    })
    expect(alertName(decodeAlert(hex('0228'))!)).toBe('handshake_failure')
    expect(alertName(decodeAlert(hex('02c8'))!)).toBe('alert 200')
    expect(decodeAlert(hex('02'))).toBeUndefined()
  })

  test.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request')],
    ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['an SSL 2.0 server hello', hex('80 2e 04 00 01 00 02')],
    ['a record longer than there are', hex('16 0303 ffff')],
    ['a record of version 9', hex('16 0903 0001')],
    ['a record of version 1.2', hex('16 0102 0001')],
  ])('%s is foreign', (_, stream) => {
    expect(takeRecord(stream)).toBe('foreign')
    expect(readOn(unread, stream, clientHello('TLSv1.2', { suites: [1] }), 'hello').flight).toEqual({
      isForeign: true,
    })
  })

  test('a message longer than any chain is foreign', () => {
    expect(takeMessage(hex('0b ffffff'))).toBe('foreign')
  })

  test('a warning does not end the handshake, a fatal alert does', () => {
    const asked = clientHello('TLSv1.2', { suites: [1] })
    const warned = readOn(unread, hex('15 0303 0002 01 70'), asked, 'hello')
    expect(warned).toMatchObject({ isOver: false, flight: { alert: { level: 1, description: 112 } } })
    expect(readOn(warned, hex('15 0303 0002 02 28'), asked, 'hello').isOver).toBe(true)
    expect(readOn(unread, hex('15 0303 0002 01 00'), asked, 'hello').isOver).toBe(true)
  })
})

describe('any bytes', () => {
  const hellos: readonly ClientHello[] = [
    ...versionNames.map((name) => clientHello(name, { suites: commonSuites('1.2') })),
    tlcpHello({ suites: [0xe013] }),
  ]

  test('decoders never throw', () => {
    fc.assert(
      fc.property(bytes, (body) => {
        decodeServerHello(body)
        decodeCertificates(body)
        decodeCertificates13(body)
        decodeCertificateStatus(body)
        decodeAlert(body)
        takeRecord(body)
        takeMessage(body)
        expect(readable([body])).toHaveLength(0)
        expect(chainFacts([body], 'a.example')).toBeUndefined()
        expect(
          decode(body, (cursor) => items(cursor.vector16(), 5, (each) => each.vector8()))?.length ?? 0,
        ).toBeLessThan(6)
      }),
    )
  })

  test('no public key of a peer is too bad for the key exchange', () => {
    const shares = [groups.x25519, groups.secp256r1, groups.secp384r1, groups.secp521r1].map((group) =>
      keyShareOf(group)!,
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (key) => {
        for (const { agree } of shares) agree(Buffer.from(key))
      }),
      { numRuns: 50 },
    )
    for (const { group, agree } of shares) expect(agree(keyShareOf(group)!.publicKey)).toBeInstanceOf(Buffer)
    expect(shares[0]!.agree(Buffer.alloc(32))).toBeUndefined()
    expect(keyShareOf(groups.curveSM2)).toBeUndefined()
  })

  test('no record is too bad for decryption', () => {
    const header = hex('17 0303 0000')
    fc.assert(
      fc.property(fc.constantFrom(0x1301, 0x1302, 0x1303), bytes, (suite, payload) => {
        const open = handshakeDecryptor(suite, Buffer.alloc(32, 1), [header])
        expect(open?.({ type: 23, header, payload })).toBeUndefined()
      }),
    )
    expect(handshakeDecryptor(0x00c6, Buffer.alloc(32), [])).toBeUndefined()
  })

  test('reading never throws, keeps little, and stops at what is foreign', () => {
    const record = fc
      .tuple(fc.constantFrom(20, 21, 22, 23, 24), fc.constantFrom(0x0300, 0x0303, 0x0101, 0x0909), bytes)
      .map(([type, version, payload]) =>
        Buffer.concat([
          Buffer.of(type, version >> 8, version & 255, payload.length >> 8, payload.length & 255),
          payload,
        ]),
      )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(record, bytes), { maxLength: 20 }),
        fc.constantFrom(...hellos),
        fc.constantFrom(...untils),
        (chunks, asked, until) => {
          let reading = unread
          for (const chunk of chunks) {
            if (reading.isOver) break
            reading = readOn(reading, chunk, asked, until)
            expect(reading.handshake.length).toBeLessThanOrEqual(100 * 1024 + 4 + 18_437)
          }
        },
      ),
    )
  })
})

test.skipIf(requires('openssl').skip)(
  'a certificate whose name is of no kind of text is for no name',
  async () => {
    await using workshop = await certificateWorkshop()
    const { cert } = await workshop.issue({ commonName: 'odd' })
    const der = new X509Certificate(cert).raw
    // UTF8String made a BMPString, which has two bytes a character.
    // The tag of the subject's name, a UTF8String, made that of an ObjectDescriptor.
    const broken = Buffer.from(der)
    broken[der.lastIndexOf(Buffer.from('\x0c\x03odd'))] = 0x07
    expect(broken).not.toEqual(der)
    expect(chainFacts([broken], 'odd')).toMatchObject({ nameMatches: false })
  },
)

describe.skipIf(requires('openssl').skip)('answers of a real server', () => {
  const recorded: { readonly asked: ClientHello; readonly answer: Buffer }[] = []

  const record = async (port: number, asked: ClientHello): Promise<Buffer> => {
    const socket = net.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(asked.record)
    let answer = Buffer.alloc(0)
    let reading = unread
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer = Buffer.concat([answer, chunk])
      reading = readOn(reading, chunk, asked, 'certificates')
      if (reading.isOver) break
    }
    expect(reading.flight.certificates).toHaveLength(2)
    return answer
  }

  beforeAll(async () => {
    await using workshop = await certificateWorkshop()
    const root = await workshop.issue({ commonName: 'Root', isAuthority: true })
    const { cert, key } = await workshop.issue({ commonName: 'leaf', key: 'rsa' }, root)
    const options = { key, cert: cert + root.cert, minVersion: 'TLSv1' as const, ciphers: 'ALL:@SECLEVEL=0' }
    await using server = await listening(nodeTls.createServer(options).on('tlsClientError', () => undefined))
    for (const name of ['TLSv1.2', 'TLSv1.3', 'TLSv1.0'] as const) {
      const suites = commonSuites(name === 'TLSv1.3' ? '1.3' : 'legacy')
      const asked = clientHello(name, { suites })
      recorded.push({ asked, answer: await record(server.port, asked) })
    }
  })

  const pieces = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 30 })

  test('however the network cuts them, they read the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), pieces, (which, sizes) => {
        const { asked, answer } = recorded[which]!
        let reading = unread
        let at = 0
        for (const size of [...sizes, answer.length]) {
          if (!reading.isOver)
            reading = readOn(reading, answer.subarray(at, at + size), asked, 'certificates')
          at += size
        }
        expect(reading.flight).toEqual(readOn(unread, answer, asked, 'certificates').flight)
        expect(reading.flight.hello?.version).toBe(asked.version)
      }),
    )
  })

  test('cut short and changed here and there, they never throw', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), changes, fc.nat(), (which, mutations, cut) => {
        const { asked, answer } = recorded[which]!
        const changed = Buffer.from(answer.subarray(0, cut % (answer.length + 1)))
        for (const [at, value] of mutations) if (changed.length > 0) changed[at % changed.length] = value
        const { flight } = readOn(unread, changed, asked, 'certificates')
        chainFacts(flight.certificates ?? [], 'a.example')
      }),
      { numRuns: 500 },
    )
  })
})
