import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressCount,
  holdersAmong,
  hostsIn,
  isHost,
  isWithin,
  partOutside,
  readNetwork,
} from '../../src/core/network.ts'

test.each([
  ['192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.3.7', ['192.0.2.0/24'], false],
  ['192.0.2.7', ['192.0.2.7/32'], true],
  ['192.0.2.8', ['10.0.0.0/8', '192.0.2.7/32'], false],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
  ['2001:db8::7', ['2001:db8::/32'], true],
  ['fe80::1%eth0', ['fe80::/10'], true],
  ['2001:db9::7', ['2001:db8::/32'], false],
  ['10.1.2.3', ['0.0.0.0/0'], true],
  ['10.1.2.3', ['::/0'], false],
  ['::ffff:10.1.2.3', ['::/0'], false],
  ['::ffff:0a01:0203', ['10.1.2.0/24'], true],
  ['2001:db8::7', ['0.0.0.0/0'], false],
  ['10.1.2.3', [], false],
  ['10.1.2.3', ['10.1.2.3', '10.0.0.0/33', 'ten/8'], false],
  ['gw.example.gov.cn', ['0.0.0.0/0', '::/0'], false],
])('%s within %j: %s', (address, networks, expected) => {
  expect(isWithin(address, networks)).toBe(expected)
})

test('names every network that holds the address', () => {
  const holders = holdersAmong(['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16', '::/0'])
  expect(holders('10.1.2.3')).toEqual(['10.0.0.0/8', '10.1.0.0/16'])
  expect(holders('192.0.2.1')).toEqual([])
})

const octet = fc.integer({ min: 0, max: 255 })
const ip4 = fc.tuple(octet, octet, octet, octet)

test('an address is inside where its first bits are the network’s', () => {
  const wordOf = (octets: readonly number[]): number => octets.reduce((word, value) => word * 256 + value, 0)
  fc.assert(
    fc.property(ip4, ip4, fc.integer({ min: 0, max: 32 }), (left, right, bits) => {
      const size = 2 ** (32 - bits)
      const isInside = Math.floor(wordOf(left) / size) === Math.floor(wordOf(right) / size)
      expect(isWithin(left.join('.'), [`${right.join('.')}/${bits}`])).toBe(isInside)
    }),
  )
})

describe('a network is read in one form', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['2001:0DB8:0:0::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['::1/128', '::1/128'],
    ['::192.0.2.0/120', '::c000:200/120'],
    ['2001:db8:0:1:0:0:0:0/64', '2001:db8:0:1::/64'],
  ])('%s: %s', (text, network) => {
    expect(readNetwork(text)).toEqual({ ok: true, network })
  })

  const unreadable = 'expected a network as address/length: 192.0.2.0/24, 2001:db8::/32'

  test.each([
    ['192.0.2.1/24', 'expected 192.0.2.0/24 (the network) or 192.0.2.1/32 (one address)'],
    ['2001:DB8::1/32', 'expected 2001:db8::/32 (the network) or 2001:db8::1/128 (one address)'],
    ['::ffff:192.0.2.0/120', 'expected an IPv4 network written as one: 192.0.2.0/24'],
    ['192.0.2.0', unreadable],
    ['192.0.2.0/33', unreadable],
    ['192.0.2.0/024', unreadable],
    ['192.0.2/24', unreadable],
    ['010.0.0.0/8', unreadable],
    ['fe80::%eth0/10', unreadable],
    ['2001:db8::/129', unreadable],
    ['', unreadable],
  ])('%s: %s', (text, expected) => {
    expect(readNetwork(text)).toEqual({ ok: false, expected })
  })

  test('what is read is read again as it is, and holds its first address', () => {
    const any = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    )
    fc.assert(
      fc.property(any, ([address, length]) => {
        const reading = readNetwork(`${address}/${length}`)
        const network = reading.ok ? reading.network : /^expected (\S+\/\d+) \(/u.exec(reading.expected)?.[1]
        if (network === undefined) return
        expect(readNetwork(network)).toEqual({ ok: true, network })
        expect(isWithin(address, [network])).toBe(true)
      }),
    )
  })

  test('no text makes the reader throw', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,45}\/\d{0,3}$/u))
    fc.assert(
      fc.property(text, (each) => {
        expect(readNetwork(each)).toHaveProperty('ok')
      }),
    )
  })
})

