import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { System } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import type { Standing } from '../../src/commands/migration.ts'
import type { StatusReport } from '../../src/collector/status.ts'
import { dayIn } from '../../src/core/day.ts'
import { awsColumns } from '../../src/migration/aws.ts'
import { type Seen, writeHistory } from '../migration/history.ts'
import { startYiwang, until } from './child.ts'
import {
  copyOf,
  type DataFolder,
  emptyFolder,
  expectRefusal,
  expectUntouched,
  kaifeng,
} from './data-folder.ts'
import { simulate } from './simulated.ts'

const fresh = 's-oa/new/http/http:127.0.0.1:8082@public'
const old = 's-oa/old/tcp/127.0.0.1:8081@public'
const control = 'n-410200/icmp@public'

const move = (state: string, day: string, ...more: readonly string[]): readonly string[] => [
  ...['migration', 'move', 's-oa', state, '--reason', '按计划', '--actor', '王工', '--as-of', day],
  ...more,
]

/** A city whose office system is in trial since the first of May; looks are made once an hour. */
const inTrial = async (): Promise<DataFolder> => {
  const folder = await kaifeng()
  await writeFile(
    folder.file('yiwang.yaml'),
    'probing: { http: { intervalSeconds: 3600 }, tcp: { intervalSeconds: 3600 } }\n',
  )
  await writeFile(folder.file('filing.pdf'), '备案')
  await writeFile(folder.file('form.pdf'), '确认单')
  const endpoints = ['oldEndpoints=http://127.0.0.1:8081/', 'newEndpoints=http://127.0.0.1:8082/']
  for (const args of [
    ['system', 'add', 's-oa', 'name=协同办公系统', 'region=410200', 'kind=application'],
    ['wave', 'add', 'w1', 'name=第一批', 'startsOn=2026-05-01', 'endsOn=2026-05-31', 'capacity=3'],
    ['migration', 'add', 's-oa', 'wave=w1', 'decision=rehost', 'control=n-410200', ...endpoints],
    ['migration', 'document', 's-oa', '定级备案证明', folder.file('filing.pdf'), '--date', '2026-04-01'],
    ['migration', 'document', 's-oa', 'three-party', folder.file('form.pdf'), '--date', '2026-04-20'],
    move('assessed', '2026-04-01'),
    move('planned', '2026-04-02'),
    move('provisioned', '2026-04-03'),
    move('deploying', '2026-04-04'),
    move('trial', '2026-04-30'),
  ])
    await folder.ok(...args)
  return folder
}

const standing = async (folder: DataFolder, asOf: string): Promise<Standing> =>
  (await folder.json('migration', 'show', 's-oa', '--as-of', asOf)) as Standing

const good: Seen = { job: fresh, days: ['2026-05-01', '2026-05-30'], status: 'up' }
const silence: Seen = { job: old, days: ['2026-06-01', '2026-06-08'], status: 'down', cause: 'refused' }
const watched: Seen = { job: control, days: ['2026-06-01', '2026-06-08'], status: 'up' }

let city: DataFolder
beforeAll(async () => {
  city = await inTrial()
}, 120_000)
afterAll(() => city[Symbol.asyncDispose]())

