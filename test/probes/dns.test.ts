import { execFile } from 'node:child_process'
import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dns } from '../../probes/dns/index.ts'
import { type DnsAnswer, decodeReply, isReplyTo, queryFor, types } from '../../probes/dns/message.ts'
import { comparable, dataText } from '../../probes/dns/presentation.ts'
import { UsageFault } from '../../src/core/fault.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closing, hostilePeers, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard } from '../support/patience.ts'

const name = 'www.example.test'

const look = (options: Readonly<Record<string, unknown>>): Promise<Measurement> =>
  dns.bind({ address: '127.0.0.1', name, ...options })(probeContext())

type Reaction = (bytes: Buffer, remote: RemoteInfo, socket: Socket) => void

/** A UDP socket on a free loopback port that reacts so to every datagram. */
const udpPeer = async (react: Reaction, address = '127.0.0.1', port = 0): Promise<Peer> => {
  const socket = createSocket(net.isIPv6(address) ? 'udp6' : 'udp4')
  socket.on('message', (bytes, remote) => react(bytes, remote, socket))
  socket.bind(port, address)
  await once(socket, 'listening')
  return { address, port: socket.address().port, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() }
}

const zone: readonly packet.Answer[] = [
  { name, type: 'A', ttl: 60, data: '192.0.2.1' },
  { name, type: 'A', ttl: 60, data: '192.0.2.2' },
  { name, type: 'AAAA', ttl: 60, data: '2001:db8::1' },
  { name, type: 'AAAA', ttl: 60, data: '2001:db8:0:1::' },
  { name, type: 'MX', ttl: 60, data: { preference: 10, exchange: 'mail.example.test' } },
  { name, type: 'NS', ttl: 60, data: 'ns1.example.test' },
  { name, type: 'TXT', ttl: 60, data: ['v=spf1 -all', 'a "quote" \\ é'] },
  { name, type: 'CAA', ttl: 60, data: { flags: 0, tag: 'issue', value: 'ca.example.test' } },
  { name, type: 'SRV', ttl: 60, data: { priority: 1, weight: 2, port: 443, target: 'a.example.test' } },
  { name: '1.2.0.192.in-addr.arpa', type: 'PTR', ttl: 60, data: 'www.example.test' },
  { name: 'alias.example.test', type: 'CNAME', ttl: 60, data: name },
  {
    name: 'example.test',
    type: 'SOA',
    ttl: 60,
    data: {
      mname: 'ns1.example.test',
      rname: 'hostmaster.example.test',
      serial: 2_026_112_301,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: 300,
    },
  },
  ...Array.from({ length: 200 }, (_, index) => ({
    name: 'large.example.test',
    type: 'A',
    ttl: 60,
    data: `10.0.0.${index}`,
  })),
]

const answer = (bytes: Buffer, extra: Partial<packet.Packet> = {}): Buffer => {
  const { id, questions } = packet.decode(bytes)
  const answers = zone.filter(
    (record) => record.name === questions[0]!.name && record.type === questions[0]!.type,
  )
  const rcode = zone.some((record) => record.name === questions[0]!.name) ? 0 : 3
  return packet.encode({
    type: 'response',
    id,
    flags: packet.AUTHORITATIVE_ANSWER | packet.RECURSION_AVAILABLE | rcode,
    questions,
    answers,
    ...extra,
  })
}

const cut = (bytes: Buffer): Buffer =>
  answer(bytes, { answers: [], flags: packet.AUTHORITATIVE_ANSWER | packet.TRUNCATED_RESPONSE })

const framed = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])

/** A name server with `zone`, on one port of both transports. */
const nameServer = async (address = '127.0.0.1'): Promise<Peer> => {
  const stream = net.createServer((socket) => {
    socket.on('data', (bytes: Buffer) => socket.write(framed(answer(bytes.subarray(2)))))
  })
  const close = closing(stream)
  stream.listen(0, address)
  await once(stream, 'listening')
  const { port } = stream.address() as net.AddressInfo
  const datagrams = await udpPeer(
    (bytes, remote, socket) => {
      const full = answer(bytes)
      socket.send(full.length > 1232 ? cut(bytes) : full, remote.port, remote.address)
    },
    address,
    port,
  )
  const dispose = async (): Promise<void> => {
    await close()
    await datagrams[Symbol.asyncDispose]()
  }
  return { address, port, [Symbol.asyncDispose]: dispose }
}

const answersOf = ({ facts }: Measurement): readonly string[] =>
  (facts['answers'] as readonly DnsAnswer[]).map(({ data }) => data)

