import { expect, test } from 'vitest'
import { collections, type Collection } from '../../inventory/model.ts'
import { cutOff, designCity, inventoryOf, plantedOf, servicesOf } from '../../src/simulator/city.ts'
import { type ExpectedState, expectations } from '../../src/simulator/expectations.ts'
import { certificateStates } from '../../src/simulator/service.ts'
import { kaifeng } from './seed.ts'

const city = designCity(kaifeng)
const services = servicesOf(city)
const ports = new Map(services.map(({ id }, index) => [id, 9000 + index]))
const county = 'n-410221'

const recordsOf = (collection: Collection): readonly Record<string, unknown>[] =>
  inventoryOf(city, ports).flatMap((operation) =>
    operation.op === 'put' && operation.collection === collection
      ? [operation.record as Record<string, unknown>]
      : [],
  )

test('a city of nine counties, their townships, 30 systems and 12 devices', () => {
  const levels = Object.groupBy(city.nodes, ({ record }) => record.level)
  expect(levels.city).toHaveLength(1)
  expect(levels.county).toHaveLength(9)
  expect(levels.township!.length).toBeGreaterThan(110)
  expect(city.systems).toHaveLength(30)
  expect(city.devices).toHaveLength(12)
})

test('every record passes its schema', () => {
  for (const operation of inventoryOf(city, ports))
    if (operation.op === 'put') collections[operation.collection].parse(operation.record)
})

test('the same seed makes the same city', () => {
  expect(designCity(kaifeng)).toEqual(city)
})

test('every service has a loopback address of its own, never 127.0.0.1', () => {
  const addresses = services.map(({ address }) => address)
  expect(new Set(addresses).size).toBe(services.length)
  for (const address of addresses) expect(address).toMatch(/^127\.4[123]\.\d+\.\d+$/u)
})

test('everything simulated says so', () => {
  const named = [...recordsOf('node'), ...recordsOf('system'), ...recordsOf('device')]
  for (const record of named) expect([record['name'], record['remark']].join()).toMatch(/模拟.*,模拟/u)
})

test('every reference leads to a record', () => {
  const ids = new Set(
    inventoryOf(city, ports).map((operation) => String((operation as { record: { id: unknown } }).record.id)),
  )
  const references = [
    ...city.nodes.flatMap(({ record }) => record.uplinks.map(({ to }) => to)),
    ...[...city.systems, ...city.devices].map(({ record }) => record.node),
    ...city.systems.flatMap(({ record }) => [record.unit, record.region]),
  ]
  expect(references.filter((reference) => !ids.has(String(reference)))).toEqual([])
})

test('counties are dual-homed to the city by two operators', () => {
  const uplinks = city.nodes.find(({ record }) => record.id === county)!.record.uplinks
  expect(uplinks.map(({ to, kind, operator }) => ({ to, kind, operator }))).toEqual([
    { to: city.top, kind: 'line', operator: '中国电信' },
    { to: city.top, kind: 'line', operator: '中国移动' },
  ])
  expect(uplinks.every(({ circuit, bandwidthMbps }) => circuit && bandwidthMbps)).toBe(true)
})

test('all kinds of certificate and every bad peer are there', () => {
  const behaviours = services.map(({ behaviour }) => behaviour)
  const certificates = behaviours.flatMap((behaviour) =>
    behaviour.kind === 'https' ? [behaviour.certificate] : [],
  )
  expect(new Set(certificates)).toEqual(new Set(certificateStates))
  expect(new Set(behaviours.map(({ kind }) => kind))).toEqual(
    new Set(['management', 'database', 'closed', 'http', 'https', 'garbage', 'dns', 'dns-silent', 'snmp']),
  )
})

test('a cut county takes its townships along, but not those with a VPN past it', () => {
  const lost = cutOff(city, new Set([county]))
  const townships = city.nodes.filter(
    ({ record }) => record.region.startsWith('410221') && record.id !== county,
  )
  const withVpn = townships.filter(({ record }) => record.uplinks.some(({ kind }) => kind === 'vpn'))
  expect(withVpn).toHaveLength(2)
  expect(lost.size).toBe(1 + townships.length - withVpn.length)
  for (const { record } of withVpn) expect(lost.has(record.id)).toBe(false)
})

test('nothing is lost where nothing is cut, everything where the city is', () => {
  expect(cutOff(city, new Set())).toEqual(new Set())
  expect(cutOff(city, new Set([city.top])).size).toBe(city.nodes.length)
})

const nodesIn = (state: ExpectedState, cuts: readonly string[]): readonly string[] => {
  const { states } = expectations(city, new Set(cuts))
  return city.nodes.map(({ service }) => service.id).filter((id) => states.get(id) === state)
}

test('one outage is planted; a cut is one more, with its townships behind it', () => {
  const planted = nodesIn('down', [])
  expect(planted).toHaveLength(1)
  expect(nodesIn('unreachable', [])).toEqual([])
  expect(nodesIn('down', [county]).toSorted()).toEqual([...planted, county].toSorted())
  expect(nodesIn('unreachable', [county])).toHaveLength(cutOff(city, new Set([county])).size - 1)
  const { redundancyLost, jobs, states } = expectations(city, new Set([county]))
  expect(redundancyLost.size).toBe(1)
  expect(states.get(`s-demo-hall-${county.slice(2)}`)).toBe('unreachable')
  expect(jobs.get(`${county}/tcp@public`)).toEqual({ status: 'down', cause: 'refused' })
})

test('what is out of order on purpose says so in its name, and nothing else does', () => {
  const named = [...city.nodes, ...city.systems].filter(({ service }) =>
    service.name.endsWith('（模拟故障）'),
  )
  const records = ['a-demo-net.hotline', 'a-demo-net.tls']
  expect(plantedOf(city).map(({ id }) => id)).toEqual([...named.map(({ service }) => service.id), ...records])
  const broken = [...city.nodes, ...city.systems].filter(
    ({ service: { behaviour } }) =>
      ['closed', 'garbage', 'dns-silent'].includes(behaviour.kind) ||
      (behaviour.kind === 'http' && behaviour.answer === 'slow') ||
      (behaviour.kind === 'https' && behaviour.certificate !== 'good'),
  )
  expect(broken).toEqual(named)
  expect(named).toHaveLength(9)
})

test('in a quiet city nothing is out of order, and the same targets are there', () => {
  const quiet = designCity(kaifeng, { isQuiet: true })
  expect(plantedOf(quiet)).toEqual([])
  expect([...expectations(quiet).states.values()].filter((state) => state !== 'up')).toEqual([])
  expect(servicesOf(quiet).map(({ id }) => id)).toEqual(services.map(({ id }) => id))
  for (const operation of inventoryOf(quiet, ports))
    if (operation.op === 'put') collections[operation.collection].parse(operation.record)
})

test('a seed without a city is refused', () => {
  expect(() => designCity([])).toThrow('expected the seed of a city')
})
