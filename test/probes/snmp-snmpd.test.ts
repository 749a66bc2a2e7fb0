import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InterfaceFacts } from '../../probes/snmp/interfaces.ts'
import { type SnmpFacts, snmp } from '../../probes/snmp/index.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { requires } from '../support/services.ts'
import { patiently } from '../support/patience.ts'
import { type Snmpd, secrets, snmpContext, startSnmpd } from './snmp-peers.ts'

const run = promisify(execFile)

const tools = {
  community: ['-v2c', '-c', 'read-only-word'],
  sha1: userOptions('sha1user', 'SHA', 'authentication-1', 'encryption-1'),
  sha256: userOptions('sha256user', 'SHA-256', 'authentication-2', 'encryption-2'),
} as const

function userOptions(name: string, protocol: string, auth: string, priv: string): readonly string[] {
  return ['-v3', '-l', 'authPriv', '-u', name, '-a', protocol, '-A', auth, '-x', 'AES', '-X', priv]
}

const oids = {
  sysDescr: '.1.3.6.1.2.1.1.1.0',
  sysUpTime: '.1.3.6.1.2.1.1.3.0',
  sysName: '.1.3.6.1.2.1.1.5.0',
  ifTable: '.1.3.6.1.2.1.2.2',
  ifXTable: '.1.3.6.1.2.1.31.1.1',
}

