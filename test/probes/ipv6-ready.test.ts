import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type http from 'node:http'
import packet from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReadinessFacts } from '../../probes/ipv6-ready/facts.ts'
import { ipv6Ready } from '../../probes/ipv6-ready/index.ts'
import { isInternal, spread } from '../../probes/ipv6-ready/levels.ts'
import { compareSources } from '../../probes/ipv6-ready/sameness.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closedPort, hostilePeers, peer } from '../support/peers.ts'
import { heard } from '../support/patience.ts'
import { html, serve, serveBoth, site } from './web-peers.ts'

const both = { v4Address: '127.0.0.1', v6Address: '::1' }

const look = (options: Readonly<Record<string, unknown>>): Promise<Measurement> =>
  ipv6Ready.bind({ address: 'www.example.test', scheme: 'http', delegation: false, ...options })(
    probeContext(),
  )

const factsOf = async (options: Readonly<Record<string, unknown>>): Promise<ReadinessFacts> => {
  const { status, facts } = await look(options)
  expect(status).toBe('up')
  return facts as unknown as ReadinessFacts
}

const isV6 = ({ socket }: http.IncomingMessage): boolean => socket.localFamily === 'IPv6'

/** A DNS server on a free loopback port that knows these records; anything else is NXDOMAIN. */
const nameServer = async (records: readonly packet.Answer[], rcode = 0): Promise<Peer> => {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, remote) => {
    const { id, questions } = packet.decode(bytes)
    const [question] = questions
    const answers = records.filter(({ name, type }) => name === question?.name && type === question.type)
    const known = records.some(({ name }) => name === question?.name)
    const flags = packet.RECURSION_AVAILABLE | (rcode || (known ? 0 : 3))
    const reply = { type: 'response', id, flags, questions, answers: [...answers] } as const
    socket.send(packet.encode(reply), remote.port, remote.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: '127.0.0.1',
    port: socket.address().port,
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  }
}

describe('the home page', () => {
  test('over both families: success rate, content, speed', async () => {
    const hosts = new Set<string | undefined>()
    await using server = await serveBoth((request, response) => {
      hosts.add(request.headers.host)
      html('<title>开封</title><p>通知公告</p>')(request, response)
    })
    const facts = await factsOf({ ...both, port: server.port, tries: 3 })
    expect(facts).toMatchObject({
      hasAaaa: true,
      v4: { remoteAddress: '127.0.0.1', tries: 3, successes: 3, successRatio: 1, status: 200 },
      v6: { remoteAddress: '::1', tries: 3, successes: 3, successRatio: 1, status: 200 },
      content: { similarityRatio: 1, sameTitle: true },
      secondLevel: { found: 0, checked: 0 },
      requests: 6,
    })
    expect(facts.slowdownRatio).toBeTypeOf('number')
    expect([...hosts]).toEqual([`www.example.test:${server.port}`])
  })

  test('that is another over IPv6 is told by its text', async () => {
    await using server = await serveBoth((request, response) => {
      html(isV6(request) ? '<title>b</title><p>首页<p>维护中' : '<title>a</title><p>首页<p>通知公告')(
        request,
        response,
      )
    })
    const { content } = await factsOf({ ...both, port: server.port, tries: 1 })
    expect(content!.sameTitle).toBe(false)
    expect(content!.similarityRatio).toBeCloseTo((2 * 2) / (6 + 5))
  })

  test('that fails now and then over IPv6 has a rate', async () => {
    let asked = 0
    await using server = await serveBoth((request, response) => {
      const fails = isV6(request) && (asked += 1) % 2 === 0
      html('<p>a', {}, fails ? 503 : 200)(request, response)
    })
    const facts = await factsOf({ ...both, port: server.port, tries: 4 })
    expect(facts.v6).toMatchObject({ tries: 4, successes: 2, successRatio: 0.5 })
    const ratio = ipv6Ready.metrics.find(({ name }) => name === 'yiwang_ipv6_ready_home_success_ratio')!
    expect(ratio.read(facts as unknown as Record<string, unknown>)).toEqual([
      { value: 1, labels: { ip: '4' } },
      { value: 0.5, labels: { ip: '6' } },
    ])
  })

  test('that is there over IPv4 only is up, with what IPv6 said', async () => {
    await using server = await serve(html('<p>a'))
    const facts = await factsOf({ ...both, port: server.port, tries: 2 })
    expect(facts).toMatchObject({
      hasAaaa: true,
      v4: { successes: 2 },
      v6: { tries: 2, successes: 0, successRatio: 0, failure: 'refused' },
    })
    expect(facts).not.toHaveProperty('content')
    expect(facts).not.toHaveProperty('secondLevel')
  })

  test('of an address without IPv6: no AAAA', async () => {
    await using server = await serve(html('<p>a'))
    const facts = await factsOf({ address: '127.0.0.1', port: server.port })
    expect(facts).toMatchObject({ hasAaaa: false, v6Addresses: [], v4: { successRatio: 1 } })
    expect(facts).not.toHaveProperty('v6')
  })

  test('that nobody answers is down', async () => {
    const port = await closedPort()
    expect(await look({ ...both, port })).toMatchObject({ status: 'down', cause: 'refused' })
  })

  test.each(hostilePeers)('a peer that $name: $http', async ({ talk, http: expected }) => {
    await using server = await peer(talk)
    const options = { v4Address: '127.0.0.1', address: '127.0.0.1', port: server.port, tries: 1 }
    const { status, cause } = await heard(0.3, expected, (seconds) =>
      look({ ...options, timeoutSeconds: 3 * seconds, requestTimeoutSeconds: seconds }),
    )
    expect(cause ?? status).toBe(expected)
  })
})

