import { expect, test } from 'vitest'
import type { Migration, MigrationState, Wave } from '../../inventory/migration/index.ts'
import { readQuestionnaire } from '../../inventory/migration/questionnaire.ts'
import { collections } from '../../inventory/model.ts'
import { awsColumns, awsRows } from '../../src/migration/aws.ts'
import { burnDown, funnelOf, overridesOf, rollUpOf, slipsOf } from '../../src/migration/progress.ts'
import { answerProblems, assess } from '../../src/migration/risk.ts'
import { loadQuestionnaire } from '../../src/service/migration.ts'
import { emptyInventory } from '../inventory/exchange-support.ts'

const zone = 'Asia/Shanghai'

/** A system that came into these states at the begin of these days in Shanghai. */
const system = (
  id: string,
  wave: string | undefined,
  ...steps: readonly [string, MigrationState][]
): Migration => {
  const states: readonly MigrationState[] = ['surveyed', ...steps.map(([, state]) => state)]
  return collections.migration.parse({
    id,
    wave,
    state: states.at(-1),
    reason: '因为',
    basis: '依据',
    moves: steps.map(([day, to], index) => ({
      at: new Date(`${day}T00:00:00+08:00`).toISOString(),
      by: '王工',
      from: states[index],
      to,
      reason: '因为',
      ...(to === 'cutover' && { override: '领导同意', missing: ['freeze: 封网'] }),
    })),
  })
}

const waves: ReadonlyMap<string, Wave> = new Map(
  [
    { id: 'w1', name: '第一批', startsOn: '2026-05-01', endsOn: '2026-05-31', capacity: 5 },
    { id: 'w2', name: '第二批', startsOn: '2026-06-01', endsOn: '2026-06-30', capacity: 5 },
  ].map((wave) => [wave.id, collections.wave.parse(wave)]),
)

const migrations = [
  system('on-time', 'w1', ['2026-05-02', 'trial'], ['2026-05-31', 'accepted']),
  system('late', 'w1', ['2026-05-20', 'cutover'], ['2026-06-10', 'accepted']),
  system('undone', 'w1', ['2026-05-10', 'accepted'], ['2026-06-05', 'rolled_back']),
  system('next', 'w2'),
  system('exempt', 'w1', ['2026-06-02', 'exempt']),
]
const end = (day: string): number => Date.parse(`${day}T23:59:59.999+08:00`)

test('the funnel at an instant: in each state, and so far or further', () => {
  const counts = (day: string) =>
    Object.fromEntries(
      funnelOf(migrations, end(day))
        .filter(({ count }) => count > 0)
        .map(({ label, count, reached }) => [label, [count, reached]]),
    )
  expect(counts('2026-05-01')).toEqual({ 已摸底: [5, 5] })
  expect(counts('2026-05-25')).toEqual({ 已摸底: [2, 5], 试运行: [1, 3], 已割接: [1, 2], 已验收: [1, 1] })
  expect(counts('2026-06-11')).toEqual({
    已摸底: [1, 3],
    已验收: [2, 2],
    不宜上云: [1, undefined],
    已回退: [1, undefined],
  })
})

test('roll-ups are those of AWS, and what does not move is apart', () => {
  const rollUps = (day: string) => migrations.map((each) => rollUpOf(each, end(day)))
  expect(rollUps('2026-05-25')).toEqual([
    'IN_PROGRESS',
    'IN_PROGRESS',
    'COMPLETED',
    'NOT_STARTED',
    'NOT_STARTED',
  ])
  expect(rollUps('2026-06-11')).toEqual(['COMPLETED', 'COMPLETED', 'FAILED', 'NOT_STARTED', 'OUT_OF_SCOPE'])
  expect(
    rollUpOf(system('b', 'w1', ['2026-05-02', 'deploying'], ['2026-05-03', 'blocked']), end('2026-05-04')),
  ).toBe('IN_PROGRESS')
})

test('slips: late while it is not done, then by as much as it was', () => {
  const slips = (day: string) =>
    slipsOf(migrations, waves, { at: end(day), zone }).map(({ system: id, days, doneOn = '' }) => [
      id,
      days,
      doneOn,
    ])
  expect(slips('2026-05-31')).toEqual([])
  expect(slips('2026-06-04')).toEqual([['late', 4, '']])
  expect(slips('2026-07-02')).toEqual([
    ['undone', 32, ''],
    ['late', 10, '2026-06-10'],
    ['next', 2, ''],
  ])
})

