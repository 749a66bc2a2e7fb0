import { execFile } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import readline from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Measurement } from '../../src/core/probe.ts'
import { type Network, createNetwork, requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'
import type { ChildResult } from './icmp-child.ts'

const scriptAt = (name: string): string => path.join(import.meta.dirname, name)
const links = [
  { upper: 'city', lower: 'county' },
  { upper: 'county', lower: 'township' },
]
/** Behind the county: one prefix for each way of not arriving, and one that is served. */
const silent = '10.97.1'
const unreachable = '10.97.2'
const prohibited = '10.97.3'
const looping = '10.97.4'
const served = '10.97.8'
const hostile = '10.97.64'

type Spec = Readonly<Record<string, unknown>> & { readonly address: string }

const root = requiresRoot()

describe.skipIf(root.skip)('icmp across network namespaces', () => {
  let network: Network
  const ip = (place: string, ...args: readonly string[]) => network.run(place, 'ip', ...args)
  const sysctl = (place: string, setting: string) => network.run(place, 'sysctl', '-qw', setting)

  /** Runs the child at the city; `wrapper` takes rights away from it. */
  const ping = async (specs: readonly Spec[], ...wrapper: readonly string[]): Promise<ChildResult> => {
    const [command, ...args] = [
      'env',
      ...wrapper,
      process.execPath,
      scriptAt('icmp-child.ts'),
      JSON.stringify(specs.map((spec) => ({ intervalSeconds: 0.02, packetTimeoutSeconds: 0.5, ...spec }))),
    ] as const
    return JSON.parse(await network.run('city', command, ...args)) as ChildResult
  }

  const pingOne = async (spec: Spec, ...wrapper: readonly string[]): Promise<Measurement> =>
    (await ping([spec], ...wrapper)).measurements[spec.address]!

  beforeAll(async () => {
    network = await createNetwork(links)
    const [county, township] = [network.address('county'), network.address('township')]
    await ip('city', 'route', 'add', '10.97.0.0/16', 'via', county)
    await ip('county', 'route', 'add', 'blackhole', `${silent}.0/24`)
    await ip('county', 'route', 'add', 'unreachable', `${unreachable}.0/24`)
    await ip('county', 'route', 'add', 'prohibit', `${prohibited}.0/24`)
    await ip('county', 'route', 'add', `${looping}.0/24`, 'via', township)
    await ip('county', 'route', 'add', `${served}.0/21`, 'via', township)
    await ip('county', 'route', 'add', 'blackhole', `${served}.128/27`)
    await ip('township', 'route', 'add', 'local', `${served}.0/21`, 'dev', 'lo')
    for (const place of ['city', 'county', 'township']) {
      await sysctl(place, 'net.ipv6.conf.all.forwarding=1')
      await sysctl(place, 'net.ipv4.icmp_ratelimit=0')
      await sysctl(place, 'net.ipv6.icmp.ratelimit=0')
    }
    await ip('city', 'address', 'add', 'fd97:1::1/64', 'dev', 'port0', 'nodad')
    await ip('county', 'address', 'add', 'fd97:1::2/64', 'dev', 'uplink', 'nodad')
    await ip('county', 'address', 'add', 'fd97:2::1/64', 'dev', 'port1', 'nodad')
    for (const host of ['2', 'a', 'd'])
      await ip('township', 'address', 'add', `fd97:2::${host}/64`, 'dev', 'uplink', 'nodad')
    await ip('city', 'route', 'add', 'fd97::/16', 'via', 'fd97:1::2')
    await ip('township', 'route', 'add', 'fd97::/16', 'via', 'fd97:2::1')
    await ip('county', 'route', 'add', 'unreachable', 'fd97:3::/64')
    await ip('county', 'route', 'add', 'prohibit', 'fd97:4::/64')
    await ip('county', 'route', 'add', 'blackhole', 'fd97:5::/64')
    await ip('county', 'link', 'set', 'port1', 'mtu', '1300')
    // Interfaces that have just come up take a moment: the first answer within 20 s.
    await network.run('city', 'ping', '-c1', '-w20', 'fd97:2::2')
  })
  afterAll(() => network[Symbol.asyncDispose]())

  /** As root, which owns the files, but without any capability. */
  const powerless = ['setpriv', '--securebits=+noroot,+noroot_locked'] as const
  const methods: readonly (readonly [string, readonly string[]])[] = [
    ['raw', []],
    ['datagram', powerless],
  ]

  describe.each(methods)('by a %s socket', (method, wrapper) => {
    beforeAll(() => sysctl('city', 'net.ipv4.ping_group_range=0 0'))

    test('each end is judged, with its reason', async () => {
      const addresses = [
        `${served}.1`,
        `${silent}.1`,
        `${unreachable}.1`,
        `${prohibited}.1`,
        'fd97:2::2',
        'fd97:3::1',
        'fd97:4::1',
        'fd97:5::1',
        '10.96.0.1',
      ]
      // The county's kernel sends five refusals to one peer and then one a second, and a loop's end resets that:
      // one packet each, and the loop on its own in the end.
      const isRefused = (address: string): boolean =>
        [`${unreachable}.1`, `${prohibited}.1`].includes(address)
      const result = await ping(
        addresses.map((address) => ({ address, ...(isRefused(address) && { count: 1 }) })),
        ...wrapper,
      )
      expect(result.method).toBe(method)
      const county = network.address('county')
      const up = { status: 'up', facts: { method, sent: 3, received: 3, lossRatio: 0 } }
      const down = (detail: string) => ({
        status: 'down',
        cause: 'unreachable',
        detail,
        facts: { method, received: 0, lossRatio: 1 },
      })
      const timeout = {
        status: 'down',
        cause: 'timeout',
        detail: 'no reply to 3 packets within 0.5 s each',
        facts: { method, sent: 3, received: 0 },
      }
      expect(result.measurements).toMatchObject({
        [`${served}.1`]: up,
        [`${silent}.1`]: timeout,
        [`${unreachable}.1`]: down(`host unreachable (ICMP type 3 code 1) from ${county}`),
        [`${prohibited}.1`]: down(
          `communication administratively prohibited (ICMP type 3 code 13) from ${county}`,
        ),
        'fd97:2::2': up,
        'fd97:3::1': down('no route to destination (ICMPv6 type 1 code 0) from fd97:1:0:0:0:0:0:2'),
        'fd97:4::1': down(
          'communication administratively prohibited (ICMPv6 type 1 code 1) from fd97:1:0:0:0:0:0:2',
        ),
        'fd97:5::1': timeout,
        '10.96.0.1': { status: 'down', cause: 'unreachable', facts: { sent: 0, lossRatio: 1 } },
      })
      expect(result.measurements['10.96.0.1']?.detail).toContain('ENETUNREACH')
    })

    test('a packet that is too big for a link says so, with the MTU', async () => {
      // The kernel remembers the MTU of a path once it has been told.
      const [target4, target6] =
        method === 'raw' ? [`${served}.4`, 'fd97:2::a'] : [`${served}.5`, 'fd97:2::d']
      const { measurements } = await ping(
        [
          { address: target4, sizeBytes: 1400, count: 1 },
          { address: target6, sizeBytes: 1400, count: 1 },
        ],
        ...wrapper,
      )
      expect(measurements[target4]).toMatchObject({
        status: 'down',
        detail: expect.stringContaining('MTU 1300') as string,
      })
      expect(measurements[target6]).toMatchObject({
        status: 'down',
        detail: expect.stringContaining('packet too big') as string,
      })
    })

    test('a payload larger than the link goes in fragments, beside one that needs none', async () => {
      const county = network.address('county')
      const { measurements } = await ping(
        [{ address: `${served}.6` }, { address: county, sizeBytes: 5000 }],
        ...wrapper,
      )
      expect(measurements).toMatchObject({ [`${served}.6`]: { status: 'up' }, [county]: { status: 'up' } })
    })

    test('three packets to each of 1,500 targets, some of them dead', async () => {
      const addresses = Array.from({ length: 1500 }, (_, index) => `10.97.${8 + (index >> 8)}.${index & 255}`)
      const { measurements } = await ping(
        addresses.map((address) => ({ address })),
        ...wrapper,
      )
      const dead = addresses.filter((address) => measurements[address]?.status === 'down')
      expect(dead).toEqual(addresses.slice(128, 160))
      const complete = addresses.filter((address) => measurements[address]?.facts['received'] === 3)
      expect(complete).toHaveLength(1500 - 32)
    })
  })

  test.each(methods)('a routing loop is told as what it is, by a %s socket', async (_, wrapper) => {
    const measurement = await pingOne({ address: `${looping}.1` }, ...wrapper)
    expect(measurement).toMatchObject({ status: 'down', cause: 'unreachable' })
    expect(measurement.detail).toMatch(/^TTL exceeded in transit/u)
  })

  test.skipIf(requires('fping').skip)('fping finds the same alive, and the same loss', async () => {
    const addresses = Array.from({ length: 400 }, (_, index) => `10.97.${8 + (index >> 8)}.${index & 255}`)
    const { measurements } = await ping(addresses.map((address) => ({ address })))
    const command = `printf '%s\\n' ${addresses.join(' ')} | fping -q -C 3 -p 100 -i 1 -t 500 2>&1; true`
    const lines = (await network.run('city', 'sh', '-c', command)).trim().split('\n')
    const byFping = lines.map((line) => {
      const [address = '', times = ''] = line.split(' : ')
      return [address.trim(), times.split(' ').filter((time) => time !== '-').length] as const
    })
    expect(byFping).toHaveLength(addresses.length)
    expect(addresses.map((address) => [address, measurements[address]?.facts['received']])).toEqual(
      addresses.map((address) => [address, new Map(byFping).get(address)]),
    )
    expect(byFping.filter(([, received]) => received === 0)).toHaveLength(32)
  })

  test('without a socket the system’s ping is used, where it may send', async () => {
    await sysctl('city', 'net.ipv4.ping_group_range=1 0')
    const mayPing = await network.run('city', ...powerless, 'ping', '-c1', '-W1', `${served}.1`).then(
      () => true,
      () => false,
    )
    const { method, measurements } = await ping(
      [`${served}.1`, `${silent}.1`, `${unreachable}.1`, 'fd97:2::2'].map((address) => ({
        address,
        count: 2,
        packetTimeoutSeconds: 1,
      })),
      ...powerless,
    )
    expect(method).toBe(mayPing ? 'ping' : 'none')
    const denied = { status: 'unknown', cause: 'permission' }
    const up = { status: 'up', facts: { method: 'ping', sent: 2, received: 2, lossRatio: 0 } }
    expect(measurements).toMatchObject({
      [`${served}.1`]: mayPing ? up : denied,
      [`${silent}.1`]: mayPing ? { status: 'down', cause: 'timeout', facts: { method: 'ping' } } : denied,
      [`${unreachable}.1`]: mayPing ? { status: 'down', cause: 'unreachable' } : denied,
      'fd97:2::2': mayPing ? up : denied,
    })
  })

  test('where nothing may send, it is our fault, with the remedy', async () => {
    await sysctl('city', 'net.ipv4.ping_group_range=1 0')
    const wrapper = [...powerless, '--bounding-set=-net_raw'] as const
    const { method, measurements } = await ping([{ address: `${served}.1` }], ...wrapper)
    expect(method).toBe('none')
    expect(measurements[`${served}.1`]).toMatchObject({ status: 'unknown', cause: 'permission' })
    expect(measurements[`${served}.1`]?.detail).toMatch(/setcap cap_net_raw.*ping_group_range/u)
  })

  describe('from a peer that misbehaves', () => {
    beforeAll(async () => {
      await ip('county', 'route', 'add', `${hostile}.0/24`, 'via', network.address('township'))
      await ip('township', 'route', 'add', 'local', `${hostile}.0/24`, 'dev', 'lo')
      await sysctl('township', 'net.ipv4.icmp_echo_ignore_all=1')
      const peer = network.spawn('township', [process.execPath, scriptAt('icmp-peer.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(readline.createInterface({ input: peer.stdout! }), 'line')
    })

    const ends = [
      [1, 'answers well', { status: 'up', facts: { received: 3, duplicates: 0 } }],
      // The answer to the last packet ends the run: a second one to it comes too late to be counted.
      [10, 'answers twice', { status: 'up', facts: { received: 3, duplicates: 2 } }],
      [11, 'answers with another tag', { status: 'down', cause: 'timeout' }],
      [12, 'answers from another address', { status: 'down', cause: 'timeout' }],
      [13, 'refuses, quoting eight bytes', { status: 'down', cause: 'unreachable' }],
      [15, 'answers with a packet number never sent', { status: 'down', cause: 'timeout' }],
      [16, 'refuses what we did not ask', { status: 'down', cause: 'timeout' }],
    ] as const
    let measurements: ChildResult['measurements']
    beforeAll(async () => {
      ;({ measurements } = await ping(ends.map(([octet]) => ({ address: `${hostile}.${octet}` }))))
    })

    test.each(ends)('.%i %s', (octet, _, expected) => {
      expect(measurements[`${hostile}.${octet}`]).toMatchObject(expected)
    })

    test('an answer after its timeout is loss, though the run still waits', async () => {
      const spec = { address: `${hostile}.14`, count: 2, intervalSeconds: 0.6, packetTimeoutSeconds: 0.2 }
      const measurement = await pingOne(spec)
      expect(measurement).toMatchObject({ status: 'down', cause: 'timeout', facts: { sent: 2, received: 0 } })
    })
  })

  test('a link that is cut on the way: what was answered counts, the rest is loss', async () => {
    await sysctl('township', 'net.ipv4.icmp_echo_ignore_all=0')
    const before = await echoesAt('township')
    const measuring = pingOne({ address: `${served}.3`, count: 20, intervalSeconds: 0.1 })
    await expect.poll(() => echoesAt('township')).toBeGreaterThan(before + 5)
    await network.cut('township')
    const measurement = await measuring
    expect(measurement).toMatchObject({ status: 'up', facts: { sent: 20 } })
    expect(measurement.facts['lossRatio']).toBeGreaterThan(0)
    expect(measurement.facts['lossRatio']).toBeLessThan(1)
  })

  const echoesAt = async (place: string): Promise<number> => {
    const text = await network.run(place, 'cat', '/proc/net/snmp')
    const [names = [], values = []] = text
      .split('\n')
      .filter((line) => line.startsWith('Icmp: '))
      .map((line) => line.split(' '))
    return Number(values[names.indexOf('InEchos')])
  }
})

test('no namespace is left behind', async ({ skip }) => {
  if (root.skip) skip()
  const { stdout } = await promisify(execFile)('ip', ['netns', 'list'])
  expect(stdout).not.toContain(`yiwang-${process.pid}-`)
})