describe('links of the second and third level', () => {
  const pages = (port: number): Parameters<typeof site>[0] => ({
    '/': `<a href=/news/>1</a><a href=/gone>2</a><a href="http://192.0.2.1:${port}/external">3</a>
      <a href=/>home</a><a href=/old>4</a>`,
    '/news/': '<a href=/news/1>1</a><a href=/news/2>2</a><a href=/>home</a><a href=/gone>gone</a>',
    '/news/1': 'one',
    '/old': (request, response) => {
      if (isV6(request)) request.socket.destroy()
      else response.end()
    },
  })

  test('are sampled over IPv6 only, other sites left out', async () => {
    let handler: http.RequestListener = () => undefined
    const over = new Set<string>()
    await using server = await serveBoth((request, response) => {
      if (request.url !== '/') over.add(String(request.socket.localFamily))
      handler(request, response)
    })
    handler = site(pages(server.port))
    const at = (path: string): string => `http://www.example.test:${server.port}${path}`
    const facts = await factsOf({ ...both, port: server.port, tries: 1 })
    expect(facts.secondLevel).toEqual({
      found: 3,
      checked: 3,
      supported: 1,
      supportRatio: 1 / 3,
      unsupported: [
        { url: at('/gone'), status: 404 },
        { url: at('/old'), failure: 'refused' },
      ],
    })
    expect(facts.thirdLevel).toEqual({
      found: 2,
      checked: 2,
      supported: 1,
      supportRatio: 0.5,
      unsupported: [{ url: at('/news/2'), status: 404 }],
    })
    expect([...over]).toEqual(['IPv6'])
  })

  test('the sample is bounded and spread over the page', async () => {
    let asked = 0
    const many = Array.from({ length: 60 }, (_, index) => `<a href=/${index}>x</a>`).join('')
    await using server = await serveBoth((request, response) => {
      if (request.url !== '/') asked += 1
      html(request.url === '/' ? many : 'leaf')(request, response)
    })
    const { secondLevel } = await factsOf({ ...both, port: server.port, tries: 1, sampleLinks: 5 })
    expect(secondLevel).toMatchObject({ found: 60, checked: 5, supported: 5 })
    expect(asked).toBe(5)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 200 }), fc.nat(30), (items, count) => {
        expect(spread(items, count)).toHaveLength(Math.min(items.length, count))
      }),
    )
  })

  test.each([
    ['http://www.a.gov.cn/x', true],
    ['http://a.gov.cn/', true],
    ['https://zw.a.gov.cn/', true],
    ['http://ba.gov.cn/', false],
    ['http://www.a.gov.cn.evil.example/', false],
  ])('%s belongs to www.a.gov.cn: %s', (url, expected) => {
    expect(isInternal(new URL(url), new URL('http://www.a.gov.cn/'))).toBe(expected)
  })
})

