import { expect, test } from 'vitest'
import type { InterfaceFacts } from '../../probes/snmp/interfaces.ts'
import { type SnmpFacts, snmp } from '../../probes/snmp/index.ts'
import { type Row, addIfTable, addIfXTable, addSystem, libraryAgent, snmpContext } from './snmp-peers.ts'

const counter64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

const port1: Row = { index: 1, descr: 'GigabitEthernet0/0/1', adminStatus: 1, operStatus: 1 }

const look = async (port: number, options: object = {}, previous?: unknown): Promise<SnmpFacts> => {
  const spec = { address: '127.0.0.1', port, credential: 'community', ...options }
  const measurement = await snmp.bind(spec)(snmpContext({ previous, now: () => 1e12 }))
  expect(measurement.status).toBe('up')
  return measurement.facts as unknown as SnmpFacts
}

const onlyRow = ({ interfaces }: SnmpFacts): InterfaceFacts => {
  expect(interfaces).toHaveLength(1)
  return interfaces![0]!
}

test('an old agent without ifXTable: 32-bit counters, ifDescr and ifSpeed', async () => {
  using agent = await libraryAgent()
  addIfTable(agent.mib, [
    { ...port1, speed: 100_000_000, inOctets: 4_294_967_290, outOctets: 7, inErrors: 3 },
  ])
  expect(onlyRow(await look(agent.port))).toEqual({
    index: 1,
    name: 'GigabitEthernet0/0/1',
    adminUp: true,
    operUp: true,
    speedBitsPerSecond: 100_000_000,
    inOctets: 4_294_967_290,
    outOctets: 7,
    narrowOctets: true,
    inErrors: 3,
    outErrors: 0,
    inDiscards: 0,
    outDiscards: 0,
  })
})

test('a counter that wraps is passed on as it stands, and is no restart', async () => {
  using agent = await libraryAgent()
  addSystem(agent.mib, { sysDescr: 'router', sysUpTime: 5_000, sysName: 'r1' })
  addIfTable(agent.mib, [{ ...port1, inOctets: 4_294_967_290 }])
  const before = await look(agent.port)
  agent.mib.setTableSingleCell('ifEntry', 10, [1], 5)
  agent.mib.setScalarValue('sysUpTime', 6_000)
  const after = await look(agent.port, {}, before)
  expect([onlyRow(before).inOctets, onlyRow(after).inOctets]).toEqual([4_294_967_290, 5])
  expect(after).toMatchObject({ restarted: false, sysUpTimeSeconds: 60 })
})

test('64-bit counters, ifName, alias and ifHighSpeed outrank the older columns', async () => {
  using agent = await libraryAgent()
  addIfTable(agent.mib, [{ ...port1, speed: 4_294_967_295, inOctets: 1, outOctets: 2, operStatus: 2 }])
  const name = 'XGE0/0/1'
  const alias = Buffer.from('c8a5c0bcbfbcd7a8cfdf', 'hex')
  const hcInOctets = counter64(9_007_199_254_740_991n)
  const hcOutOctets = counter64(2n ** 64n - 1n)
  addIfXTable(agent.mib, [{ index: 1, name, alias, hcInOctets, hcOutOctets, highSpeed: 10_000 }])
  expect(onlyRow(await look(agent.port))).toMatchObject({
    name,
    alias: new TextDecoder('gb18030').decode(alias),
    operUp: false,
    speedBitsPerSecond: 10_000_000_000,
    inOctets: Number.MAX_SAFE_INTEGER,
    outOctets: 2 ** 64,
  })
})

test('text is one line without control characters, up to 255 characters', async () => {
  using agent = await libraryAgent()
  const sysDescr = Buffer.from(`Huawei\r\nVRP\u0000\u001b[31m ${'长'.repeat(200)}`)
  addSystem(agent.mib, { sysDescr, sysUpTime: 1, sysName: '\u202Eevil\u0007' })
  const { sysDescr: shown, sysName } = await look(agent.port)
  expect(shown).toBe(`Huawei VRP [31m ${'长'.repeat(200)}`)
  expect(sysName).toBe('evil')
})

