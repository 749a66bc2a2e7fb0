import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { emptyFolder, expectRefusal, expectUntouched } from './data-folder.ts'

/** The plan of Kaifeng in a folder of its own, without the regions' nodes. */
const withPlan = async () => {
  const folder = await emptyFolder()
  await folder.ok('init', '--plan', 'kaifeng-2018')
  return folder
}

interface Standing {
  readonly id: string
  readonly status: string
  readonly light: string
  readonly slip?: string
}

test('a task from its beginning to 销号, seen at each moment', async () => {
  await using folder = await withPlan()
  const pdf = folder.file('核验单.pdf')
  await writeFile(pdf, 'signed')
  const move = (state: string, day: string, ...more: readonly string[]) =>
    folder.ok('ledger', 'move', '2.1.1', state, '--reason', '督查', '--as-of', day, ...more)
  await move('推进中', '2018-04-16')
  await move('已完成待核验', '2018-05-04', '--by', '李科长')
  await folder.ok('ledger', 'note', '2.1.1', '清单四百一十二项', '--as-of', '2018-05-03')
  await move('已核验销号', '2018-05-10', '--document', pdf)

  const at = async (day: string) => {
    const { milestones } = (await folder.json('ledger', 'milestones', '--as-of', day)) as {
      readonly milestones: readonly Standing[]
    }
    return milestones.find(({ id }) => id === '2.1.1-m1')
  }
  const days = ['2018-04-13', '2018-05-03', '2018-05-04', '2018-05-10']
  expect(await Promise.all(days.map(at))).toMatchObject([
    { status: '未启动', light: 'green' },
    { status: '逾期', light: 'red', slip: 'blue' },
    { status: '已完成待核验', light: 'green', doneLateDays: 4 },
    { status: '已核验销号', doneOn: '2018-05-04' },
  ])

  const changes = (week: string) => folder.ok('ledger', 'changes', '--week', week)
  const [shown, nineteenth, seventeenth] = await Promise.all([
    folder.ok('ledger', 'show', '2.1.1', '--as-of', '2018-05-11'),
    changes('2018-W19'),
    changes('2018-W17'),
    folder.ok('audit', 'verify'),
  ])
  expect(shown).toContain('2018-05-04 2.1.1 李科长：→ 已完成待核验')
  expect(shown).toMatch(/核验单\.pdf（6 字节，SHA-256 [0-9a-f]{64}）/u)
  expect(nineteenth).toContain('新销号：\n  - 2.1.1-m1')
  expect(seventeenth).toContain('无进展和填报记录')
})

test('lists, as tables, CSV and JSON', async () => {
  await using folder = await withPlan()
  const asOf = ['--as-of', '2018-05-08']
  const [lights, csv, led, red, deadlines, goals] = await Promise.all([
    folder.ok('ledger', 'lights', ...asOf),
    folder.ok('ledger', 'tasks', ...asOf, '--csv'),
    folder.json('ledger', 'tasks', ...asOf, '--unit', 'u-410200-audit'),
    folder.json('ledger', 'milestones', ...asOf, '--state', '逾期'),
    folder.ok('ledger', 'deadlines', '--as-of', '2018-04-13', '--until', '2018-04-30'),
    folder.ok('ledger', 'goals', ...asOf),
  ])
  expect(lights).toMatch(/^合计 +15 +9 +13 +13 +0 +0/mu)
  expect(csv.trimEnd().split('\n')).toHaveLength(34)
  expect(csv).toContain('编号,灯,状态,名称')
  expect((led as { readonly tasks: readonly Standing[] }).tasks.map(({ id }) => id)).toEqual(['2.4.3.3'])
  expect((red as { readonly milestones: readonly Standing[] }).milestones).toHaveLength(13)
  expect(deadlines.trimEnd().split('\n')).toHaveLength(15)
  expect(deadlines).toContain('2.2.3-m1 需要')
  expect(goals).toContain('goal-4')
})

test('rosters and claims: a ratio names what it is over', async () => {
  await using folder = await withPlan()
  const take = (...more: readonly string[]) =>
    folder.ok('roster', 'take', 'systems-municipal', '--of', '政务信息系统', '--level', 'city', ...more)
  await take('--source', '普查', '--effective', '2018-05-01')
  await take('--source', '复核', '--effective', '2018-06-01', '--exclude', 'sys-110=公安专网，某文第三条')
  await folder.ok('claim', 'add', 'goal:goal-4', 'count', '--value', '13', '--as-of', '2018-05-31')
  await folder.ok('claim', 'add', 'system:sys-110', 'migrated', '--as-of', '2018-06-01')
  const goal = async (day: string) => {
    const { goals } = (await folder.json('ledger', 'goals', '--as-of', day)) as {
      readonly goals: readonly { readonly id: string; readonly claimed?: object }[]
    }
    return goals.find(({ id }) => id === 'goal-4')?.claimed
  }
  const [before, first, second, diff, june] = await Promise.all([
    goal('2018-05-30'),
    goal('2018-05-31'),
    goal('2018-06-01'),
    folder.ok('roster', 'diff', 'systems-municipal'),
    folder.ok('ledger', 'changes', '--month', '2018-06'),
  ])
  expect(before).toBeUndefined()
  expect(first).toMatchObject({
    numerator: 13,
    denominator: 26,
    percent: 50,
    roster: { id: 'systems-municipal-v1' },
  })
  expect(second).toMatchObject({
    numerator: 13,
    denominator: 25,
    roster: { id: 'systems-municipal-v2' },
    exclusions: [{ what: 'sys-110', basis: '公安专网，某文第三条' }],
  })
  expect(diff).toMatch(/^口径变化：.*第 1 版 → 第 2 版.*分母 26 → 25/u)
  expect(june).toContain('口径变化：')
  await folder.ok('claim', 'withdraw', 'c-000001', '--reason', '误报', '--as-of', '2018-06-02')
  expect(await goal('2018-06-02')).toBeUndefined()
  expect(await folder.ok('claim', 'list', '--as-of', '2018-06-01', '--csv')).not.toContain('误报')
  expect(await folder.ok('claim', 'list', '--subject', 'goal:goal-4')).toContain('误报')
})