describe('a name server', () => {
  test.each([
    ['127.0.0.1', 'udp'],
    ['127.0.0.1', 'tcp'],
    ['::1', 'udp'],
    ['::1', 'tcp'],
  ])('on %s over %s is up with its answers', async (address, transport) => {
    await using server = await nameServer(address)
    const measurement = await look({ address, port: server.port, transport })
    expect(measurement).toMatchObject({
      status: 'up',
      facts: {
        remoteAddress: address,
        transport,
        rcode: 'NOERROR',
        answerCount: 2,
        answers: [
          { name, type: 'A', ttl: 60, data: '192.0.2.1' },
          { name, type: 'A', ttl: 60, data: '192.0.2.2' },
        ],
        authoritative: true,
        authenticatedData: false,
        truncated: false,
      },
    })
  })

  test('an answer that was cut is asked for again over TCP', async () => {
    await using server = await nameServer()
    const measurement = await look({ port: server.port, name: 'large.example.test' })
    expect(measurement).toMatchObject({
      status: 'up',
      facts: { transport: 'tcp', truncated: true, answerCount: 200 },
    })
    expect(answersOf(measurement)).toHaveLength(50)
  })

  test.each([
    { options: { expect: ['192.0.2.2'] }, expected: 'up' },
    { options: { expect: ['192.0.2.9', '192.0.2.1'] }, expected: 'assertion' },
    { options: { type: 'AAAA', expect: ['2001:DB8:0:0:0:0:0:1'] }, expected: 'up' },
    { options: { type: 'MX', expect: ['10 Mail.example.test.'] }, expected: 'up' },
    { options: { name: 'missing.example.test' }, expected: 'assertion' },
    { options: { name: 'missing.example.test', expectRcode: 'NXDOMAIN' }, expected: 'up' },
    { options: { expectRcode: 'REFUSED' }, expected: 'assertion' },
  ])('$options: $expected', async ({ options, expected }) => {
    await using server = await nameServer()
    const { status, cause, facts } = await look({ port: server.port, ...options })
    expect(cause ?? status).toBe(expected)
    expect(facts).toHaveProperty('rcode')
  })

  test('metrics are read from the facts', async () => {
    await using server = await nameServer()
    const { facts } = await look({ port: server.port, name: 'missing.example.test' })
    const read = (metric: string) => dns.metrics.find((entry) => entry.name === metric)?.read(facts)
    expect(read('yiwang_dns_rcode')).toBe(3)
    expect(read('yiwang_dns_answers')).toBe(0)
    expect(read('yiwang_dns_lookup_seconds')).toBe(facts['lookupSeconds'])
  })
})

describe('hostile peers', () => {
  test.each(hostilePeers)('over TCP, a peer that $name is down: $dns', async ({ talk, dns: cause }) => {
    await using server = await peer(talk)
    const measurement = await heard(0.3, cause, (timeoutSeconds) =>
      look({ transport: 'tcp', port: server.port, timeoutSeconds }),
    )
    expect(measurement).toMatchObject({ status: 'down', cause })
  })

  const reply = (make: (bytes: Buffer) => Buffer): Reaction => {
    return (bytes, remote, socket) => socket.send(make(bytes), remote.port, remote.address)
  }
  const withId = (bytes: Buffer): Buffer => {
    const changed = answer(bytes)
    changed.writeUInt16BE((changed.readUInt16BE(0) + 1) & 0xffff, 0)
    return changed
  }
  test.each([
    { name: 'is silent', react: () => undefined, cause: 'timeout' },
    { name: 'sends garbage', react: reply(() => Buffer.from('no dns at all')), cause: 'protocol' },
    { name: 'sends nothing in a datagram', react: reply(() => Buffer.alloc(0)), cause: 'protocol' },
    { name: 'echoes the query', react: reply((bytes) => bytes), cause: 'protocol' },
    { name: 'answers with another id', react: reply(withId), cause: 'protocol' },
    {
      name: 'answers another question',
      react: reply((bytes) => answer(bytes, { questions: [{ name: 'other.test', type: 'A' }] })),
      cause: 'protocol',
    },
    { name: 'cuts its answer and has no TCP', react: reply(cut), cause: 'refused' },
    {
      name: 'refuses without repeating the question',
      react: reply((bytes) => answer(bytes, { questions: [], answers: [], flags: 5 })),
      cause: 'assertion',
    },
  ] satisfies readonly { name: string; react: Reaction; cause: string }[])(
    'over UDP, a peer that $name is down: $cause',
    async ({ react, cause }) => {
      await using server = await udpPeer(react)
      const measurement = await heard(0.3, cause, (timeoutSeconds) =>
        look({ port: server.port, timeoutSeconds }),
      )
      expect(measurement).toMatchObject({ status: 'down', cause })
    },
  )

  test('an answer that is cut within a record still leads to TCP', async () => {
    await using server = await udpPeer(
      reply((bytes) => {
        const flags = packet.TRUNCATED_RESPONSE
        return answer(bytes, { flags }).subarray(0, -7)
      }),
    )
    const measurement = await look({ port: server.port })
    expect(measurement).toMatchObject({ status: 'down', cause: 'refused' })
  })

  test('an answer among garbage is found', async () => {
    await using server = await udpPeer((bytes, remote, socket) => {
      for (const datagram of [Buffer.from('garbage'), withId(bytes), answer(bytes)])
        socket.send(datagram, remote.port, remote.address)
    })
    expect(await look({ port: server.port })).toMatchObject({ status: 'up' })
  })

  test('a lost datagram is made good by a second one', async () => {
    let seen = 0
    const measurement = await heard(0.6, 'up', async (timeoutSeconds) => {
      seen = 0
      await using server = await udpPeer((bytes, remote, socket) => {
        seen += 1
        if (seen > 1) socket.send(answer(bytes), remote.port, remote.address)
      })
      return await look({ port: server.port, timeoutSeconds })
    })
    expect(measurement).toMatchObject({ status: 'up' })
    expect(seen).toBeGreaterThan(1)
  })

  test('a closed UDP port is down: refused', async () => {
    const server = await udpPeer(() => undefined)
    await server[Symbol.asyncDispose]()
    expect(await look({ port: server.port })).toMatchObject({ status: 'down', cause: 'refused' })
  })

  test('a cancelled run is unknown, garbage or not', async () => {
    const cancel = new AbortController()
    await using server = await udpPeer((_, remote, socket) => {
      socket.send('garbage', remote.port, remote.address, () => cancel.abort())
    })
    const run = dns.bind({ address: '127.0.0.1', name, port: server.port })
    const measurement = await run(probeContext({ signal: cancel.signal }))
    expect(measurement).toMatchObject({ status: 'unknown', cause: 'cancelled' })
  })

  test.each(['', 'a..b', 'a b', `${'x'.repeat(64)}.test`, 'quo"te', '开'.repeat(60)])(
    'the name %j is refused',
    (bad) => {
      expect(() => dns.bind({ address: '127.0.0.1', name: bad })).toThrow(UsageFault)
    },
  )
})

