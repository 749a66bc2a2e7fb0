import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { calendarWith } from '../../inventory/ledger/index.ts'
import { planOver, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { probeByKind } from '../../probes/index.ts'
import { settings } from '../../src/config/settings.ts'
import { addDays, dayIn } from '../../src/core/day.ts'
import { policyOf } from '../../src/ledger/index.ts'
import type { SilentDay } from '../../src/migration/days.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { isLook, type Job } from '../../src/plan/plan.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { designCity } from '../../src/simulator/city.ts'
import { movedSystem } from '../../src/simulator/named.ts'
import { type Simulator, startSimulator } from '../../src/simulator/serve.ts'
import { type Look, namedSystems, verifyNamed, type VerifyInput } from '../../src/verify/index.ts'
import { kaifeng } from '../simulator/seed.ts'
import { probeContext } from '../support/context.ts'

/** Each system that the plan names, at the simulated city, by real probes: as it should be, and with its fault alone. */

const city = designCity([...kaifeng, ...planOver(shippedPlan('kaifeng-2018'), kaifeng)])
const probeable = namedSystems.filter(({ checks }) => checks.length > 0).map(({ id }) => id)

let simulator: Simulator
let inventory: Inventory
/** By job: what was seen last. */
const seen = new Map<string, Look>()

/** Of the systems that move one has moved; the class is whole without those that are on their way. */
const isOnItsWay = (each: Operation): boolean =>
  each.op === 'put' &&
  each.collection === 'migration' &&
  (each.record as { readonly id: string }).id !== movedSystem

beforeAll(async () => {
  simulator = await startSimulator(city, { basePort: 0 })
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-named-'))
  try {
    await using store = await openInventory(folder, { clock: Date.now, create: true })
    await store.change({
      actor: 'test',
      reason: '模拟',
      operations: () => simulator.inventory.filter((each) => !isOnItsWay(each)),
    })
    inventory = await store.read()
  } finally {
    await rm(folder, { recursive: true })
  }
  await lookAt(jobs())
})
afterAll(() => simulator[Symbol.asyncDispose]())

const isOfCityItself = ({ target }: Job): boolean =>
  target.startsWith('s-demo-') || target.startsWith('d-demo-')

const jobs = (): readonly Job[] =>
  compilePlan(inventory, defaultPlanSettings).jobs.filter((job) => isLook(job) && !isOfCityItself(job))

const lookAt = async (wanted: readonly Job[]): Promise<void> => {
  const looks = wanted.map(async (job): Promise<Look> => {
    const run = probeByKind.get(job.kind)!.bind({ ...job.spec, timeoutSeconds: 5 })
    const measurement = await run(probeContext())
    const { id, target, kind, vantage, spec, intervalSeconds } = job
    return {
      ...{ job: id, target, kind, vantage, intervalSeconds },
      address: String(spec['address']),
      port: Number(spec['port']),
      agent: 'a',
      heard: true,
      seen: measurement,
      // Whatever is silent has been for longer than an outage.
      since: 0,
    }
  })
  for (const look of await Promise.all(looks)) seen.set(look.job, look)
}

const { ledger, migration, verify } = settings.parse({})

/** What nobody can wait for: days in trial, and days since then at the old address. */
const past = (now: number): VerifyInput['migration'] => {
  const today = dayIn('Asia/Shanghai', now)
  const days = (count: number, before: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => addDays(today, -before - count + index))
  const silent = { standing: 'silent', answered: [], unknown: [], uncontrolled: 0 } as const
  const counted = { scheduled: 24, ran: 24, up: 24, counts: true, short: [], failing: [] }
  return new Map([
    [
      movedSystem,
      {
        probeDays: days(migration.probeDays, migration.silentDays).map((day) => ({ day, ...counted })),
        silentDays: days(migration.silentDays, 0).map((day): SilentDay => ({ day, ...silent })),
      },
    ],
  ])
}

const found = () => {
  const now = Date.now()
  return verifyNamed({
    context: { now, timeZone: 'Asia/Shanghai', calendar: calendarWith(), policy: policyOf(ledger) },
    inventory,
    looks: Map.groupBy(seen.values(), ({ target }) => target),
    migration: past(now),
    settings: { ...verify, ...migration },
  })
}

const having = (verdict: string): readonly string[] =>
  found()
    .filter((row) => !row.documentsOnly && row.verdict === verdict)
    .map(({ mention }) => mention)

test('as the plan wants it, all 35 that can be probed are so; of three documents alone can tell', () => {
  expect(having('consistent')).toEqual(probeable)
  expect(probeable).toHaveLength(35)
  const others = found().filter(({ documentsOnly }) => documentsOnly)
  expect(others.map(({ verdict }) => verdict)).toEqual(['unverifiable', 'unverifiable', 'unverifiable'])
})

test('every one of them has a fault that can be planted', () => {
  expect(city.faults.flatMap(({ of }) => of).toSorted()).toEqual(probeable.toSorted())
})

/** Of a link that is out both ends are not linked. */
const linkedTo: Readonly<Record<string, readonly string[]>> = {
  'sys-110': ['sys-12345'],
  'sys-prov-trade': ['sys-city-trade'],
  'sys-prov-catalog': ['sys-city-catalog'],
  'sys-prov-exchange': ['sys-frontend'],
}

const evidence: Readonly<Record<string, RegExp>> = {
  '首页答 503': /应答符合预期：.*不符合预期（HTTP 503）/u,
  '互联接口答 503': /的接口应答符合预期：.*不符合预期（HTTP 503）/u,
  端口关闭: /自 .* 起无应答（连接被拒绝或断开）/u,
  乡镇节点端口关闭: /13[0-9]\/13[0-9]|12[0-9]\/126/u,
  原址仍在应答: /仍有应答/u,
}

test.each(city.faults)('$of: $what, and nothing else', async ({ of, service, what }) => {
  const changed = [...city.nodes, ...city.systems].map((each) => each.service)
  const { address } = [...changed, ...city.old].find(({ id }) => id === service)!
  const affected = jobs().filter(({ spec }) => spec['address'] === address)
  await simulator.plant(of)
  await lookAt(affected)
  const expected = new Set(of.flatMap((id) => [id, ...(linkedTo[id] ?? [])]))
  expect(having('contradicted')).toEqual(probeable.filter((id) => expected.has(id)))
  expect(having('consistent')).toEqual(probeable.filter((id) => !expected.has(id)))
  for (const { because } of found().filter(({ mention }) => of.includes(mention)))
    expect(because).toMatch(evidence[what]!)
  await simulator.plant([])
  await lookAt(affected)
  expect(having('consistent')).toEqual(probeable)
})

test('a fault that nobody knows is refused', async () => {
  await expect(simulator.plant(['sys-prov-app'])).rejects.toThrow('has a fault to plant, got sys-prov-app')
})
