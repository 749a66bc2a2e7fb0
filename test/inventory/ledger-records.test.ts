import { describe, expect, test } from 'vitest'
import { prepareChange } from '../../inventory/change.ts'
import { type LedgerState, nextStates, stateLabels } from '../../inventory/ledger/index.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { milestone, move, plan, recorded, task } from '../ledger/plan.ts'
import { apply, clock, put, remove, temporaryFolder } from './store-fixtures.ts'

const base = recorded(
  task('t1'),
  milestone('t1-m1', '2018-04-30'),
  milestone('t1-m2', '2018-05-31'),
  task('t2'),
  put('system', { id: 's-oa', name: '办公', region: '410202', kind: 'application' }),
)

const messages = (operations: readonly Operation[], from = base): readonly string[] =>
  prepareChange(from, operations).problems.map(({ where, message }) => `${where}: ${message}`)

const claim = (more: object): Operation =>
  put('claim', {
    id: 'c-000001',
    subjectKind: 'system',
    subject: 's-oa',
    kind: 'migrated',
    at: '2018-06-01T00:00:00Z',
    by: '李科长',
    ...more,
  })

const roster = (more: object): Operation =>
  put('roster', {
    id: 'x-v1',
    series: 'x',
    version: 1,
    of: 'systems',
    name: '系统',
    effectiveOn: '2018-05-01',
    source: '普查',
    members: ['s-oa'],
    ...more,
  })

test.each<[string, readonly Operation[], string]>([
  [
    'a cycle over two tasks',
    [task('t1', { dependsOn: ['t2'] }), task('t2', { dependsOnInferred: ['t1'] })],
    'task/t1.dependsOn: expected an order in which all can be done, got a cycle: t1 → t2 → t1',
  ],
  [
    'a cycle by way of a milestone',
    [
      put('milestone', { id: 't1-m1', task: 't1', date: '2018-04-30', dependsOn: ['t2'] }),
      task('t2', { dependsOn: ['t1'] }),
    ],
    'task/t2.dependsOn: expected an order in which all can be done, got a cycle: t2 → t1 → t1-m1 → t2',
  ],
  [
    'a milestone without a date',
    [put('milestone', { id: 'm', task: 't1' })],
    'milestone/m.date: expected a day, got none',
  ],
  [
    'a milestone on no day',
    [milestone('t1-m1', '2018-04-31')],
    'milestone/t1-m1.date: expected a day as 2018-06-30, got "2018-04-31"',
  ],
  [
    'a milestone that is called like a task',
    [put('milestone', { id: 't2', task: 't1', date: '2018-04-30' })],
    'milestone/t2.id: expected an id that no task has, got t2',
  ],
  ['an unknown unit', [task('t1', { lead: ['u-9'] })], 'task/t1.lead[0]: expected an existing unit, got u-9'],
  [
    'an unknown task to wait on',
    [task('t1', { dependsOn: ['t9'] })],
    'task/t1.dependsOn[0]: expected an existing task or milestone, got t9',
  ],
  [
    'a goal with a task of another plan',
    [
      put('workplan', { id: 'q', name: '另案' }),
      put('goal', {
        id: 'g',
        plan: 'q',
        name: '目标',
        due: '2018-12-31',
        tasks: ['t1'],
        denominator: '总数',
        verification: 'probe',
      }),
    ],
    'goal/g.tasks[0]: expected a task of q, got t1 of p',
  ],
  [
    'a secret system',
    [put('system', { id: 's-x', name: '某', region: '410202', kind: 'other', secret: true })],
    'system/s-x.secret: secret systems (涉密) are not kept here: take the record out of the file, got true',
  ],
  [
    'a claim about an unknown system',
    [claim({ subject: 's-9' })],
    'claim/c-000001.subject: expected an existing system, got s-9',
  ],
  [
    'a claim of a kind that its subject cannot have',
    [claim({ kind: 'completed' })],
    'claim/c-000001.kind: expected a claim about goal (目标), task (任务), milestone (时限节点), got completed (已完成) about system',
  ],
  [
    'a claim with a value too many',
    [claim({ value: '3' })],
    'claim/c-000001.value: migrated (已迁移上云): expected no value, got 3',
  ],
  [
    'a number that is none',
    [claim({ subjectKind: 'task', subject: 't1', kind: 'count', value: '多' })],
    'claim/c-000001.value: count (完成数): expected a number, got 多',
  ],
  [
    'an item that no catalogue has',
    [
      put('assessment', { id: 'a-1', name: '测评', object: 'extranet', level: 3 }),
      claim({ subjectKind: 'item', subject: 'a-1', item: 'L3-CES1-99', kind: 'conforms', value: '符合' }),
    ],
    'claim/c-000001.item: expected an item of the catalogue where an item is the subject, got L3-CES1-99',
  ],
  [
    'a roster of a system that there is not',
    [roster({ members: ['s-9'] })],
    'roster/x-v1.members[0]: expected an existing system, got s-9',
  ],
  [
    'a roster without anything',
    [roster({ members: [] })],
    'roster/x-v1.count: expected members or a count, and one of them only',
  ],
  [
    'a roster that names a member twice',
    [roster({ members: ['s-oa', 's-oa'] })],
    'roster/x-v1.members: expected each member once',
  ],
  [
    'an exclusion without a basis',
    [roster({ exclusions: { 's-oa': { basis: '' } } })],
    'roster/x-v1.exclusions.s-oa.basis: expected string to have >=1 characters, got ""',
  ],
  [
    'an exclusion of nobody',
    [roster({ exclusions: { 's-9': { basis: '条例' } } })],
    'roster/x-v1.exclusions.s-9: expected a member of the roster, got s-9',
  ],
  [
    'a member that is excluded twice over',
    [roster({ exclusions: { 's-oa': { basis: '条例', count: 2 } } })],
    'roster/x-v1.exclusions.s-oa.count: expected 1 of a member, got 2',
  ],
  [
    'a first version that is none',
    [roster({ version: 2 })],
    'roster/x-v1.version: expected version 1 of x, got 2',
  ],
  [
    'members of what has no records',
    [roster({ of: 'items', members: ['s-oa'] })],
    'roster/x-v1.members: expected a number, since items are no records, got members',
  ],
])('refused: %s', (_, operations, message) => {
  expect(messages(operations)).toEqual([message])
})

