import { describe, expect, test } from 'vitest'
import { planImport, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import type { Operation } from '../../inventory/store.ts'
import { deadlinesOf, ledgerAt, type Standing } from '../../src/ledger/index.ts'
import { emptyInventory, inventoryOf } from '../inventory/exchange-support.ts'
import { put } from '../inventory/store-fixtures.ts'
import { context, milestone, move, recorded, task } from './plan.ts'

const standing = (operations: readonly Operation[], now: string, id: string): Standing => {
  const ledger = ledgerAt(recorded(...operations), context(now))
  const found = [...ledger.tasks, ...ledger.milestones].find((each) => each.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}

const dated = [task('t'), milestone('t-m1', '2018-06-29')]

describe('lights', () => {
  test.each<[string, readonly Operation[], string, object]>([
    ['far away', dated, '2018-06-01', { light: 'green', status: '未启动', workingDaysLeft: 19 }],
    [
      'near, by working days',
      dated,
      '2018-06-15',
      { light: 'yellow', workingDaysLeft: 9, why: '距期限 9 个工作日' },
    ],
    ['on the last day', dated, '2018-06-29', { light: 'yellow', overdue: false, daysLeft: 0 }],
    ['a moment before midnight in Shanghai', dated, '2018-06-29T23:59:59+08:00', { overdue: false }],
    [
      'a moment after it',
      dated,
      '2018-06-30T00:00:00+08:00',
      { light: 'red', overdue: true, status: '逾期', daysLeft: -1 },
    ],
    [
      'claimed in time',
      [...dated, move('t', 'claimed', '2018-06-28')],
      '2018-07-02',
      { light: 'green', status: '已完成待核验', doneOn: '2018-06-28', doneLateDays: 0 },
    ],
    [
      'claimed late',
      [...dated, move('t', 'claimed', '2018-07-05')],
      '2018-07-06',
      { light: 'green', doneLateDays: 6 },
    ],
    [
      'claimed, and not verified for long',
      [...dated, move('t', 'claimed', '2018-06-01')],
      '2018-06-22',
      { light: 'yellow', why: '申报完成后 14 个工作日未核验' },
    ],
    [
      'verified',
      [...dated, move('t', 'claimed', '2018-06-01'), move('t', 'verified', '2018-06-05')],
      '2018-12-01',
      { light: 'green', status: '已核验销号', doneOn: '2018-06-01' },
    ],
    [
      'fallen back after its day',
      [...dated, move('t', 'claimed', '2018-06-01'), move('t', 'in_progress', '2018-07-03')],
      '2018-07-04',
      { light: 'red', overdue: true },
    ],
    [
      'put off',
      [...dated, move('t', 'deferred', '2018-06-20')],
      '2018-08-01',
      { light: 'yellow', overdue: false, status: '暂缓' },
    ],
    [
      'what was recorded later is not known',
      [...dated, move('t', 'claimed', '2018-06-28')],
      '2018-06-27',
      { status: '未启动' },
    ],
  ])('%s', (_, operations, now, expected) => {
    expect(standing(operations, now, 't-m1')).toMatchObject(expected)
  })

  test('a task is as bad as the worst of its milestones, and overdue with the first', () => {
    const two = [task('t'), milestone('t-m1', '2018-04-30'), milestone('t-m2', '2018-05-31')]
    expect(standing(two, '2018-05-02', 't')).toMatchObject({ light: 'red', overdue: true, due: '2018-05-31' })
    const first = [...two, move('t-m1', 'claimed', '2018-04-27')]
    expect(standing(first, '2018-05-02', 't')).toMatchObject({
      light: 'green',
      overdue: false,
      status: '推进中',
    })
    const both = [...first, move('t-m2', 'claimed', '2018-05-03')]
    expect(standing(both, '2018-05-04', 't')).toMatchObject({ status: '已完成待核验' })
  })
})

describe('what waits on what', () => {
  const waiting = (first: readonly Operation[], more: readonly Operation[] = []): readonly Operation[] => [
    task('a'),
    ...first,
    task('b', { dependsOn: ['a'] }),
    milestone('b-m1', '2018-05-31'),
    ...more,
  ]
  test.each<[string, readonly Operation[], string, object]>([
    [
      'due after it: late from the beginning',
      waiting([milestone('a-m1', '2018-06-30')]),
      '2018-04-13',
      { delay: { kind: 'late', path: ['a'], due: '2018-06-30' }, light: 'yellow' },
    ],
    [
      'overdue: threatened',
      waiting([milestone('a-m1', '2018-04-28')]),
      '2018-05-02',
      { delay: { kind: 'threatened', path: ['a'] }, light: 'yellow', why: '前置逾期：a' },
    ],
    ['without a day', waiting([]), '2018-04-13', { delay: { kind: 'undated', path: ['a'] }, light: 'green' }],
    [
      'done',
      waiting([milestone('a-m1', '2018-04-28')], [move('a', 'claimed', '2018-04-20')]),
      '2018-04-21',
      { waitsOn: [], light: 'green' },
    ],
    [
      'both overdue: late because of the other',
      waiting([milestone('a-m1', '2018-04-28')]),
      '2018-06-01',
      { delay: { kind: 'late', path: ['a'] }, light: 'red', why: '已过期限 2018-05-31；前置致迟：a' },
    ],
    [
      'far back in the chain',
      [
        task('z'),
        milestone('z-m1', '2018-12-31'),
        ...waiting([milestone('a-m1', '2018-04-28')]),
        task('a', { dependsOnInferred: ['z'] }),
      ],
      '2018-04-13',
      { delay: { kind: 'late', path: ['a', 'z'], due: '2018-12-31' } },
    ],
  ])('%s', (_, operations, now, expected) => {
    expect(standing(operations, now, 'b-m1')).toMatchObject(expected)
  })

  test('what has no day is needed by the first that waits on it', () => {
    const operations = waiting([], [milestone('b-m2', '2018-06-30')])
    const ledger = ledgerAt(recorded(...operations), context('2018-05-25'))
    expect(ledger.tasks.find(({ id }) => id === 'a')).toMatchObject({
      need: { day: '2018-05-31', by: 'b-m1' },
      light: 'yellow',
      why: '无时限，b-m1 于 2018-05-31 前需要',
    })
    expect(deadlinesOf(ledger, '2018-05-31').map(({ day, basis, item }) => [day, basis, item.id])).toEqual([
      ['2018-05-31', 'plan', 'b-m1'],
      ['2018-05-31', 'need', 'a'],
    ])
  })
})

describe('slips', () => {
  const slips = (operations: readonly Operation[], now: string) => {
    const { slips: issued, slip } = standing(operations, now, 't-m1')
    return { issued: issued.map(({ colour, issuedOn }) => `${colour} ${issuedOn}`), slip }
  }
  const april = [task('t'), milestone('t-m1', '2018-04-30')]

  test.each<[string, readonly Operation[], string, object]>([
    ['on the first of May: a holiday', april, '2018-05-01', { issued: [] }],
    ['on the first working day', april, '2018-05-02', { issued: ['blue 2018-05-02'], slip: 'blue' }],
    [
      'after five more',
      april,
      '2018-05-09',
      { issued: ['blue 2018-05-02', 'orange 2018-05-09'], slip: 'orange' },
    ],
    [
      'after ten more',
      april,
      '2018-12-01',
      { issued: ['blue 2018-05-02', 'orange 2018-05-09', 'red 2018-05-16'], slip: 'red' },
    ],
    [
      'done in between: what was issued stays issued',
      [...april, move('t', 'claimed', '2018-05-04')],
      '2018-12-01',
      { issued: ['blue 2018-05-02'], slip: undefined },
    ],
    [
      'put off: the clock stops',
      [...april, move('t', 'deferred', '2018-05-03'), move('t', 'in_progress', '2018-06-01')],
      '2018-06-06',
      { issued: ['blue 2018-05-02'], slip: 'blue' },
    ],
    [
      'and goes on where it stood',
      [...april, move('t', 'deferred', '2018-05-03'), move('t', 'in_progress', '2018-06-01')],
      '2018-06-07',
      { issued: ['blue 2018-05-02', 'orange 2018-06-07'], slip: 'orange' },
    ],
  ])('%s', (_, operations, now, expected) => {
    expect(slips(operations, now)).toEqual(expected)
  })

  test('the days are the policy’s', () => {
    const one = context('2018-05-04', {
      policy: { nearWorkingDays: 1, verifyWorkingDays: 1, slips: [{ colour: 'red', afterWorkingDays: 3 }] },
    })
    expect(ledgerAt(recorded(...april), one).milestones[0]?.slips).toEqual([
      { colour: 'red', issuedOn: '2018-05-04' },
    ])
  })
})

describe('the plan of Kaifeng', () => {
  const loaded = inventoryOf(planImport(shippedPlan('kaifeng-2018'), emptyInventory).operations)

  test('on the day of issue 13 of 31 milestones are 17 days away, and 2.2.4 waits on 2.2.2 that has no day', () => {
    const ledger = ledgerAt(loaded, context('2018-04-13'))
    expect(ledger.milestones.filter(({ daysLeft }) => daysLeft === 17)).toHaveLength(13)
    expect(ledger.milestones).toHaveLength(31)
    const waits = ledger.milestones.find(({ id }) => id === '2.2.4-m1')
    expect(waits).toMatchObject({ delay: { kind: 'undated', path: ['2.2.2'] } })
    expect(ledger.tasks.find(({ id }) => id === '2.2.2')?.need).toEqual({ day: '2018-04-30', by: '2.2.3-m1' })
    expect(ledger.uncharted).toEqual([])
  })

  test('with nobody moving anything, all 13 are overdue in May, and the goals with one of them red', () => {
    const ledger = ledgerAt(loaded, context('2018-05-08'))
    expect(ledger.milestones.filter(({ overdue }) => overdue)).toHaveLength(13)
    expect(ledger.goals.map(({ id, light }) => `${id} ${light}`)).toEqual([
      'goal-1 red',
      'goal-2 red',
      'goal-3 red',
      'goal-4 green',
    ])
  })

  test('years that no calendar has are named', () => {
    expect(ledgerAt(loaded, context('2021-01-05')).uncharted).toEqual([2020, 2021])
  })
})

test('a plan alone is judged alone', () => {
  const inventory = recorded(
    task('t'),
    put('workplan', { id: 'q', name: '另案' }),
    put('task', { id: 'u', plan: 'q', name: '乙', verification: 'probe' }),
  )
  expect(ledgerAt(inventory, context('2018-05-08'), 'q').tasks.map(({ id }) => id)).toEqual(['u'])
})