test('the plan comes to an inventory that is there, and once more changes nothing', async () => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410202')
  await folder.ok('workplan', 'import', 'kaifeng-2018')
  expect(await folder.ok('workplan', 'import', 'kaifeng-2018', '--dry-run')).toContain(
    'nothing differs\n0 new, 0 changed; nothing was written',
  )
  expect(
    await folder.ok('export', folder.file('plan.xlsx'), '--collection', 'task', '--collection', 'milestone'),
  ).toContain('revision 2')
  expect(await folder.ok('workplan', 'import', folder.file('plan.xlsx'), '--dry-run')).toContain(
    '0 new, 0 changed',
  )
})

test('a plan that cannot be is refused with every problem and its line', async () => {
  await using folder = await withPlan()
  const file = folder.file('own.yaml')
  await writeFile(
    file,
    [
      'workplan:',
      '  - { id: p, name: 方案 }',
      'task:',
      '  - { id: t1, plan: p, name: 一, lead: [u-nobody], verification: probe, dependsOn: [t2] }',
      '  - { id: t2, plan: p, name: 二, verification: probe, dependsOn: [t1] }',
      'milestone:',
      '  - { id: t1-m1, task: t1 }',
    ].join('\n'),
  )
  await expectUntouched(folder, async () => {
    const refused = await folder.run('workplan', 'import', file)
    expectRefusal(refused, 2, /own\.yaml:7 milestone\/t1-m1\.date: expected a day, got none/u)
    expect(refused.stderr).toContain('own.yaml:4 task/t1.lead[0]: expected an existing unit, got u-nobody')
    expect(refused.stderr).toContain('got a cycle: t1 → t2 → t1')
  })
})

/** One of each command; what the records themselves refuse is in test/inventory/ledger-records.test.ts. */
const refusals: readonly (readonly [readonly string[], RegExp])[] = [
  [['ledger', 'move', '2.1.9', '推进中', '--reason', 'x'], /got 2\.1\.9\n {2}→ did you mean/u],
  [
    ['ledger', 'note', '2.1.1', 'x', '--as-of', '2999-01-01'],
    /--as-of: expected a time that has come, got 2999-01-01/u,
  ],
  [['ledger', 'tasks', '--as-of', 'yesterday'], /--as-of: expected a day .* or a time/u],
  [['ledger', 'changes', '--week', '2018-W53'], /expected an ISO week that there is/u],
  [
    ['ledger', 'changes', '--week', '2018-W26', '--as-of', '2018-06-01'],
    /--as-of: expected days that have begun by 2018-06-01, got 2018-06-25 to 2018-07-01/u,
  ],
  [
    ['claim', 'add', 'system:sys-city-porta', 'migrated'],
    /expected an existing system, got sys-city-porta\n {2}→ did you mean sys-city-portal\?/u,
  ],
  [['roster', 'take', 'x', '--of', 'systems', '--source', 'x', '--exclude', 'sys-110'], /expected ID=BASIS/u],
  [
    ['system', 'add', 's-x', 'name=某', 'region=410200', 'kind=other', 'secret=是'],
    /secret systems \(涉密\) are not kept here/u,
  ],
  [['task', 'set', '2.2.2', 'dependsOn=2.2.4'], /got a cycle: 2\.2\.2 → 2\.2\.4 → 2\.2\.2/u],
]

test('what is wrong is refused and writes nothing', async () => {
  await using folder = await withPlan()
  await expectUntouched(folder, async () => {
    const refused = await Promise.all(refusals.map(([args]) => folder.run(...args)))
    for (const [index, [, words]] of refusals.entries()) expectRefusal(refused[index]!, 2, words)
  })
})

test('a store of one’s own needs a region or a plan', async () => {
  await using folder = await emptyFolder()
  expectRefusal(await folder.run('init'), 2, /expected --region, --plan, or both, got neither/u)
  expectRefusal(await folder.run('workplan', 'import', 'nowhere.yaml'), 4, /nowhere\.yaml/u)
})

test('the user’s own calendar and days', async () => {
  await using folder = await withPlan()
  await writeFile(
    folder.file('calendar.yaml'),
    'years:\n  - { year: 2018, sources: [本单位], confidence: one-source, holidays: [2018-05-02], workdays: [] }\n',
  )
  await writeFile(folder.file('yiwang.yaml'), 'ledger:\n  calendarFile: calendar.yaml\n')
  const { milestones } = (await folder.json('ledger', 'milestones', '--as-of', '2018-05-03')) as {
    readonly milestones: readonly { readonly slips: readonly { readonly issuedOn: string }[] }[]
  }
  expect(milestones[0]?.slips.map(({ issuedOn }) => issuedOn)).toEqual(['2018-05-01'])
  await writeFile(folder.file('calendar.yaml'), 'years:\n  - { year: 2018 }\n')
  expectRefusal(await folder.run('ledger', 'tasks'), 2, /calendar\.yaml:2/u)
})
