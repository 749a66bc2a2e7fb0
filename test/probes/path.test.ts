import dgram from 'node:dgram'
import { once } from 'node:events'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Route, compare, knownFrom } from '../../probes/path/change.ts'
import { readIcmpError } from '../../probes/path/icmp-error.ts'
import { type PathFacts, path as pathProbe } from '../../probes/path/index.ts'
import { canonical, encodeAddress, readAddress } from '../../probes/path/sockaddr.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { type Network, createNetwork, requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'

const look = (address: string, options: Readonly<Record<string, unknown>> = {}, previous?: unknown) =>
  pathProbe.bind({ address, hopTimeoutSeconds: 0.3, ...options })(probeContext({ previous }))

const routeOf = ({ facts }: Measurement): Route =>
  (facts as unknown as PathFacts).hops.map(({ address }) => address ?? null)

test.each(['127.0.0.1', '::1', '127.9.8.7'])('on loopback %s is one hop away', async (address) => {
  const measurement = await look(address)
  expect(measurement).toMatchObject({
    status: 'up',
    facts: {
      remoteAddress: address,
      hops: [{ ttl: 1, address }],
      reached: true,
      changed: false,
      knownRoute: [address],
      knownComplete: true,
    },
  })
  expect(measurement.facts).not.toHaveProperty('previousHops')
})

test('a target whose port answers is reached too', async () => {
  const server = dgram.createSocket('udp4')
  server.on('message', (_, { port, address }) => server.send('who is there?', port, address))
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const measurement = await look('127.0.0.1', { port: server.address().port - 2, maxHops: 3 })
  server.close()
  expect(measurement).toMatchObject({ status: 'up', facts: { hops: [{ ttl: 1 }], reached: true } })
})

test('a target that says nothing is down: timeout, with the hops asked for', async () => {
  const servers = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const server = dgram.createSocket('udp4')
      server.bind(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const port = servers[0]!.address().port
  const measurement = await look('127.0.0.1', { port, maxHops: 1, hopTimeoutSeconds: 0.05 })
  for (const server of servers) server.close()
  expect(measurement).toMatchObject({
    status: 'down',
    cause: 'timeout',
    detail: 'no answer from any hop',
    facts: { hops: [{ ttl: 1 }], reached: false, knownRoute: [null], knownComplete: false },
  })
})

test('several runs at once keep apart', async () => {
  const addresses = Array.from({ length: 20 }, (_, index) => `127.0.1.${index + 1}`)
  const measurements = await Promise.all(addresses.map((address) => look(address)))
  expect(measurements.map(routeOf)).toEqual(addresses.map((address) => [address]))
})

test('a run that was cancelled is unknown, whenever that was', async () => {
  const server = dgram.createSocket('udp4')
  const cancel = new AbortController()
  server.on('message', () => cancel.abort())
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const run = pathProbe.bind({ address: '127.0.0.1', port: server.address().port, maxHops: 1 })
  const measurement = await run(probeContext({ signal: cancel.signal }))
  server.close()
  expect(measurement).toMatchObject({ status: 'unknown', cause: 'cancelled', facts: {} })
})

describe('change', () => {
  const complete = (...route: Route) => ({ route, isComplete: true })
  const broken = (...route: Route) => ({ route, isComplete: false })

  test.each([
    ['the first way', undefined, complete('a', 'b'), false, complete('a', 'b')],
    ['the same way', complete('a', 'b'), complete('a', 'b'), false, complete('a', 'b')],
    ['another hop', complete('a', 'b', 'z'), complete('a', 'c', 'z'), true, complete('a', 'c', 'z')],
    ['a hop falls silent', complete('a', 'b', 'z'), complete('a', null, 'z'), false, complete('a', 'b', 'z')],
    [
      'a silent hop speaks',
      complete('a', null, 'z'),
      complete('a', 'b', 'z'),
      false,
      complete('a', 'b', 'z'),
    ],
    ['a longer way', complete('a', 'z'), complete('a', null, 'z'), true, complete('a', null, 'z')],
    ['it breaks off', complete('a', 'b', 'z'), broken('a', null, null), false, complete('a', 'b', 'z')],
    [
      'it breaks off elsewhere',
      complete('a', 'b', 'z'),
      broken('a', 'x', null),
      true,
      broken('a', 'x', null),
    ],
    [
      'it is reached at last',
      broken('a', null, null),
      complete('a', 'b', 'z'),
      false,
      complete('a', 'b', 'z'),
    ],
  ])('%s', (...[, before, now, changed, known]) => {
    expect(compare(before, now)).toEqual({ changed, known })
  })

  test('after any runs the same way again is no change', () => {
    const route = fc.array(fc.option(fc.constantFrom('a', 'b', 'c')), { maxLength: 6 })
    const found = fc.record({ route, isComplete: fc.boolean() })
    fc.assert(
      fc.property(found, found, (first, second) => {
        const { known } = compare(first, second)
        expect(compare(known, second).changed).toBe(false)
      }),
    )
  })

  test('anything may be what an earlier run left', () => {
    fc.assert(
      fc.property(fc.anything(), (previous) => {
        expect(knownFrom(previous)).toBeUndefined()
      }),
    )
  })
})

describe('parsing', () => {
  test('any control data is an ICMP error or none, within its bounds', () => {
    const header = fc.tuple(
      fc.integer({ min: 0, max: 64 }),
      fc.constantFrom(0, 1, 41),
      fc.constantFrom(11, 25),
    )
    const begun = fc.tuple(header, fc.uint8Array({ maxLength: 100 })).map(([[size, level, type], rest]) => {
      const bytes = Buffer.alloc(16 + rest.length)
      bytes.writeUInt32LE(size, 0)
      bytes.writeInt32LE(level, 8)
      bytes.writeInt32LE(type, 12)
      bytes.set(rest, 16)
      return bytes
    })
    const octets = fc.uint8Array({ maxLength: 160 }).map((bytes) => Buffer.from(bytes))
    const family = fc.constantFrom(4 as const, 6 as const)
    fc.assert(
      fc.property(fc.oneof(octets, begun), family, fc.nat(200), (bytes, of, length) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        const error = readIcmpError(view, length, of)
        if (error !== undefined) expect(error.from).toMatch(of === 4 ? /^[\d.]+$/u : /^[\da-f:]+$/u)
      }),
    )
  })

  test.each([
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['10:0:0:1:0:0:0:20', '10:0:0:1::20'],
    ['100:0:0:0:a00:0:0:100', '100::a00:0:0:100'],
  ])('%s is written %s (RFC 5952)', (address, expected) => {
    expect(canonical({ address, family: 6 })).toBe(expected)
  })

  test('an address survives', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const text = canonical({ address, family: 6 })
        const again = encodeAddress({ address: text, family: 6 }, 0)
        expect(again).toEqual(encodeAddress({ address, family: 6 }, 0))
        expect(readAddress(new DataView(again.buffer), 0, 20, 6)).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(canonical({ address, family: 4 })).toBe(address)
      }),
    )
  })
})