describe('names', () => {
  const name = 'www.example.test'
  const records: readonly packet.Answer[] = [
    { name, type: 'A', ttl: 60, data: '127.0.0.1' },
    { name, type: 'AAAA', ttl: 60, data: '::1' },
    { name: 'v4.example.test', type: 'A', ttl: 60, data: '127.0.0.1' },
    { name: 'example.test', type: 'NS', ttl: 60, data: 'ns1.example.test' },
    { name: 'example.test', type: 'NS', ttl: 60, data: 'ns2.example.test' },
    { name: 'ns1.example.test', type: 'AAAA', ttl: 60, data: '2001:db8::53' },
    { name: 'ns2.example.test', type: 'A', ttl: 60, data: '192.0.2.53' },
  ]
  const options = (dns: Peer, port: number) => ({
    nameServer: `127.0.0.1:${dns.port}`,
    delegation: true,
    port,
    tries: 1,
  })

  test('AAAA and delegation as the name server has them', async () => {
    await using dns = await nameServer(records)
    await using server = await serveBoth(html('<p>a'))
    const facts = await factsOf(options(dns, server.port))
    expect(facts).toMatchObject({
      v4Addresses: ['127.0.0.1'],
      v6Addresses: ['::1'],
      hasAaaa: true,
      delegation: { zone: 'example.test', withIpv6: 1 },
      v6: { successRatio: 1 },
    })
    expect(facts.delegation!.nameServers.toSorted()).toEqual(['ns1.example.test', 'ns2.example.test'])
    const only4 = await factsOf({ ...options(dns, server.port), address: 'v4.example.test' })
    expect(only4).toMatchObject({ hasAaaa: false, v4: { successRatio: 1 } })
  })

  test.each([
    ['does not know the name', 0, { status: 'down', cause: 'unresolved', facts: { hasAaaa: false } }],
    ['refuses', 5, { status: 'unknown', cause: 'resolver' }],
    ['fails', 2, { status: 'unknown', cause: 'resolver' }],
  ])('a name server that %s', async (_, rcode, expected) => {
    await using dns = await nameServer([], rcode)
    expect(await look(options(dns, 1))).toMatchObject(expected)
  })

  test('a name server that is silent ends with the deadline', async () => {
    await using silent = createSocket('udp4')
    silent.bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const nowhere = `127.0.0.1:${silent.address().port}`
    const measurement = await look({ nameServer: nowhere, timeoutSeconds: 0.3 })
    expect(measurement).toMatchObject({
      status: 'unknown',
      cause: 'resolver',
      detail: 'name server: no answer in time',
    })
  })

  test.each(['dns.example', '127.0.0.1:', '[::1', '1.2.3.4.5', ':53'])(
    '%j is no name server',
    (nameServerText) => {
      expect(() => ipv6Ready.bind({ address: 'a.example', nameServer: nameServerText })).toThrow('nameServer')
    },
  )
  test.each(['127.0.0.1', '127.0.0.1:53', '::1', '[::1]:53'])('%j is one', (nameServerText) => {
    expect(() => ipv6Ready.bind({ address: 'a.example', nameServer: nameServerText })).not.toThrow()
  })
})

describe('sameness', () => {
  const page = new URL('http://a.example/')
  test('any two pages: between 0 and 1, the same either way, 1 for themselves', () => {
    const source = fc
      .array(fc.constantFrom('<p>', 'a', 'bb ', '<div>', '</p>', '开封', '<', '&amp;'), { maxLength: 40 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(source, source, (one, other) => {
        const { similarityRatio } = compareSources(one, other, page)
        expect(similarityRatio).toBeGreaterThanOrEqual(0)
        expect(similarityRatio).toBeLessThanOrEqual(1)
        expect(compareSources(other, one, page).similarityRatio).toBe(similarityRatio)
        expect(compareSources(one, one, page).similarityRatio).toBe(1)
      }),
    )
  })
})