const many: readonly Row[] = Array.from({ length: 70 }, (_, at) => ({
  ...port1,
  index: 3 * at + 1,
  inOctets: at,
}))

test.each([
  { maxInterfaces: undefined, count: 64, isTruncated: true },
  { maxInterfaces: 69, count: 69, isTruncated: true },
  { maxInterfaces: 70, count: 70, isTruncated: false },
  { maxInterfaces: 512, count: 70, isTruncated: false },
])('of 70 interfaces, $maxInterfaces allowed: $count', async ({ maxInterfaces, count, isTruncated }) => {
  using agent = await libraryAgent()
  addIfTable(agent.mib, many)
  const { interfaces, interfacesTruncated } = await look(agent.port, {
    ...(maxInterfaces && { maxInterfaces }),
  })
  expect(interfacesTruncated).toBe(isTruncated)
  expect(interfaces!.map(({ index, inOctets }) => [index, inOctets])).toEqual(
    many.slice(0, count).map(({ index, inOctets }) => [index, inOctets]),
  )
})

test.each(['sha1', 'sha256'])('%s and AES-128 read the same as the community does', async (credential) => {
  using agent = await libraryAgent()
  addSystem(agent.mib, { sysDescr: 'router', sysUpTime: 100, sysName: 'r1' })
  addIfTable(agent.mib, many.slice(0, 5))
  const { version: v2c, defaultCommunity, ...open } = await look(agent.port)
  const { version: v3, ...secured } = await look(agent.port, { credential })
  expect([v2c, v3]).toEqual(['v2c', 'v3'])
  expect(defaultCommunity).toBe(false)
  expect(secured).toEqual(open)
})

test('readings carry interface and index, and leave out what is not known', async () => {
  using agent = await libraryAgent()
  addSystem(agent.mib, { sysDescr: 'router', sysUpTime: 12_345, sysName: 'r1' })
  addIfTable(agent.mib, [
    { ...port1, inOctets: 10, outOctets: 20, inErrors: 1, outDiscards: 2, speed: 8_000 },
  ])
  const facts = { ...(await look(agent.port)) }
  const labels = { interface: 'GigabitEthernet0/0/1', index: '1' }
  expect(Object.fromEntries(snmp.metrics.map((metric) => [metric.name, metric.read(facts)]))).toEqual({
    yiwang_snmp_uptime_seconds: 123.45,
    yiwang_snmp_interface_receive_bytes_total: [{ value: 10, labels }],
    yiwang_snmp_interface_transmit_bytes_total: [{ value: 20, labels }],
    yiwang_snmp_interface_receive_errors_total: [{ value: 1, labels }],
    yiwang_snmp_interface_transmit_errors_total: [{ value: 0, labels }],
    yiwang_snmp_interface_receive_discards_total: [{ value: 0, labels }],
    yiwang_snmp_interface_transmit_discards_total: [{ value: 2, labels }],
    yiwang_snmp_interface_oper_up: [{ value: 1, labels }],
    yiwang_snmp_interface_admin_up: [{ value: 1, labels }],
    yiwang_snmp_interface_speed_bytes: [{ value: 1_000, labels }],
  })
  expect(snmp.metrics.map((metric) => metric.read({}) ?? []).flat()).toEqual([])
})

test.each([
  ['read-only-word', false],
  ['public', true],
])('whether %s is a community as delivered', async (community, defaultCommunity) => {
  using agent = await libraryAgent()
  const context = snmpContext({ credential: () => ({ kind: 'snmp-community' as const, community }) })
  const spec = { address: '127.0.0.1', port: agent.port, credential: 'own', interfaces: false }
  expect(await snmp.bind(spec)(context)).toMatchObject({ status: 'up', facts: { defaultCommunity } })
})
