import type { Inventory } from '../../inventory/store.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Job } from '../../src/plan/plan.ts'
import { timingOf } from '../../src/plan/timing.ts'
import { inventoryOf, job, line, node, observation } from '../collector/support.ts'
import { answerOrders } from './metrics-orders.ts'
import { startThrough } from './through.ts'

/**
 * A collector over a history on disk, of so many nodes, systems and devices; says its URL, then does what lines of its
 * input order: `observe <first> <parts>` takes in one of so many parts of an interval, as agents bring it.
 */
const [nodes = 0, systems = 0, devices = 0] = process.argv.slice(2).map(Number)
const intervalSeconds = 60

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

const inventory = inventoryOf({
  node: Array.from({ length: nodes }, (_, at) =>
    node(
      `n${at}`,
      at === 0 ? {} : { name: `开封市祥符区陈留镇${at}`, uplinks: line(`n${Math.floor(at / 20)}`) ?? [] },
    ),
  ),
  system: Array.from({ length: systems }, (_, at) => ({
    ...{ id: `s${at}`, name: `网站 ${at}`, region: '410212', kind: 'website' as const },
  })),
  device: Array.from({ length: devices }, (_, at) => ({
    ...{ id: `d${at}`, name: `路由器 ${at}`, role: 'router' as const, node: 'n0', address: '10.0.0.1' },
  })),
})

const factsOf: Readonly<Record<string, (at: number) => Observation['facts']>> = {
  icmp: icmpFacts,
  http: httpFacts,
  tls: tlsFacts,
  snmp: snmpFacts,
}

const jobsOf = ({ node: all, system, device }: Inventory): readonly Job[] => [
  ...[...all.keys()].map((id) => job(id, { intervalSeconds })),
  ...[...system.keys()].flatMap((id) => ['http', 'tls'].map((kind) => job(id, { kind, intervalSeconds }))),
  ...[...device.keys()].map((id) => job(id, { kind: 'snmp', intervalSeconds })),
]
const jobs = jobsOf(inventory)

const collector = await startThrough(jobs, inventory)
let looks = 0

/** What falls due in one part of the interval, a little different from last time. */
const observe = async (part: number, parts: number): Promise<number> => {
  const due = jobs.filter(
    (each) => Math.floor((timingOf(each).phaseMs / 1000 / intervalSeconds) * parts) === part,
  )
  looks += 1
  const seen = due.map((each, at) =>
    observation(each, {
      observedAt: Date.now(),
      seconds: 0.002 + (at % 997) / 1e6 + looks / 1e7,
      facts: factsOf[each.kind]?.(at + looks) ?? {},
    }),
  )
  await collector.take(seen)
  return seen.length
}

console.log(collector.url)
await answerOrders({ observe })
await collector[Symbol.asyncDispose]()
