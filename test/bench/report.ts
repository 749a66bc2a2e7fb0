import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { planImport, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import { prepareChange } from '../../inventory/change.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { openForWriting } from '../../src/collector/history/schema.ts'
import { openHistory } from '../../src/collector/history.ts'
import { settings } from '../../src/config/settings.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { cityOperations, kaifeng, nodeAddress } from './city/design.ts'

/**
 * A week's bulletin of a city by the built CLI: 1,700 nodes, 300 systems that move in six waves, two weeks of hourly
 * roll-ups and results, 400 claims. Prints time, CPU and peak memory of each form, of the round whose CPU is the median;
 * `--keep DIR` leaves the data there.
 */
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
})

const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')
const folder = flags.keep ?? mkdtempSync(path.join(os.tmpdir(), 'yiwang-bench-'))
const firstHour = Date.parse('2018-06-17T16:00:00Z')
const hours = 14 * 24
const asOf = '2018-07-02T09:00:00+08:00'
const filledAt = Date.parse('2018-05-01T00:00:00Z')

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)
const put = (collection: Operation['collection'], record: object): Operation => ({
  op: 'put',
  collection,
  record,
})

const waves = range(6).map((at) =>
  put('wave', {
    id: `w${at}`,
    name: `第${at + 1}批`,
    startsOn: `2018-0${at + 3}-01`,
    endsOn: `2018-0${at + 3}-28`,
    capacity: 60,
  }),
)

const moves = range(kaifeng.systems).map((at) =>
  put('migration', {
    id: `s-${at}`,
    wave: `w${at % 6}`,
    state: at % 3 === 0 ? 'trial' : 'provisioned',
    stateSince: '2018-06-18',
    oldEndpoints: [`http://127.44.${Math.floor(at / 250)}.${(at % 250) + 1}:8080/`],
    newEndpoints: [`http://127.45.${Math.floor(at / 250)}.${(at % 250) + 1}:8080/`],
  }),
)

const claims = (inventory: Inventory): readonly Operation[] => {
  const townships = [...inventory.region.values()].filter(({ level }) => level === 'township')
  const made = [
    ...townships.map(({ id }) => ({ subjectKind: 'region', subject: id, kind: 'covered' })),
    ...range(kaifeng.systems).map((at) => ({ subjectKind: 'system', subject: `s-${at}`, kind: 'online' })),
  ]
  return made
    .slice(0, 400)
    .map((claim, at) =>
      put('claim', { ...claim, id: `c-${at}`, at: '2018-06-20T02:00:00.000Z', by: `填报人${at % 20}` }),
    )
}

const fill = async (): Promise<Inventory> => {
  let now = filledAt
  await using store = await openInventory(path.join(folder, 'inventory'), { clock: () => now, create: true })
  const change = (operations: (inventory: Inventory) => readonly Operation[]) =>
    store.change({ actor: 'bench', reason: '模拟', operations })
  await change((empty) => {
    const city = cityOperations(kaifeng, { https: 443, snmp: 161 })
    const plan = planImport(shippedPlan('kaifeng-2018'), prepareChange(empty, city).next)
    return [...city, ...plan.operations]
  })
  await change((inventory) => [...waves, ...moves, ...claims(inventory)])
  const { node } = await store.read()
  now = Date.parse('2018-07-02T00:00:00Z')
  for (const [at, record] of [...node.values()].slice(0, 50).entries())
    await change(() => [put('node', { ...record, addresses: [nodeAddress(at + 5000)] })])
  return await store.read()
}

const writeHistory = async (inventory: Inventory): Promise<number> => {
  const { probing } = settings.parse({})
  const { jobs } = compilePlan(inventory, planSettings(probing))
  const file = path.join(folder, 'collector', 'history.sqlite')
  const observedAt = firstHour + hours * 3_600_000 - 60_000
  {
    await using history = openHistory(file)
    const rows = jobs.map(({ id, target, kind, vantage }, at) => ({
      sequence: at + 1,
      observation: {
        ...({
          job: id,
          target,
          kind,
          vantage,
          planRevision: 1,
          status: 'up',
          observedAt,
          seconds: 0.01,
        } as const),
        facts: {},
      },
    }))
    await history.append({
      agent: 'a',
      stream: 's',
      first: 1,
      last: rows.length,
      rows,
      receivedAt: observedAt,
    })
  }
  const database = openForWriting(file)
  const every = `WITH RECURSIVE h(hour) AS (SELECT ${firstHour} UNION ALL SELECT hour + 3600000 FROM h
    WHERE hour < ${firstHour + (hours - 2) * 3_600_000})`
  database.exec(`INSERT INTO rollup ${every}
    SELECT hour, job.id, 58, 1, 1, 0.58, 0, 0, ${range(14)
      .map(() => 0)
      .join(', ')} FROM h, job ORDER BY hour, job.id`)
  database.exec(`INSERT INTO result ${every}
    SELECT (hour + 60000) / 86400000, job.id, hour + 60000, 1, 0, NULL, 0.01, NULL, NULL FROM h, job`)
  database.close()
  return jobs.length
}

interface Row {
  readonly form: string
  readonly seconds: number
  readonly 'CPU seconds': number
  readonly 'peak MB': number
}

/** `process.resourceUsage` of the command itself, printed as it exits. */
const preload = `data:text/javascript,process.on('exit',()=>{const{userCPUTime:u,systemCPUTime:s,maxRSS:m}=process.resourceUsage();process.stderr.write('\\n@'+JSON.stringify([(u+s)/1e6,m*1024/1e6]))})`

const measured = (form: string, round: number): Row => {
  const startedAt = performance.now()
  const args = ['report', 'weekly', '--week', '2018-W26', '--as-of', asOf, '--data', folder]
  const { status, stderr } = spawnSync(
    launcher,
    [...args, '--out', path.join(folder, `bench-${round}.${form}`)],
    { env: { ...process.env, NODE_OPTIONS: `--import ${preload}` }, encoding: 'utf8' },
  )
  const figures = stderr.split('\n@').at(-1) ?? ''
  if (status !== 0) throw new Error(stderr)
  const [cpu = NaN, peak = NaN] = JSON.parse(figures) as readonly number[]
  return {
    form,
    seconds: Number(((performance.now() - startedAt) / 1000).toFixed(2)),
    'CPU seconds': Number(cpu.toFixed(2)),
    'peak MB': Math.round(peak),
  }
}

try {
  const jobs = await writeHistory(await fill())
  const size = statSync(path.join(folder, 'collector', 'history.sqlite')).size / 1e6
  if (!flags.json) console.log(`${jobs} jobs, history of ${size.toFixed(0)} MB`)
  const rows = ['docx', 'xlsx', 'html', 'md'].map((form) =>
    range(Number(flags.rounds))
      .map((round) => measured(form, round))
      .toSorted((one, other) => one['CPU seconds'] - other['CPU seconds'])
      .at(Math.floor((Number(flags.rounds) - 1) / 2)),
  )
  if (flags.json) console.log(JSON.stringify(rows))
  else console.table(rows)
} finally {
  if (flags.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