const links = [
  { upper: 'city', lower: 'county' },
  { upper: 'county', lower: 'township' },
  { upper: 'city', lower: 'detour' },
]

describe.skipIf(requiresRoot().skip)('across network namespaces', () => {
  let network: Network
  const ip = (place: string, ...args: readonly string[]) => network.run(place, 'ip', ...args)

  const lookFrom = async (
    address: string,
    options: Readonly<Record<string, unknown>> = {},
    previous?: unknown,
    ...wrapper: readonly string[]
  ): Promise<Measurement> => {
    const script = path.join(import.meta.dirname, 'path-child.ts')
    const input = JSON.stringify({ spec: { address, hopTimeoutSeconds: 0.3, ...options }, previous })
    const [command, ...args] = ['env', ...wrapper, process.execPath, script, input] as const
    return JSON.parse(await network.run('city', command, ...args)) as Measurement
  }

  beforeAll(async () => {
    network = await createNetwork(links)
    const [county, township] = [network.address('county'), network.address('township')]
    await ip('city', 'route', 'add', '10.97.0.0/16', 'via', county)
    await ip('county', 'route', 'add', '10.97.8.0/24', 'via', township)
    await ip('township', 'route', 'add', 'local', '10.97.8.0/24', 'dev', 'lo')
    await ip('county', 'route', 'add', 'prohibit', '10.97.3.0/24')
    await ip('county', 'route', 'add', '10.97.1.0/24', 'via', township)
    await ip('township', 'route', 'add', 'blackhole', '10.97.1.0/24')
    await ip('county', 'route', 'add', '10.97.4.0/24', 'via', township)
    // Nobody is there: the county asks for the neighbour for a while, then says so.
    await ip('county', 'route', 'add', '10.97.5.0/24', 'dev', 'port1')
    await network.run('county', 'sysctl', '-qw', 'net.ipv4.neigh.port1.retrans_time_ms=100')
    for (const place of ['county', 'township', 'detour']) {
      await network.run(place, 'sysctl', '-qw', 'net.ipv4.icmp_ratemask=0')
      await network.run(place, 'sysctl', '-qw', 'net.ipv6.icmp.ratelimit=0')
      await network.run(place, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1')
      await network.run(place, 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0')
    }
    await ip('city', 'address', 'add', 'fd97:1::1/64', 'dev', 'port0', 'nodad')
    await ip('county', 'address', 'add', 'fd97:1::2/64', 'dev', 'uplink', 'nodad')
    await ip('county', 'address', 'add', 'fd97:2::1/64', 'dev', 'port1', 'nodad')
    await ip('township', 'address', 'add', 'fd97:2::2/64', 'dev', 'uplink', 'nodad')
    await ip('city', 'route', 'add', 'fd97:2::/64', 'via', 'fd97:1::2')
    await ip('township', 'route', 'add', 'fd97:1::/64', 'via', 'fd97:2::1')
    // Interfaces that have just come up take a moment.
    await vi.waitFor(async () => expect((await lookFrom('fd97:2::2')).status).toBe('up'), { timeout: 20_000 })
  })
  afterAll(() => network[Symbol.asyncDispose]())

  /** The far end of the line from county to township, as the county sees it. */
  const countyAddress = () => network.address('county')

  test('a township is two hops from its city', async () => {
    const measurement = await lookFrom(network.address('township'))
    expect(measurement.status).toBe('up')
    expect(routeOf(measurement)).toEqual([countyAddress(), network.address('township')])
  })

  test('over IPv6 too', async () => {
    expect(routeOf(await lookFrom('fd97:2::2'))).toEqual(['fd97:1::2', 'fd97:2::2'])
  })

  test('without any privilege too', async () => {
    const powerless = ['setpriv', '--securebits=+noroot,+noroot_locked'] as const
    const measurement = await lookFrom(network.address('township'), {}, undefined, ...powerless)
    expect(routeOf(measurement)).toEqual([countyAddress(), network.address('township')])
  })

  test('who refuses is named, with the hop: unreachable', async () => {
    const measurement = await lookFrom('10.97.3.1')
    expect(measurement).toMatchObject({ status: 'down', cause: 'unreachable', facts: { reached: false } })
    expect(measurement.detail).toBe(
      `communication administratively prohibited (ICMP type 3 code 13) from ${countyAddress()} at hop 1`,
    )
  })

  test('an error that comes later wakes the run', async () => {
    const measurement = await lookFrom('10.97.5.9', {
      hopTimeoutSeconds: 3,
      attempts: 3,
      maxHops: 3,
      timeoutSeconds: 30,
    })
    expect(measurement).toMatchObject({ status: 'down', cause: 'unreachable' })
    expect(measurement.detail).toBe(`host unreachable (ICMP type 3 code 1) from ${countyAddress()} at hop 2`)
    // Where it did not, each of the attempts would take its time.
    expect(measurement.seconds).toBeLessThan(9)
  })

  test('where nothing comes back the last known hop is named: timeout', async () => {
    const measurement = await lookFrom('10.97.1.1', { hopTimeoutSeconds: 0.05 })
    expect(measurement).toMatchObject({ status: 'down', cause: 'timeout', facts: { reached: false } })
    expect(measurement.detail).toBe(`no answer beyond hop 1 (${countyAddress()})`)
    // The township drops silently what it is given.
    expect(routeOf(measurement).slice(0, 2)).toEqual([countyAddress(), null])
    expect(routeOf(measurement).length).toBeLessThan(30)
  })

  test('a loop ends at the last hop that was asked for', async () => {
    const measurement = await lookFrom('10.97.4.1', { maxHops: 9, hopTimeoutSeconds: 0.1 })
    expect(measurement).toMatchObject({ status: 'down', cause: 'timeout' })
    const hops = routeOf(measurement)
    expect(hops).toHaveLength(9)
    expect(new Set(hops.filter((address) => address !== null)).size).toBe(2)
  })

  test('a detour is a change once, and the way back another', async () => {
    const target = '10.97.8.1'
    const first = await lookFrom(target)
    expect(routeOf(first)).toEqual([countyAddress(), target])
    const second = await lookFrom(target, {}, first.facts)
    expect(second.facts).toMatchObject({ changed: false })
    // The target moves to the other line: one hop less between, another router.
    await ip('city', 'route', 'replace', `${target}/32`, 'via', network.address('detour'))
    await ip('detour', 'route', 'add', 'local', `${target}/32`, 'dev', 'lo')
    const third = await lookFrom(target, {}, second.facts)
    expect(third.facts).toMatchObject({ changed: true, previousHops: [countyAddress(), target] })
    expect(routeOf(third)).toEqual([target])
    const fourth = await lookFrom(target, {}, third.facts)
    expect(fourth.facts).toMatchObject({ changed: false, knownRoute: [target] })
    expect(fourth.facts).not.toHaveProperty('previousHops')
    await ip('city', 'route', 'del', `${target}/32`)
    expect((await lookFrom(target, {}, fourth.facts)).facts).toMatchObject({ changed: true })
  })

  test.skipIf(requires('traceroute').skip)('traceroute finds the same hops', async () => {
    for (const target of [network.address('township'), '10.97.8.1', 'fd97:2::2', network.address('county')]) {
      const printed = await network.run('city', 'traceroute', '-n', '-q1', '-w1', '-m9', target)
      const hops = [...printed.matchAll(/^ *\d+ +(\S+) .* ms$/gmu)].map(([, address]) => address)
      expect(hops.length).toBeGreaterThan(0)
      expect(routeOf(await lookFrom(target))).toEqual(hops)
    }
  })
})