test('burn-down: planned by the waves, remaining as it was, nothing for days to come', () => {
  expect(burnDown(migrations, waves, { at: end('2026-06-12'), zone }, 15)).toEqual([
    { day: '2026-05-01', scope: 5, planned: 5, remaining: 5 },
    { day: '2026-05-16', scope: 5, planned: 5, remaining: 4 },
    { day: '2026-05-31', scope: 5, planned: 1, remaining: 3 },
    { day: '2026-06-12', scope: 4, planned: 1, remaining: 2 },
    { day: '2026-06-15', scope: 4, planned: 1 },
    { day: '2026-06-30', scope: 4, planned: 0 },
  ])
  expect(burnDown([], new Map(), { at: end('2026-06-12'), zone })).toEqual([
    { day: '2026-06-12', scope: 0, planned: 0, remaining: 0 },
  ])
})

test('overridden gates are told', () => {
  expect(overridesOf(migrations, end('2026-05-19'))).toEqual([])
  expect(overridesOf(migrations, end('2026-05-20'))).toMatchObject([
    { system: 'late', move: { override: '领导同意', missing: ['freeze: 封网'] } },
  ])
})

test('the AWS export has the columns of the template and no comma where a list is meant', () => {
  expect(new Set(awsColumns).size).toBe(34)
  const record = collections.migration.parse({
    id: 's-oa',
    decision: 'rehost',
    oldEndpoints: [
      'http://192.0.2.1/',
      'tcp://192.0.2.1:1521',
      'https://[2001:db8::1]/',
      'http://oa.example.gov.cn/',
    ],
    wave: 'w1',
  })
  const named = collections.system.parse({
    id: 's-oa',
    name: '=办公,系统:二期',
    region: '410200',
    kind: 'application',
  })
  const inventory = {
    ...emptyInventory,
    migration: new Map([['s-oa', record]]),
    system: new Map([['s-oa', named]]),
    wave: waves,
  }
  expect(awsRows(inventory, 0)).toEqual([
    {
      ExternalId: 's-oa',
      IPAddress: '192.0.2.1, 2001:db8::1',
      HostName: 'oa.example.gov.cn',
      Applications: '办公 系统 二期',
      ApplicationWave: '第一批',
      Tags: 'state:surveyed, status:NOT_STARTED, decision:rehost',
    },
  ])
})

const small = readQuestionnaire(
  'small.yaml',
  `
id: q
name: 小
notice: 自拟
thresholds: { medium: 0.3, high: 0.7 }
questions:
  - id: a
    text: 甲
    weight: 3
    answers: [{ id: yes, text: 是, risk: low }, { id: no, text: 否, risk: high }]
  - id: b
    text: 乙
    weight: 1
    answers: [{ id: yes, text: 是, risk: low }, { id: half, text: 半, risk: medium }]
`,
)

test.each<[Record<string, string>, object]>([
  [{}, { least: 0, most: 0.875, levels: ['low', 'medium', 'high'], answered: 0, open: ['a', 'b'] }],
  [{ a: 'yes' }, { least: 0, most: 0.125, levels: ['low'], answered: 1, open: ['b'] }],
  [{ a: 'no' }, { least: 0.75, most: 0.875, levels: ['high'], high: ['a'] }],
  [
    { a: 'yes', b: 'half' },
    { least: 0.125, most: 0.125, levels: ['low'], open: [] },
  ],
  [{ a: 'perhaps', c: 'x' }, { answered: 0 }],
])('answers %j', (answers, expected) => {
  expect(assess(small, answers)).toMatchObject(expected)
})

test('answers that are none are told with what they could be', () => {
  expect(answerProblems(small, { a: 'maybe', aa: 'yes' })).toEqual([
    { where: 'a', message: 'expected one of yes (是), no (否), got maybe' },
    expect.objectContaining({ where: 'aa', message: 'expected one of a (甲), b (乙), got aa' }),
  ])
})

test.each<[string, string, RegExp]>([
  ['not YAML', 'id: [', /^small\.yaml: /u],
  ['a field that is none', 'id: q\nnme: x', /small\.yaml/u],
  ['nothing', '', /small\.yaml: /u],
])('a questionnaire that is %s is refused', (_, content, message) => {
  expect(() => readQuestionnaire('small.yaml', content)).toThrow(message)
})

test('the questionnaire that comes along is sound, and says that it is ours', async () => {
  const bundled = await loadQuestionnaire(undefined)
  expect(bundled.notice).toContain('未经官方审定')
  const worst = Object.fromEntries(bundled.questions.map(({ id, answers }) => [id, answers.at(-1)!.id]))
  expect(assess(bundled, worst)).toMatchObject({ least: 1, most: 1, levels: ['high'], open: [] })
})
