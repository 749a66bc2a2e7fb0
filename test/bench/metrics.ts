import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Gauge, Registry } from 'prom-client'
import { collectorFamilies } from '../../src/collector/series.ts'
import { createSeriesCache } from '../../src/collector/series-cache.ts'
import { chunksOf } from '../../src/collector/http-pieces.ts'
import { createCounters } from '../../src/collector/counters.ts'
import { judge } from '../../src/collector/judge.ts'
import { type LabelString, exposition, labelString } from '../../src/metrics/exposition.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Job } from '../../src/plan/plan.ts'
import { inventoryOf, job, node, observation, planOf, sightingsOf } from '../collector/support.ts'

/** Prints: the writer against prom-client for 410,000 series; /metrics of a city; the judge for a nation's townships. */

const millisecondsOf = (work: () => unknown): number => {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
const bestOf = (times: number, work: () => unknown): number =>
  Math.min(...Array.from({ length: times }, () => millisecondsOf(work)))

const sizeOf = (chunks: Iterable<Buffer>): number => {
  let size = 0
  for (const chunk of chunks) size += chunk.length
  return size
}

const compareWriters = async (targets: number): Promise<void> => {
  const families = Array.from({ length: 10 }, (_, at) => ({
    name: `yiwang_bench_${String(at)}_seconds`,
    help: 'Bench',
    type: 'gauge' as const,
  }))
  const labels = Array.from({ length: targets }, (_, at) => ({
    target: `n-${String(at)}`,
    name: `开封市祥符区陈留镇政务外网节点${String(at)}`,
    region: String(410_212_000 + at),
    county: '410212',
    level: 'township',
    unit: `u-${String(at)}`,
    class: 'node',
    role: 'department',
    kind: 'icmp',
    vantage: 'public',
  }))
  const values = families.map((_, at) => labels.map((_label, n) => (at < 4 ? n % 2 : Math.sin(n) / 100)))
  const rendered = labels.map(labelString)
  const registry = new Registry()
  const gauges = families.map(
    ({ name, help }) =>
      new Gauge({ name, help, labelNames: Object.keys(labels[0] ?? {}), registers: [registry] }),
  )
  const setting = millisecondsOf(() =>
    gauges.forEach((gauge, at) => labels.forEach((each, n) => gauge.set(each, values[at]?.[n] ?? 0))),
  )
  const write = (): number =>
    sizeOf(
      chunksOf(
        exposition(
          families.map((definition, at) => ({
            definition,
            samples: rendered.map((each, n) => ({ labels: each, value: values[at]?.[n] ?? 0 })),
          })),
          'text',
        ),
      ),
    )
  const ours = bestOf(3, write)
  const theirs: number[] = []
  for (let run = 0; run < 2; run += 1) {
    const startedAt = performance.now()
    await registry.metrics()
    theirs.push(performance.now() - startedAt)
  }
  const prom = Math.min(...theirs)
  console.log(`${String(targets * 10)} series, ${(write() / 1e6).toFixed(0)} MB of text`)
  console.log(`  prom-client  ${prom.toFixed(0)} ms (and ${setting.toFixed(0)} ms to set them)`)
  console.log(`  yiwang       ${ours.toFixed(0)} ms, ratio ${(prom / ours).toFixed(1)}×`)
}

const now = Date.parse('2026-11-23T08:00:00Z')

const icmpFacts = (at: number): Observation['facts'] => ({
  method: 'raw',
  sent: 3,
  received: 3,
  lossRatio: 0,
  rttMinSeconds: 0.001 + at / 1e6,
  rttAvgSeconds: 0.002 + at / 1e6,
  rttMaxSeconds: 0.003 + at / 1e6,
  jitterSeconds: 0.0004,
})
const httpFacts = (): Observation['facts'] => ({
  status: 200,
  redirects: [],
  bodyBytes: 20_000,
  resolveSeconds: 0.001,
  connectSeconds: 0.002,
  tls: { validTo: '2027-01-01T00:00:00Z' },
})
const tlsFacts = (): Observation['facts'] => ({
  connectSeconds: 0.01,
  handshakeSeconds: 0.02,
  chain: [{ validTo: '2027-01-01T00:00:00Z' }],
  earliestExpiry: '2027-01-01T00:00:00Z',
  authorized: true,
  protocol: 'TLSv1.3',
})
const snmpFacts = (at: number): Observation['facts'] => ({
  sysUpTimeSeconds: 1e6 + at,
  interfaces: Array.from({ length: 24 }, (_, index) => ({
    index,
    name: `GigabitEthernet0/0/${String(index)}`,
    adminUp: true,
    operUp: true,
    speedBitsPerSecond: 1e9,
    inOctets: 1e12 + at + index,
    outOctets: 1e12 + at,
    inErrors: 0,
    outErrors: 0,
    inDiscards: 0,
    outDiscards: 0,
  })),
})

interface City {
  readonly nodes: number
  readonly systems: number
  readonly devices: number
}

const build = ({ nodes, systems, devices }: City) => {
  const inventory = inventoryOf({
    node: Array.from({ length: nodes }, (_, at) =>
      node(
        `n${String(at)}`,
        at === 0 ? {} : { uplinks: [{ id: 'u1', kind: 'line', to: `n${String(Math.floor(at / 20))}` }] },
      ),
    ),
    system: Array.from({ length: systems }, (_, at) => ({
      id: `s${String(at)}`,
      name: `网站 ${String(at)}`,
      region: '410212',
      kind: 'website' as const,
    })),
    device: Array.from({ length: devices }, (_, at) => ({
      id: `d${String(at)}`,
      name: `路由器 ${String(at)}`,
      role: 'router' as const,
      node: 'n0',
      address: '10.0.0.1',
    })),
  })
  const seen: (readonly [Job, Observation['facts']])[] = [
    ...[...inventory.node.keys()].map((id, at) => [job(id), icmpFacts(at)] as const),
    ...[...inventory.system.keys()].flatMap((id) => [
      [job(id, { kind: 'http' }), httpFacts()] as const,
      [job(id, { kind: 'tls' }), tlsFacts()] as const,
    ]),
    ...[...inventory.device.keys()].map((id, at) => [job(id, { kind: 'snmp' }), snmpFacts(at)] as const),
  ]
  const plan = planOf(
    inventory,
    seen.map(([each]) => each),
  )
  const sightings = sightingsOf(
    seen.map(([each, facts]) => ['a', observation(each, { observedAt: now - 5000, facts })] as const),
  )
  return { inventory, plan, sightings }
}

const scrapeCity = async (name: string, size: City): Promise<void> => {
  const { inventory, plan, sightings } = build(size)
  const series = createSeriesCache(plan)
  const counters = createCounters()
  const history = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }
  const judged = () => judge({ inventory, plan, sightings, isHeard: () => true, now })
  const pieces = (): Iterable<string> =>
    exposition(
      collectorFamilies({
        ...{ judgement: judged(), inventory, plan, agents: [], history, counters, series },
        version: '0',
      }),
      'text',
    )
  const render = (): number => sizeOf(chunksOf(pieces()))
  const first = millisecondsOf(render)
  const warm = bestOf(10, render)
  const text = Buffer.from([...pieces()].join(''), 'latin1')
  const startedAt = performance.now()
  const packed = await promisify<Buffer, { level: number }, Buffer>(gzip)(text, { level: 1 })
  const packing = performance.now() - startedAt
  const count = text
    .toString('latin1')
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#')).length
  console.log(
    `${name}: ${String(count)} series, ${(text.length / 1e6).toFixed(1)} MB (gzip ${(packed.length / 1e6).toFixed(2)} MB)`,
  )
  console.log(
    `  judge ${bestOf(5, judged).toFixed(1)} ms, judge and write ${warm.toFixed(1)} ms (the first time ${first.toFixed(1)} ms), gzip ${packing.toFixed(1)} ms on another thread`,
  )
}

const labelled: LabelString = labelString({ warm: 'up' })
console.log(`node ${process.version}, labels like {${labelled}}`)
await compareWriters(41_000)
await scrapeCity('a city by ICMP alone', { nodes: 1700, systems: 0, devices: 0 })
await scrapeCity('a city with systems and devices', { nodes: 1700, systems: 300, devices: 150 })
await scrapeCity('the townships of a nation', { nodes: 41_000, systems: 0, devices: 0 })
