import { expect, test } from 'vitest'
import {
  changesFrom,
  lastVerdicts,
  namedSystems,
  ratiosOf,
  verifyAll,
  verifyNamed,
} from '../../src/verify/index.ts'
import { planImport, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import { emptyInventory } from '../inventory/exchange-support.ts'
import { claimOf, control, inputOf, now, type Planted, put } from './scene.ts'

const ids = ['s-1', 's-2', 's-3', 's-4', 's-5']
const records = [
  put('workplan', { id: 'p', name: '方案' }),
  put('task', {
    id: 't',
    plan: 'p',
    name: '接入',
    verification: 'probe',
    categories: ['network-coverage'],
    roster: 'all',
  }),
  put('goal', {
    id: 'g',
    plan: 'p',
    name: '目标',
    due: '2018-12-31',
    denominator: '系统',
    roster: 'all',
    tasks: ['t'],
    verification: 'probe',
  }),
  put('network', { id: 'w', name: '外网', cidr: '10.0.0.0/8' }),
  ...ids.map((id) =>
    put('system', {
      id,
      name: id,
      region: '410200',
      kind: 'application',
      endpoints: [`http://${id}.gov.cn/`],
    }),
  ),
  put('roster', {
    id: 'all-v2',
    series: 'all',
    version: 2,
    of: 'systems',
    name: '名录',
    effectiveOn: '2018-05-01',
    source: '普查',
    members: ids,
    exclusions: { 's-5': { basis: '涉密' } },
  }),
  ...ids.map((id) => claimOf(`system:${id}`, 'connected')),
]
const look = (target: string, more: Partial<Planted> = {}): Planted => ({
  target,
  kind: 'http',
  address: `${target}.gov.cn`,
  port: 80,
  facts: { remoteAddress: '10.1.1.1' },
  ...more,
})
const looks = [
  look('s-1'),
  look('s-2', { facts: { remoteAddress: '192.0.2.1' } }),
  look('s-3', { ago: 48 }),
  look('s-4', { heard: false }),
  ...control,
]

test('claimed, verified, and a gap that is split, over the version that counts', () => {
  const input = inputOf({ records: [...records, claimOf('task:t', 'count', { value: '4' })], looks })
  const [goal, task] = ratiosOf(input, verifyAll(input))
  expect(task?.ratio).toMatchObject({
    roster: { id: 'all-v2', version: 2 },
    denominator: 4,
    excluded: 1,
    claimed: 4,
    itemised: 4,
    verified: 1,
    gap: { contradicted: 1, stale: 1, unverifiable: 1 },
    verifiedPercent: 25,
    contradicted: ['s-2'],
  })
  expect(goal?.ratio).toMatchObject({ claimed: 4, verified: 1 })
})

test.each<[string, string, string, RegExp]>([
  ['count', '1', 'consistent', /核验 1/u],
  ['count', '3', 'unverifiable', /无法验证 1/u],
  ['count', '4', 'contradicted', /矛盾 1/u],
  ['completed', '', 'contradicted', /填报 4，核验 1，分母 4（名录 all-v2）/u],
])('%s %s of a task is %s', (kind, value, verdict, words) => {
  const claim = claimOf('task:t', kind as 'count', value === '' ? {} : { value })
  const found = verifyAll(inputOf({ records: [...records, claim], looks }))
  const last = found.at(-1)
  expect(last).toMatchObject({ verdict })
  expect(last?.because).toMatch(words)
})

test('what is reported as a number without its members is 无法验证', () => {
  const input = inputOf({
    records: [
      ...records.filter(({ collection }) => collection !== 'claim'),
      claimOf('goal:g', 'count', { value: '3' }),
    ],
    looks,
  })
  expect(ratiosOf(input, verifyAll(input))[0]?.ratio).toMatchObject({
    claimed: 3,
    itemised: 0,
    verified: 0,
    gap: { contradicted: 0, stale: 0, unverifiable: 3 },
  })
})

test('before there is a roster there is no ratio', () => {
  const input = inputOf({ records: records.filter(({ collection }) => collection !== 'roster') })
  expect(ratiosOf(input, verifyAll(input))[0]?.ratio).toEqual({
    kind: 'none',
    why: 'all：2018-06-30 尚无名录',
  })
})

test('only verdicts that changed are recorded', () => {
  const first = verifyAll(inputOf({ records, looks }))
  const changes = changesFrom(new Map(), first, { now, revision: 3 })
  expect(changes).toHaveLength(first.length)
  const later = verifyAll(inputOf({ records, looks: looks.filter(({ target }) => target !== 's-2') }))
  expect(changesFrom(lastVerdicts(changes), later, { now: now + 1, revision: 4 })).toMatchObject([
    { claim: 'c-system-s-2-connected', verdict: 'unverifiable', revision: 4 },
  ])
})

test('each of the 38 named systems has a request and an assertion, or wants documents', () => {
  const plan = planImport(shippedPlan('kaifeng-2018'), emptyInventory).operations
  const named = verifyNamed(inputOf({ records: plan }))
  const mentions = plan.flatMap((each) =>
    each.op === 'put' && each.collection === 'mention' ? [(each.record as { id: string }).id] : [],
  )
  expect(named.map(({ mention }) => mention).toSorted()).toEqual(mentions.toSorted())
  expect(named).toHaveLength(38)
  for (const row of named) {
    expect(row.assertion).not.toBe('')
    expect(row.request).not.toBe('')
    expect(row.verdict).toBe('unverifiable')
    if (row.documentsOnly) expect(row.because).toMatch(/^仅文件可核，须有：/u)
  }
  expect(named.filter(({ documentsOnly }) => documentsOnly).map(({ mention }) => mention)).toEqual([
    'sys-prov-secmon',
    'sys-prov-app',
    'sys-vertical',
  ])
  const known = new Set(mentions)
  for (const { peers = [] } of namedSystems) for (const peer of peers) expect(known.has(peer)).toBe(true)
})
