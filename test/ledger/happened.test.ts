import { expect, test } from 'vitest'
import type { Operation } from '../../inventory/store.ts'
import { claimedOf, claimsAt, happenedIn, standingClaims } from '../../src/ledger/index.ts'
import { put } from '../inventory/store-fixtures.ts'
import { context, milestone, move, recorded, task } from './plan.ts'

const claim = (id: string, day: string, more: object = {}): Operation =>
  put('claim', {
    id,
    subjectKind: 'task',
    subject: 't',
    kind: 'completed',
    at: `${day}T04:00:00Z`,
    by: '李',
    ...more,
  })

const week = { from: '2018-04-30', to: '2018-05-06' }

test('a week: what was done, what became overdue, which slips went out', () => {
  const inventory = recorded(
    task('t'),
    milestone('t-m1', '2018-04-30'),
    task('u'),
    milestone('u-m1', '2018-05-31'),
    move('u', 'claimed', '2018-05-03'),
    claim('c-1', '2018-05-02'),
  )
  const happened = happenedIn(inventory, week, context('2018-12-31'))
  expect(happened.silent).toBe(false)
  expect(happened.done.map(({ id }) => id)).toEqual(['u-m1'])
  expect(happened.newlyOverdue.map(({ id }) => id)).toEqual(['t-m1'])
  expect(
    happened.slips.map(({ colour, issuedOn, milestone: { id } }) => `${colour} ${issuedOn} ${id}`),
  ).toEqual(['blue 2018-05-02 t-m1'])
  expect(happened.claims.map(({ id }) => id)).toEqual(['c-1'])
})

test('a week in which nobody recorded anything says so', () => {
  const inventory = recorded(task('t'), milestone('t-m1', '2018-06-30'))
  expect(happenedIn(inventory, week, context('2018-12-31'))).toMatchObject({
    silent: true,
    done: [],
    newlyOverdue: [],
  })
})

test('a week that is not over is told up to now', () => {
  const inventory = recorded(task('t'), milestone('t-m1', '2018-04-30'), move('t', 'claimed', '2018-05-04'))
  expect(happenedIn(inventory, week, context('2018-05-02')).done).toEqual([])
  expect(happenedIn(inventory, week, context('2018-05-02')).newlyOverdue).toHaveLength(1)
})

test('claims as they were known: a withdrawal of later is not yet there', () => {
  const withdrawn = { at: '2018-06-01T00:00:00Z', by: '李', why: '误报' }
  const { claim: claims } = recorded(
    task('t'),
    claim('c-1', '2018-05-02', { withdrawn }),
    claim('c-2', '2018-07-02'),
  )
  const known = (now: string) => standingClaims(claimsAt(claims.values(), context(now))).map(({ id }) => id)
  expect([known('2018-05-01'), known('2018-05-31'), known('2018-06-02'), known('2018-07-03')]).toEqual([
    [],
    ['c-1'],
    [],
    ['c-2'],
  ])
  expect(claimedOf(claimsAt(claims.values(), context('2018-05-31')), 'task', 'completed')).toEqual(
    new Set(['t']),
  )
})
