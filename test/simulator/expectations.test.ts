import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Inventory } from '../../inventory/store.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { probeByKind } from '../../probes/index.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { judge } from '../../src/collector/judge.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { type FullPlan, type Job, isLook } from '../../src/plan/plan.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { designCity } from '../../src/simulator/city.ts'
import { expectations, type Expectations } from '../../src/simulator/expectations.ts'
import { type Simulator, startSimulator } from '../../src/simulator/serve.ts'
import { probeContext } from '../support/context.ts'
import { heard } from '../support/patience.ts'
import { kaifeng } from './seed.ts'

const city = designCity(kaifeng)
const county = 'n-410221'
let simulator: Simulator
let inventory: Inventory
beforeAll(async () => {
  simulator = await startSimulator(city, { basePort: 0 })
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-simulator-'))
  try {
    await using store = await openInventory(folder, { clock: Date.now, create: true })
    await store.change({ actor: 'demo', reason: 'demo', operations: () => simulator.inventory })
    inventory = await store.read()
  } finally {
    await rm(folder, { recursive: true })
  }
})
afterAll(() => simulator[Symbol.asyncDispose]())

const plan = (): FullPlan => compilePlan(inventory, defaultPlanSettings)

/** Short enough for what never answers. */
const firstSeconds = 2

const look = async (job: Job, { jobs }: Expectations) => {
  const expected = jobs.get(job.id)
  const ending = expected !== undefined && 'cause' in expected ? expected.cause : 'up'
  const measurement = await heard(firstSeconds, ending, (timeoutSeconds) =>
    probeByKind.get(job.kind)!.bind({ ...job.spec, timeoutSeconds })(
      probeContext({ credential: (name) => simulator.credentials[name] }),
    ),
  )
  return [job.id, measurement] as const
}

type Measurements = ReadonlyMap<string, Measurement>

/** A ping is the kernel's answer, and may need privileges: not compared. */
const expectJobs = (found: Measurements, wanted: Expectations): void => {
  const served = [...found].filter(([id]) => !id.includes('/icmp@'))
  expect(Object.fromEntries(served)).toMatchObject(
    Object.fromEntries(served.map(([id]) => [id, wanted.jobs.get(id)])),
  )
}

const sightingOf = ({ id, target, kind, vantage }: Job, measurement: Measurement): Sighting => ({
  agent: 'a',
  since: measurement.observedAt,
  observation: { ...measurement, job: id, target, kind, vantage, planRevision: 1 },
})

/** What the collector makes of it. */
const expectVerdicts = (found: Measurements, wanted: Expectations): void => {
  const planned = plan()
  const { verdicts } = judge({
    inventory,
    plan: planned,
    sightings: new Map(
      planned.jobs.filter(isLook).map((job) => [job.id, [sightingOf(job, found.get(job.id)!)]]),
    ),
    isHeard: () => true,
    now: Date.now(),
  })
  const states = verdicts.values().map(({ target, state }) => [target.id, state] as const)
  expect(Object.fromEntries(states)).toEqual(Object.fromEntries(wanted.states))
  const redundancyLost = verdicts.values().filter((verdict) => verdict.redundancyLost)
  expect(redundancyLost.map(({ target }) => target.id).toArray()).toEqual([...wanted.redundancyLost])
}

const expectFound = async (wanted: Expectations): Promise<void> => {
  const found = new Map(
    await Promise.all(
      plan()
        .jobs.filter(isLook)
        .map((job) => look(job, wanted)),
    ),
  )
  expectJobs(found, wanted)
  expectVerdicts(found, wanted)
}

test('the plan asks for what is expected, job for job', () => {
  const jobs = plan()
    .jobs.filter(isLook)
    .map(({ id }) => id)
  expect(jobs.toSorted()).toEqual([...expectations(city).jobs.keys()].toSorted())
})

test('probes and judgement find what is expected', async () => {
  await expectFound(expectations(city))
})

test.each([county, city.top])('probes and judgement find what is expected while %s is cut', async (node) => {
  await simulator.cut(node)
  try {
    await expectFound(expectations(city, new Set([node])))
  } finally {
    await simulator.repair(node)
  }
})
