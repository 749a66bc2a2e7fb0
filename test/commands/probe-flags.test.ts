import { Parser } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { probes } from '../../probes/index.ts'
import { bindFlags, probeFlags, probeOptions } from '../../src/commands/probe-flags.ts'
import { UsageFault } from '../../src/core/fault.ts'
import type { Probe } from '../../src/core/probe.ts'

const probe = (kind: string): Probe => {
  const found = probes.find((each) => each.kind === kind)
  if (found === undefined) throw new Error(`no probe ${kind}`)
  return found
}

test.each(probes)('$kind: every option but the address is a flag that says what it does', (each) => {
  const flags = probeFlags(each)
  expect(Object.keys(flags)).toContain('timeout-seconds')
  expect(Object.keys(flags)).not.toContain('address')
  for (const [name, flag] of Object.entries(flags)) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/u)
    expect(flag.summary).toMatch(/\S{2,}/u)
  }
})

test.each([
  ['tcp', { port: '22' }, { port: 22 }],
  ['icmp', { count: '5', 'interval-seconds': '0.5' }, { count: 5, intervalSeconds: 0.5 }],
  ['http', { 'require-trusted': true, path: '/1' }, { requireTrusted: true, path: '/1' }],
  ['http', { 'expect-status': '200,300-399' }, { expectStatus: [200, '300-399'] }],
  ['http', { headers: '{"x-a":"1"}' }, { headers: { 'x-a': '1' } }],
  ['dns', { expect: '["192.0.2.1"]' }, { expect: ['192.0.2.1'] }],
  ['tcp', { port: 'ssh' }, { port: 'ssh' }],
])('%s %j', (kind, flags, options) => {
  expect(probeOptions(probe(kind), flags)).toEqual(options)
})

test.each(probes)('$kind: its example can be typed as it stands', async (each) => {
  const [address = '', ...argv] = each.example.split(' ')
  const { flags } = await Parser.parse(argv, { flags: probeFlags(each), strict: true })
  expect(bindFlags(each, { address, ...probeOptions(each, flags) })).toBeTypeOf('function')
})

describe('what the schema refuses is said of the flags', () => {
  test.each([
    ['tcp', { address: '', port: 0 }, ['ADDRESS', '--port']],
    ['icmp', { address: '192.0.2.1', packetTimeoutSeconds: -1 }, ['--packet-timeout-seconds']],
    ['http', { address: '192.0.2.1', expectStatus: ['no'] }, ['--expect-status.0']],
  ])('%s %j', (kind, options, where) => {
    try {
      bindFlags(probe(kind), options)
    } catch (error) {
      expect(error).toBeInstanceOf(UsageFault)
      expect((error as UsageFault).problems.map((problem) => problem.where)).toEqual(where)
      return
    }
    throw new Error('expected a refusal')
  })
})