describe('thirty days, written by the real writer', () => {
  test('from trial to the end of the old system', async () => {
    await using folder = await copyOf(city)
    await writeHistory(folder.path, [good, silence, watched])
    await folder.ok(...move('cutover', '2026-05-31'))
    const shown = await folder.ok('migration', 'show', 's-oa', '--as-of', '2026-05-31')
    expect(shown).toMatch(/^2026-05-30 +24 +24 +24 +是$/mu)
    await folder.ok(...move('accepted', '2026-06-01'))
    expect((await standing(folder, '2026-06-09')).evidence.silentDays.map((each) => each.standing)).toEqual([
      ...Array<string>(8).fill('silent'),
      'unknown',
    ])
    await expectUntouched(folder, async () => {
      expectRefusal(
        await folder.run(...move('decommissioned', '2026-06-06')),
        2,
        /silent for 7 days, got 6 of 6/u,
      )
    })
    await folder.ok(...move('decommissioned', '2026-06-08'))
    const after = await standing(folder, '2026-06-08')
    expect(after.record).toMatchObject({ state: 'decommissioned' })
    expect(after.record.moves.every(({ override }) => override === undefined)).toBe(true)
    expect(await folder.ok('migration', 'list', '--as-of', '2026-06-08')).toMatch(
      /原系统已下线 .* 30\/31 +8\/8$/mu,
    )
    await folder.ok('audit', 'verify')
  })

  test('refused: not accepted without its days, not over while the old port answers', async () => {
    await using folder = await copyOf(city)
    const answer: Seen = { ...silence, days: ['2026-06-08', '2026-06-08'], status: 'up', agent: 'b' }
    await writeHistory(folder.path, [
      { ...good, days: ['2026-05-02', '2026-05-30'] },
      silence,
      watched,
      answer,
    ])
    await folder.ok(...move('cutover', '2026-05-30'))
    await expectUntouched(folder, async () => {
      expectRefusal(
        await folder.run(...move('accepted', '2026-06-01')),
        2,
        /expected 30 probe-days in trial, got 29 of 29 days/u,
      )
    })
    await folder.ok(...move('accepted', '2026-06-01', '--override', '领导专题会议同意'))
    await expectUntouched(folder, async () => {
      expectRefusal(
        await folder.run(...move('decommissioned', '2026-06-08')),
        2,
        /expected the old place to be silent, got answers on 2026-06-08: s-oa\/old\/tcp\/127\.0\.0\.1:8081@public/u,
      )
    })
  })

  test('who overrides a gate says why, and it is told ever after', async () => {
    await using folder = await copyOf(city)
    await folder.ok(...move('cutover', '2026-05-31'))
    const moved = await folder.run(...move('accepted', '2026-06-01', '--override', '领导专题会议同意'))
    expect(moved).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('overridden: probe-days: expected 30') as string,
    })
    expect((await folder.run('migration', 'funnel', '--as-of', '2026-06-01')).stderr).toContain(
      's-oa cutover → accepted by 王工, overridden: 领导专题会议同意 (probe-days: expected 30 probe-days in trial, got 0 of 0 days)',
    )
    expect((await folder.run('migration', 'funnel', '--as-of', '2026-05-31')).stderr).toBe('')
    expect(await folder.json('audit', 'log')).toMatchObject({ entries: expect.anything() as unknown })
    expectRefusal(
      await folder.run(...move('decommissioned', '2026-06-02', '--override', ' ')),
      2,
      /--override: expected a reason/u,
    )
  })
})

test('refused, and nothing is written', async () => {
  await using folder = await copyOf(city)
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [['migration', 'add', 's-ao'], /expected an existing system, got s-ao\n {2}→ did you mean s-oa\?/u],
    [
      ['migration', 'move', 's-ao', 'trial', '--reason', 'x'],
      /expected a system with a record of its migration, got s-ao\n {2}→ did you mean s-oa/u,
    ],
    [
      ['migration', 'move', 's-oa', 'accepted', '--reason', 'x'],
      /order: expected cutover \(已割接\) after trial \(试运行\), got accepted/u,
    ],
    [
      ['migration', 'move', 's-oa', 'cutover', '--reason', 'x', '--as-of', 'tomorrow'],
      /--as-of: expected a day/u,
    ],
    [
      ['migration', 'set', 's-oa', 'state=accepted'],
      /expected trial, where its last move led, got accepted\n {2}→ yiwang migration move s-oa accepted/u,
    ],
    [['migration', 'set', 's-oa', 'dependsOn=s-oa'], /got a cycle: s-oa → s-oa/u],
    [
      ['wave', 'add', 'w2', 'name=二', 'startsOn=2026-05-20', 'endsOn=2026-06-20', 'capacity=1'],
      /expected a day after 2026-05-31, when wave w1 ends/u,
    ],
    [['migration', 'assess', 's-oa', '--answer', 'cpu=fast'], /cpu: expected one of same \(与云平台一致\)/u],
  ]
  await expectUntouched(folder, async () => {
    const seen = await Promise.all(refusals.map(([args]) => folder.run(...args)))
    for (const [index, { code, stderr }] of seen.entries()) {
      expect(stderr).toMatch(refusals[index]![1])
      expect(code).toBeGreaterThan(1)
    }
  })
})

