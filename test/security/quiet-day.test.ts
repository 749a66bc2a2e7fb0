import tls from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { probeByKind } from '../../probes/index.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { revisionOf } from '../../src/collector/revision.ts'
import { atOnce } from '../../src/collector/slices.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { isLook, type Job } from '../../src/plan/plan.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { noticeOf } from '../../src/security/notify/notice.ts'
import type { Scene } from '../../src/security/seen.ts'
import { designCity } from '../../src/simulator/city.ts'
import { type Simulator, startSimulator } from '../../src/simulator/serve.ts'
import { kaifeng } from '../simulator/seed.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { probeContext } from '../support/context.ts'
import { minuteMs } from './findings.ts'
import { createTape, expectFired, scraped } from './quiet-alerts.ts'
import { evaluated, evaluatorOf } from './scene.ts'

const minutes = 24 * 60
/** Devices are really asked each time, so not as often as they might be. */
const snmpMinutes = 5
/** Looks of kinds other than SNMP are made so often, and then come round again. */
const realLooks = 3
/** By then what is planted has been found. */
const settledMinutes = 10

/** What is planted, as the alerts tell it. */
const plantedAlerts = [
  { alertname: 'YiwangCertificateExpired', target: 's-demo-approval' },
  { alertname: 'YiwangCertificateExpiresSoon', target: 's-demo-trading' },
  ...['credit', 'estate'].map((name) => ({
    ...{ alertname: 'YiwangCertificateUntrusted', target: `s-demo-${name}` },
  })),
  { alertname: 'YiwangNodeDown', target: 'n-410202002' },
  ...['audit', 'card', 'geography', 'name-service-standby'].map((name) => ({
    ...{ alertname: 'YiwangSystemDown', target: `s-demo-${name}` },
  })),
]

const started = Date.now()
/** Milliseconds since the simulated morning. */
let elapsed = 0
let simulator: Simulator
let inventory: Inventory

beforeAll(async () => {
  simulator = await startSimulator(designCity(kaifeng), { basePort: 0, clock: () => elapsed })
  // As an agent there would be told by NODE_EXTRA_CA_CERTS.
  tls.setDefaultCACertificates([...tls.getCACertificates(), simulator.authority])
  await using folder = await temporaryFolder()
  await using store = await openInventory(folder.path, { clock: Date.now, create: true })
  await store.change({ actor: 'test', reason: '模拟', operations: () => simulator.inventory })
  inventory = await store.read()
})
afterAll(() => simulator[Symbol.asyncDispose]())

const look = (job: Job): Promise<Measurement> =>
  probeByKind.get(job.kind)!.bind({ ...job.spec, timeoutSeconds: 2 })(
    probeContext({ credential: (name) => simulator.credentials[name] }),
  )

const sightingOf = ({ id, target, kind, vantage }: Job, measurement: Measurement, at: number): Sighting => ({
  ...{ agent: 'a', since: at },
  observation: { ...measurement, job: id, target, kind, vantage, planRevision: 1, observedAt: at },
})

/** What each job sees at a minute: SNMP is asked anew, as its counters go on; the others show what they showed. */
const createLooks = async (jobs: readonly Job[]) => {
  const others = jobs.filter(({ kind }) => kind !== 'snmp')
  const recorded = new Map<string, Measurement[]>(others.map(({ id }) => [id, []]))
  for (let turn = 0; turn < realLooks; turn += 1)
    await Promise.all(others.map(async (job) => recorded.get(job.id)?.push(await look(job))))
  return async (job: Job, turn: number): Promise<Measurement> =>
    recorded.get(job.id)?.[turn % realLooks] ?? look(job)
}

test('a day of the quiet city: what is planted is found at its beginning, and nobody is told anything more', async () => {
  const plan = compilePlan(inventory, defaultPlanSettings)
  const jobs = plan.jobs.filter(isLook)
  const measure = await createLooks(jobs)
  const revision = revisionOf(inventory, plan)
  const tape = createTape(started / 1000)
  const evaluator = evaluatorOf()
  await using folder = await temporaryFolder()
  using ledger = openLedger(`${folder.path}/ledger.sqlite`)
  const sightings = new Map<string, readonly Sighting[]>()
  const later: string[] = []
  for (let minute = 0; minute < minutes; minute += 1) {
    elapsed = minute * minuteMs
    const at = started + elapsed
    const due = jobs.filter(
      ({ kind, intervalSeconds }) =>
        minute % Math.max(kind === 'snmp' ? snmpMinutes : 1, intervalSeconds / 60) === 0,
    )
    await Promise.all(
      due.map(async (job, index) =>
        sightings.set(job.id, [sightingOf(job, await measure(job, minute), at + index)]),
      ),
    )
    const now = at + 1000
    const picture = atOnce(revision.judge.judge({ sightings, isHeard: () => true, now }))
    tape.add(scraped(revision, picture))
    const scene: Scene = { picture, inventory, agents: [], hostEvidence: [], sightings }
    const transitions = evaluated(evaluator, scene)
    recordFindings(ledger, transitions, {
      ...{ now, roster: { tiers: [] }, reopenMs: 0, timezone: 'Asia/Shanghai' },
    })
    if (minute > settledMinutes)
      later.push(...transitions.map(({ change, finding }) => `${change} ${finding.id}`))
  }
  expect(later).toEqual([])
  const told = ledger
    .since(0, 10_000)
    .flatMap((event) => (event.type === 'incident' ? (noticeOf(event) ?? []) : []))
  expect(told.map(({ title }) => title.replace(/^新事件：/u, '')).toSorted()).toEqual(
    [
      '证书过期的样例网站（模拟故障）：证书已过期',
      '午朝门街道政务外网乡级接入节点（模拟故障）：节点中断',
      '答非所问的样例服务（模拟故障）：信息系统无法访问',
      '缓慢的样例网站（模拟故障）：信息系统无法访问',
      '端口关闭的样例数据库（模拟故障）：信息系统无法访问',
      '外网域名服务（备用）（模拟故障）：信息系统无法访问',
    ].toSorted(),
  )
  if (requires('promtool').skip) return
  await expectFired(tape, minutes, plantedAlerts)
}, 600_000)