const states = Object.keys(stateLabels) as readonly LedgerState[]
/** Moves that lead to a state. */
const ways: Readonly<Record<LedgerState, readonly LedgerState[]>> = {
  not_started: [],
  in_progress: ['in_progress'],
  claimed: ['claimed'],
  verified: ['claimed', 'verified'],
  deferred: ['deferred'],
}
test.each(states.flatMap((from) => states.map((to) => ({ from, to }))))(
  'a task from $from to $to',
  ({ from, to }) => {
    const before = ways[from].map((state, day) => move('t2', state, `2018-04-1${String(day)}`))
    const after = recorded(task('t2'), ...before)
    const problems = messages([move('t2', to, '2018-04-20')], after)
    expect(problems.length === 0).toBe(nextStates[from].includes(to))
  },
)

describe('history', () => {
  const first = move('t1', 'in_progress', '2018-04-16')
  const kept = recorded(
    task('t1'),
    milestone('t1-m1', '2018-04-30'),
    put('system', { id: 's-oa', name: '办公', region: '410202', kind: 'application' }),
    first,
    claim({}),
    roster({}),
  )
  const id = [...kept.progress.keys()][0] ?? ''
  const rewritten = (collection: string, key: string) =>
    `${collection}/${key}: a ${collection} that is recorded is neither changed nor removed`

  test.each<[string, readonly Operation[], string]>([
    [
      'a move is rewritten',
      [put('progress', { ...kept.progress.get(id), text: '改' })],
      rewritten('progress', id),
    ],
    ['a note is removed', [remove('progress', id)], rewritten('progress', id)],
    ['a claim is rewritten', [claim({ by: '别人' })], rewritten('claim', 'c-000001')],
    ['a claim is removed', [remove('claim', 'c-000001')], rewritten('claim', 'c-000001')],
    ['a roster is rewritten', [roster({ source: '另' })], rewritten('roster', 'x-v1')],
  ])('refused: %s', (_, operations, message) => {
    expect(messages(operations, kept)).toContain(message)
  })

  const withdrawn = { at: '2018-06-02T00:00:00Z', by: '李科长', why: '误报' }
  test('a claim is withdrawn, once', () => {
    expect(messages([claim({ withdrawn })], kept)).toEqual([])
    const after = recorded(
      ...[...kept.system.values()].map((system) => put('system', system)),
      claim({ withdrawn }),
    )
    expect(messages([claim({})], after)).toEqual([rewritten('claim', 'c-000001')])
  })

  test('what was noted on keeps the task', () => {
    expect(messages([remove('task', 't1'), remove('milestone', 't1-m1')], kept)).toContain(
      `task/t1: cannot be removed: still referenced by progress/${id}.subject`,
    )
  })

  test('verified needs a signed document', () => {
    const claimed = recorded(task('t2'), move('t2', 'claimed', '2018-04-16'))
    const verified = move('t2', 'verified', '2018-04-20') as Extract<Operation, { op: 'put' }>
    const bare = put('progress', { ...(verified.record as object), documents: [] })
    expect(messages([bare], claimed)).toEqual([expect.stringContaining('expected a signed-off document')])
    expect(messages([verified], claimed)).toEqual([])
  })

  test('a task is not done before a milestone of it that goes its own way', () => {
    const split = recorded(
      task('t1'),
      milestone('t1-m1', '2018-04-30'),
      move('t1-m1', 'in_progress', '2018-04-16'),
    )
    expect(messages([move('t1', 'claimed', '2018-04-20')], split)).toEqual([
      expect.stringMatching(
        /expected the milestone t1-m1 to be claimed .* before its task t1, got in_progress/u,
      ),
    ])
    const done = [move('t1-m1', 'claimed', '2018-04-19'), move('t1', 'claimed', '2018-04-20')]
    expect(messages(done, split)).toEqual([])
  })

  test('a milestone goes on from where its task brought it, and a task from where its milestones did', () => {
    const byTask = recorded(task('t1'), milestone('t1-m1', '2018-04-30'), move('t1', 'claimed', '2018-04-16'))
    expect(messages([move('t1-m1', 'verified', '2018-04-20')], byTask)).toEqual([])
    expect(messages([move('t1-m1', 'deferred', '2018-04-20')], byTask)).toEqual([
      expect.stringMatching(
        /expected verified .* or in_progress .* after claimed .* of t1-m1, got deferred/u,
      ),
    ])
    const byPart = recorded(
      task('t1'),
      milestone('t1-m1', '2018-04-30'),
      move('t1-m1', 'claimed', '2018-04-16'),
    )
    expect(
      messages([move('t1-m1', 'verified', '2018-04-17'), move('t1', 'in_progress', '2018-04-18')], byPart),
    ).toEqual([])
  })

  test('a move of earlier that comes late must fit between', () => {
    const claimed = recorded(
      task('t2'),
      move('t2', 'in_progress', '2018-04-16'),
      move('t2', 'claimed', '2018-04-20'),
    )
    expect(messages([move('t2', 'deferred', '2018-04-18')], claimed)).toEqual([
      expect.stringMatching(
        /expected in_progress .* or not_started .* after deferred .* of t2, got claimed/u,
      ),
    ])
  })
})

test('the ledger is files that a person can read, and survives', async () => {
  await using folder = await temporaryFolder()
  const store = await openInventory(folder.path, { clock, create: true })
  await apply(store, [
    ...plan,
    task('t1'),
    milestone('t1-m1', '2018-04-30'),
    move('t1', 'in_progress', '2018-04-16'),
  ])
  await store[Symbol.asyncDispose]()
  const again = await openInventory(folder.path, { clock })
  const inventory = await again.read()
  expect([inventory.task.size, inventory.milestone.size, inventory.progress.size]).toEqual([1, 1, 1])
  expect(await again.auditVerify()).toMatchObject({ intact: true })
  await again[Symbol.asyncDispose]()
})