test('waves, assessment, import and export', async () => {
  await using folder = await copyOf(city)
  await folder.ok('system', 'add', 's-db', 'name=人口库', 'region=410200', 'kind=database')
  await folder.ok(
    'wave',
    'add',
    'w2',
    'name=第二批',
    'startsOn=2026-06-01',
    'endsOn=2026-06-30',
    'capacity=3',
  )
  await writeFile(
    folder.file('汇总.csv'),
    '序号,系统名称,迁移进展,依赖系统,迁移方式\n1,人口库,未启动,协同办公系统,平移\n',
  )
  expect(await folder.ok('migration', 'import', folder.file('汇总.csv'), '--dry-run')).toContain(
    '1 new, 0 changed',
  )
  await folder.ok('migration', 'import', folder.file('汇总.csv'))
  expect(await folder.ok('migration', 'plan', '--as-of', '2026-06-01')).toMatch(/^w2 +s-db +人口库 +s-oa$/mu)
  await folder.ok('migration', 'plan', '--as-of', '2026-06-01', '--write')
  expect(await folder.json('migration', 'waves', '--as-of', '2026-06-10')).toMatchObject({
    waves: [{ systems: 1, done: 0 }, { systems: 1 }],
    slips: [{ system: 's-oa', wave: 'w1', days: 10 }],
    problems: [],
  })
  expect(await folder.json('migration', 'burn-down', '--as-of', '2026-06-10', '--step', '30')).toMatchObject([
    { day: '2026-05-01', scope: 2, planned: 2, remaining: 2 },
    { day: '2026-05-31', planned: 1 },
    { day: '2026-06-10', planned: 1, remaining: 2 },
    { day: '2026-06-30', planned: 0 },
  ])
  const assessed = await folder.ok(
    'migration',
    'assess',
    's-oa',
    '--answer',
    'cpu=bound',
    '--answer',
    'os=ended',
  )
  expect(assessed).toMatch(/^s-oa +协同办公系统 +低或中或高 +0\.14–0\.96 +2\/10 +cpu$/mu)

  await folder.ok('migration', 'export', folder.file('servers.csv'), '--aws')
  const rows = parse(await readFile(folder.file('servers.csv'), 'utf8'), { columns: true })
  expect(Object.keys(rows[0] ?? {})).toEqual(awsColumns)
  expect(rows).toMatchObject([
    { ExternalId: 's-db', Applications: '人口库', ApplicationWave: '第二批' },
    { ExternalId: 's-oa', IPAddress: '127.0.0.1', Tags: 'state:trial, status:IN_PROGRESS, decision:rehost' },
  ])
  await folder.ok('migration', 'export', folder.file('out.xlsx'))
  expect(await folder.ok('migration', 'import', folder.file('out.xlsx'), '--dry-run')).toContain(
    '0 new, 0 changed, 5 unchanged',
  )
  const listed = await folder.ok('migration', 'list', '--csv')
  expect(parse(listed, { columns: true })).toMatchObject([
    { 系统: 's-db', 状态: '已摸底' },
    { 系统: 's-oa', 状态: '试运行' },
  ])
})

const cadence = '{ intervalSeconds: 1, timeoutSeconds: 1 }'

test('what `run` collects at the simulated city is what the gates read', async () => {
  await using simulated = await simulate()
  await using folder = await emptyFolder()
  const systems = simulated.ready.operations.flatMap((operation) =>
    operation.op === 'put' && operation.collection === 'system' ? [operation.record as System] : [],
  )
  const moving = systems.find(({ endpoints }) => endpoints[0]?.startsWith('http://'))!
  const { endpoints } = moving
  const wanted: readonly Operation[] = [
    ...simulated.ready.operations.filter(
      (operation) => operation.op === 'put' && ['region', 'unit'].includes(operation.collection),
    ),
    { op: 'put', collection: 'system', record: { ...moving, endpoints: [], node: undefined } },
    {
      op: 'put',
      collection: 'migration',
      record: {
        id: moving.id,
        state: 'accepted',
        stateSince: '2026-01-01',
        // Nothing listens there.
        oldEndpoints: ['http://127.0.0.1:1/'],
        newEndpoints: endpoints,
      },
    },
  ]
  await writeFile(
    folder.file('yiwang.yaml'),
    `probing: { http: ${cadence}, tcp: ${cadence} }\ncollector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 30 }\n`,
  )
  {
    await using store = await openInventory(path.join(folder.path, 'inventory'), {
      clock: Date.now,
      create: true,
    })
    await store.change({ actor: 'test', reason: '模拟', operations: () => wanted })
  }
  const today = dayIn('Asia/Shanghai', Date.now())
  {
    await using site = startYiwang(['run', '--data', folder.path])
    const url = /http:\/\/\S+?(?=,)/u.exec(await site.said(/collector listens on/u))?.[0] ?? ''
    const status = async () => (await (await fetch(`${url}/v1/status`)).json()) as StatusReport
    await until(status, ({ history }) => history.stored >= 8)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^yiwang_migration_systems\{state="accepted"\} 1$/mu)
    expect(metrics).toMatch(/^yiwang_target_up\{target="[^"]+\/new",.*class="migration",role="new".*\} 1$/mu)
    expect(metrics).toMatch(/^yiwang_target_up\{target="[^"]+\/old",.*\} 1$/mu)
    site.send('SIGTERM')
    expect(await site.ended).toEqual([0, null])
  }
  const shown = (await folder.json('migration', 'show', moving.id, '--as-of', today)) as Standing
  const last = shown.evidence.silentDays.at(-1)
  // A few seconds of looks are no day; but they met silence while the new place answered.
  expect(last).toMatchObject({ standing: 'unknown', answered: [], uncontrolled: 0 })
  expect(shown.missing.map(({ gate }) => gate)).toEqual(['old-silent', 'old-silent'])
}, 120_000)
