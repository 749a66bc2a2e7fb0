import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { readCredentials } from '../../src/discovery/credentials.ts'
import { readRange } from '../../src/discovery/range.ts'
import { credentials } from '../probes/snmp-peers.ts'

const authorised = ['10.0.0.0/8', '2001:db8::/32', '192.0.2.0/25', '192.0.2.128/25']

const faultOf = (work: () => unknown): UsageFault => {
  try {
    work()
  } catch (error) {
    if (error instanceof UsageFault) return error
    throw error
  }
  throw new Error('expected a fault')
}

describe('a range', () => {
  test.each([
    ['10.1.2.0/24', { network: '10.1.2.0/24', family: 4, count: 254 }],
    ['10.1.2.3', { network: '10.1.2.3/32', family: 4, count: 1 }],
    ['10.1.0.0/16', { network: '10.1.0.0/16', family: 4, count: 65_534 }],
    ['192.0.2.0/24', { network: '192.0.2.0/24', family: 4, count: 254 }],
    ['2001:DB8::0/120', { network: '2001:db8::/120', family: 6, count: 256 }],
  ])('%s is what it says', (text, range) => {
    expect(readRange(text, authorised)).toMatchObject(range)
  })

  test.each([
    ['10.1.2.3/24', /expected 10\.1\.2\.0\/24 \(the network\)/u],
    ['10.0.0.0/15', /expected at most 65536 addresses .*got 10\.0\.0\.0\/15/u],
    ['2001:db8::/111', /expected at most 65536 addresses/u],
    ['kaifeng', /expected a network/u],
    [
      '192.0.3.0/24',
      /192\.0\.3\.0\/24 is in no network .*\n.*yiwang network add ID .*cidr=192\.0\.3\.0\/24 scan=true/u,
    ],
    ['192.0.2.0/23', /192\.0\.3\.0\/24 is in no network/u],
    ['::ffff:10.1.2.3', /expected an IPv4 network written as one/u],
  ])('%s is refused, with what to do', (text, words) => {
    expect(faultOf(() => readRange(text, authorised)).message).toMatch(words)
  })
})

describe('credentials', () => {
  const read = (names: readonly string[]) => readCredentials(names, (name) => credentials[name])

  test('of v3 come first, each once', () => {
    expect(read(['community', 'sha1', 'wrongCommunity', 'sha256', 'sha1']).map(({ name }) => name)).toEqual([
      'sha1',
      'sha256',
      'community',
      'wrongCommunity',
    ])
  })

  test('that are missing, or of another kind, are told of all at once', () => {
    const { message } = faultOf(() => read(['nobody-has-this', 'community', 'bearer']))
    expect(message).toMatch(/no credential named "nobody-has-this"/u)
    expect(message).toMatch(/got another kind: "bearer"/u)
    expect(message).not.toContain('bearer-word')
  })
})
