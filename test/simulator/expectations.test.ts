import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Inventory } from '../../inventory/store.ts'
import { type Collection, collections, collectionNames } from '../../inventory/model.ts'
import { probeByKind } from '../../probes/index.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import type { Job } from '../../src/plan/plan.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { designCity } from '../../src/simulator/city.ts'
import { expectations, type Expectations } from '../../src/simulator/expectations.ts'
import { type Simulator, startSimulator } from '../../src/simulator/serve.ts'
import { probeContext } from '../support/context.ts'
import { kaifeng } from './seed.ts'

const city = designCity(kaifeng)
const county = 'n-410221'
let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator(city, { basePort: 0 })
})
afterAll(() => simulator[Symbol.asyncDispose]())

const recordsOf = (collection: Collection): ReadonlyMap<string, unknown> =>
  new Map(
    simulator.inventory
      .filter((operation) => operation.op === 'put')
      .filter((put) => put.collection === collection)
      .map(({ record }) => collections[collection].parse(record))
      .map((record) => [record.id, record] as const),
  )

const inventory = (): Inventory =>
  ({
    revision: 1,
    ...Object.fromEntries(collectionNames.map((name) => [name, recordsOf(name)])),
  }) as Inventory

const jobs = (): readonly Job[] => compilePlan(inventory(), defaultPlanSettings).jobs

/** Long enough for what answers, short enough for what never does. */
const timeoutSeconds = 2

const look = async (job: Job) => {
  const run = probeByKind.get(job.kind)!.bind({ ...job.spec, timeoutSeconds })
  const measurement = await run(probeContext({ credential: (name) => simulator.credentials[name] }))
  return [job.id, measurement] as const
}

/** All jobs but pings, which the kernel answers. */
const served = (): readonly Job[] => jobs().filter(({ kind }) => kind !== 'icmp')

const expectFound = async (wanted: Expectations): Promise<void> => {
  const found = await Promise.all(served().map(look))
  expect(Object.fromEntries(found)).toMatchObject(
    Object.fromEntries(found.map(([id]) => [id, wanted.jobs.get(id)])),
  )
}

test('the plan asks for what is expected, job for job', () => {
  expect(
    jobs()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual([...expectations(city).jobs.keys()].toSorted())
})

test('the probes find what is expected', async () => {
  await expectFound(expectations(city))
})

test('the probes find what is expected while a county is cut', async () => {
  await simulator.cut(county)
  try {
    await expectFound(expectations(city, new Set([county])))
  } finally {
    await simulator.repair(county)
  }
})