describe('messages', () => {
  test('any bytes are a bounded reply or none, and never throw', () => {
    const query = queryFor({ name, type: 'A', recursion: true })
    const mangled = fc
      .tuple(fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 600 }))
      .map(([place, byte, length]) => {
        const bytes = answer(query.bytes, { answers: zone.slice(0, 12) })
        bytes[place % bytes.length] = byte
        return bytes.subarray(0, length)
      })
    const random = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(mangled, random), (bytes) => {
        const reply = decodeReply(bytes)
        if (reply === undefined) return
        isReplyTo(query, reply)
        expect(reply.answers.every(({ data }) => data.length <= 500)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('any data of any type has a bounded text', () => {
    const buffer = fc.uint8Array({ maxLength: 1000 }).map((bytes) => Buffer.from(bytes))
    const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), buffer)
    const keys = fc.constantFrom('mname', 'exchange', 'flags', 'tag', 'value', 'cpu', 'services', 'digest')
    const data = fc.oneof(scalar, fc.array(buffer), fc.dictionary(fc.oneof(keys, fc.string()), scalar))
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...types), fc.string()), data, (type, value) => {
        const text = dataText(type, value)
        expect(text.length).toBeLessThanOrEqual(500)
        comparable(text)
      }),
    )
  })

  test('any name that the spec takes is what the server reads', () => {
    const names = fc.oneof(fc.domain(), fc.string({ unit: 'binary' }), fc.string())
    const spec = (text: string) => dns.schema.safeParse({ address: '127.0.0.1', name: text })
    fc.assert(
      fc.property(names, (text) => {
        fc.pre(spec(text).success)
        const query = queryFor({ name: text, type: 'A', recursion: true })
        const [question] = packet.decode(query.bytes).questions
        expect(question?.name.replace(/\.$/u, '')).toBe(query.name.replace(/\.$/u, ''))
      }),
    )
  })

  test('a Chinese name is asked for in its IDNA form', () => {
    const query = queryFor({ name: '政务.example', type: 'A', recursion: true })
    expect(packet.decode(query.bytes).questions[0]?.name).toBe('xn--zfr164b.example')
  })
})

describe.skipIf(requires('dig').skip)('dig', () => {
  const dig = async (port: number, ...options: readonly string[]): Promise<string> => {
    const server = ['@127.0.0.1', '-p', String(port), '+tries=1', '+time=2']
    return (await promisify(execFile)('dig', [...server, ...options])).stdout
  }

  test.each([
    ['A', name],
    ['AAAA', name],
    ['MX', name],
    ['NS', name],
    ['TXT', name],
    ['CAA', name],
    ['SRV', name],
    ['PTR', '1.2.0.192.in-addr.arpa'],
    ['CNAME', 'alias.example.test'],
    ['SOA', 'example.test'],
    ['A', 'large.example.test'],
    ['A', 'missing.example.test'],
  ])('says the same of %s %s', async (type, asked) => {
    await using server = await nameServer()
    const short = await dig(server.port, '+short', asked, type)
    const full = await dig(server.port, asked, type)
    const measurement = await look({ port: server.port, name: asked, type })
    const theirs = short.split('\n').filter((line) => line !== '' && !line.startsWith(';'))
    const withoutDots = theirs.map((line) => line.replaceAll(/\.(?= |$)/gu, ''))
    expect(answersOf(measurement)).toEqual(withoutDots.slice(0, 50))
    expect(measurement.facts).toMatchObject({
      answerCount: theirs.length,
      rcode: /status: (\w+)/u.exec(full)?.[1],
      authoritative: /flags:[^;]* aa/u.test(full),
    })
  })
})