describe.skipIf(requires('snmpd', 'snmpget', 'snmpbulkwalk').skip)('against snmpd', () => {
  let daemon: Snmpd
  beforeAll(async () => {
    daemon = await startSnmpd()
  })
  afterAll(() => daemon[Symbol.asyncDispose]())

  const ask = async (program: string, credential: keyof typeof tools, ...objects: string[]) => {
    const options = [...tools[credential], '-On', '-OQ', '-Ot', `udp:127.0.0.1:${daemon.port}`, ...objects]
    const { stdout } = await run(program, options, { env: { ...process.env, MIBS: '' } })
    const lines = stdout.trimEnd().split('\n')
    return new Map(
      lines
        .map((line) => line.split(' = ', 2) as [string, string])
        .map(([oid, value]) => [oid, unquoted(value)]),
    )
  }
  const unquoted = (value: string): string => value.replace(/^"(.*)"$/u, '$1')

  const look = async (credential: string, options = {}): Promise<Measurement> => {
    const spec = { address: '127.0.0.1', port: daemon.port, credential, timeoutSeconds: 2, ...options }
    return snmp.bind(spec)(snmpContext())
  }
  const facts = (measurement: Measurement): SnmpFacts => measurement.facts as unknown as SnmpFacts

  test.each(['community', 'sha1', 'sha256'] as const)(
    '%s: the system group equals snmpget',
    async (credential) => {
      const measurement = await look(credential)
      const shown = await ask('snmpget', credential, oids.sysDescr, oids.sysName, oids.sysUpTime)
      expect(measurement).toMatchObject({
        status: 'up',
        facts: {
          version: credential === 'community' ? 'v2c' : 'v3',
          sysName: shown.get(oids.sysName),
          sysDescr: shown.get(oids.sysDescr),
          restarted: false,
        },
      })
      expect(shown.get(oids.sysDescr)).toBe('Lankao county router, release 8')
      const laterTicks = Number(shown.get(oids.sysUpTime))
      expect(facts(measurement).sysUpTimeSeconds).toBeGreaterThan(0)
      expect(facts(measurement).sysUpTimeSeconds).toBeLessThanOrEqual(laterTicks / 100)
    },
  )

  test.each(['community', 'sha1', 'sha256'] as const)(
    '%s: the interface table equals snmpbulkwalk',
    async (credential) => {
      const before = await walkTables(credential)
      const { interfaces = [], interfacesTruncated } = facts(await look(credential))
      const after = await walkTables(credential)
      expect(interfacesTruncated).toBe(false)
      expect(interfaces.map(({ index }) => String(index))).toEqual(indexesIn(before))
      for (const row of interfaces) expectRow(row, before, after)
    },
  )

  const walkTables = async (credential: keyof typeof tools): Promise<Map<string, string>> =>
    new Map([
      ...(await ask('snmpbulkwalk', credential, oids.ifTable)),
      ...(await ask('snmpbulkwalk', credential, oids.ifXTable)),
    ])

  const indexesIn = (shown: ReadonlyMap<string, string>): readonly (string | undefined)[] =>
    [...shown.keys()]
      .filter((oid) => oid.startsWith(`${oids.ifTable}.1.1.`))
      .map((oid) => oid.split('.').at(-1))

  const expectRow = (row: InterfaceFacts, before: Map<string, string>, after: Map<string, string>): void => {
    const cell = (shown: Map<string, string>, column: string): string =>
      shown.get(`${column}.${row.index}`) ?? ''
    const [entry, extended] = [`${oids.ifTable}.1`, `${oids.ifXTable}.1`]
    expect(row).toMatchObject({
      name: cell(before, `${extended}.1`),
      adminUp: cell(before, `${entry}.7`) === '1',
      operUp: cell(before, `${entry}.8`) === '1',
    })
    expect((row.speedBitsPerSecond ?? 0) / 1e6).toBe(Number(cell(before, `${extended}.15`)))
    const counters = [
      ['inOctets', `${extended}.6`],
      ['outOctets', `${extended}.10`],
      ['inDiscards', `${entry}.13`],
      ['inErrors', `${entry}.14`],
      ['outDiscards', `${entry}.19`],
      ['outErrors', `${entry}.20`],
    ] as const
    for (const [key, column] of counters) {
      expect(row[key]).toBeGreaterThanOrEqual(Number(cell(before, column)))
      expect(row[key]).toBeLessThanOrEqual(Number(cell(after, column)))
    }
  }

  test('an agent is found on IPv6 and by name', async () => {
    expect(await look('sha256', { address: '::1' })).toMatchObject({ status: 'up', facts: { version: 'v3' } })
    expect(await look('community', { address: 'localhost', family: 4 })).toMatchObject({ status: 'up' })
  })

  test('only the asked-for interfaces come, and the rest is said', async () => {
    expect(await look('community', { maxInterfaces: 1 })).toMatchObject({
      facts: { interfaces: [{ index: 1, name: 'lo', adminUp: true }] },
    })
    expect((await look('community', { interfaces: false })).facts).not.toHaveProperty('interfaces')
  })

  test.each([
    { credential: 'wrongCommunity', cause: 'timeout', detail: 'no answer' },
    { credential: 'unknownUser', cause: 'protocol', detail: 'usmStatsUnknownUserNames' },
    { credential: 'wrongAuthPassword', cause: 'protocol', detail: 'usmStatsWrongDigests' },
    { credential: 'wrongAuthProtocol', cause: 'protocol', detail: 'usmStatsWrongDigests' },
    { credential: 'wrongPrivPassword', cause: 'timeout', detail: 'is the privacy password right?' },
  ])('$credential is down: $cause', async ({ credential, cause, detail }) => {
    const measurement = await patiently(
      0.4,
      (timeoutSeconds) => look(credential, { timeoutSeconds, retries: 0 }),
      (each) => each.cause === 'timeout' && each.detail?.includes(detail) !== true,
    )
    expect(measurement).toMatchObject({
      status: 'down',
      cause,
      detail: expect.stringContaining(detail) as string,
    })
    expect(secrets.filter((secret) => JSON.stringify(measurement).includes(secret))).toEqual([])
  })

  test('a daemon that was started anew is told from one that went on', async () => {
    const first = facts(await look('community'))
    const goOn = snmp.bind({ address: '127.0.0.1', port: daemon.port, credential: 'community' })
    expect(await goOn(snmpContext({ previous: first }))).toMatchObject({ facts: { restarted: false } })
    const older = { ...first, engineTimeSeconds: 1_000_000, sysUpTimeSeconds: 1_000_000 }
    expect(await goOn(snmpContext({ previous: older }))).toMatchObject({ facts: { restarted: true } })
  })
})