test.each<[string, readonly string[], string | undefined]>([
  ['10.0.0.0/24', ['10.0.0.0/24'], undefined],
  ['10.0.0.0/24', ['10.0.0.0/8'], undefined],
  ['10.0.0.0/24', ['10.0.0.0/25', '10.0.0.128/26', '10.0.0.192/26'], undefined],
  ['10.0.0.0/24', ['10.0.0.0/25', '10.0.0.192/26'], '10.0.0.128/26'],
  ['10.0.0.0/24', ['10.0.0.5/32'], '10.0.0.0/30'],
  ['10.0.0.0/24', [], '10.0.0.0/24'],
  ['10.0.0.0/24', ['::/0'], '10.0.0.0/24'],
  ['2001:db8::/64', ['2001:db8::/65', '2001:db8:0:0:8000::/65'], undefined],
  ['2001:db8::/64', ['0.0.0.0/0'], '2001:db8::/64'],
  ['no network', ['0.0.0.0/0'], 'no network'],
])('of %s, %j leave out %s', (network, others, outside) => {
  expect(partOutside(network, others)).toBe(outside)
})

test('nothing is left out exactly where each address is inside', () => {
  const networks = fc.array(
    fc.tuple(fc.nat(63), fc.integer({ min: 26, max: 32 })).map(([last, length]) => {
      const size = 2 ** (32 - length)
      return `10.0.0.${Math.floor(last / size) * size}/${length}`
    }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(networks, (others) => {
      const addresses = Array.from({ length: 64 }, (_, at) => `10.0.0.${at}`)
      const outside = partOutside('10.0.0.0/26', others)
      expect(outside === undefined).toBe(addresses.every((address) => isWithin(address, others)))
      if (outside !== undefined)
        expect(addresses.find((address) => !isWithin(address, others))).toBe(outside.split('/')[0])
    }),
  )
})

test.each<[string, readonly string[]]>([
  ['192.0.2.4/30', ['192.0.2.5', '192.0.2.6']],
  ['192.0.2.4/31', ['192.0.2.4', '192.0.2.5']],
  ['192.0.2.255/32', ['192.0.2.255']],
  ['2001:db8::fe/127', ['2001:db8::fe', '2001:db8::ff']],
  ['no network', []],
])('hosts in %s are %j', (network, hosts) => {
  expect([...hostsIn(network)]).toEqual(hosts)
})

test('a /16 has 65,534 hosts, in order', () => {
  const hosts = [...hostsIn('10.7.0.0/16')]
  expect([hosts.length, hosts[0], hosts[255], hosts.at(-1)]).toEqual([
    65_534,
    '10.7.0.1',
    '10.7.1.0',
    '10.7.255.254',
  ])
  expect(addressCount('10.7.0.0/16')).toBe(65_536n)
  expect(addressCount('::/0')).toBe(2n ** 128n)
})

test.each([
  ['192.0.2.1', true],
  ['2001:db8::1', true],
  ['fe80::1%eth0', true],
  ['www.example.com', true],
  ['www.example.com.', true],
  ['_sip.example.com', true],
  ['政务.example', true],
  ['4.2.example', true],
  ['010.0.0.1', false],
  ['256.1.1.1', false],
  ['1.2.3', false],
  ['0x7f000001', false],
  ['192.0.2.1:80', false],
  ['[::1]', false],
  ['10.0.0.0/24', false],
  ['www.example.com/path', false],
  ['root@example.com', false],
  ['http://example.com', false],
  ['a b', false],
  ['', false],
])('%s can be asked: %s', (text, expected) => {
  expect(isHost(text)).toBe(expected)
})
