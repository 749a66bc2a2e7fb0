import { expect, test } from 'vitest'
import type { MigrationState } from '../../inventory/migration/index.ts'
import { compileMigrationJobs, compilePlan } from '../../src/plan/compile.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { inventoryOf, registry, system } from './fixtures.ts'

const moving = (more: object = {}) => ({
  id: 's-1',
  reason: '因为',
  basis: '依据',
  oldEndpoints: ['https://192.0.2.1/', 'tcp://192.0.2.1:1521'],
  newEndpoints: ['https://198.51.100.1/', 'http://198.51.100.1/'],
  ...more,
})
const inventory = (more: object = {}, own: object = {}) =>
  inventoryOf({ system: [system({ state: 'planned', ...own })], migration: [moving(more)] })
const jobsOf = (more: object = {}, own: object = {}) =>
  compilePlan(inventory(more, own), defaultPlanSettings, registry).jobs

const old = ['s-1/old/tcp/192.0.2.1:1521@public unreachable', 's-1/old/tcp/192.0.2.1:443@public unreachable']
const fresh = [
  's-1/new/http/http:198.51.100.1@public reachable',
  's-1/new/http/https:198.51.100.1@public reachable',
  's-1/new/tls/https:198.51.100.1:443@public reachable',
]

test.each<[MigrationState, readonly string[]]>([
  ['surveyed', []],
  ['deploying', []],
  ['trial', fresh],
  ['cutover', fresh],
  ['accepted', [...fresh, ...old]],
  ['decommissioned', old],
  ['merged', old],
  ['exempt', []],
  ['rolled_back', []],
])('in the state %s', (state, expected) => {
  expect(jobsOf({ state }).map(({ id, expect: wanted }) => `${id} ${wanted}`)).toEqual(expected)
})

test('every look at both places, whatever the state, under the names that they have then', () => {
  const records = inventory()
  const jobs = compileMigrationJobs(records, [...records.migration.values()], defaultPlanSettings)
  expect(jobs.map(({ id, expect: wanted }) => `${id} ${wanted}`)).toEqual([...fresh, ...old])
})

test('a name that has moved along is no old place', () => {
  const oldEndpoints = [
    'https://oa.example.gov.cn/',
    'https://[2001:db8::1]:8443/',
    'dns://192.0.2.53/a.gov.cn',
    'icmp://192.0.2.1',
  ]
  expect(jobsOf({ state: 'merged', oldEndpoints }).map(({ id }) => id)).toEqual([
    's-1/old/dns/192.0.2.53/a.gov.cn?type=A@public',
    's-1/old/icmp/192.0.2.1@public',
    's-1/old/tcp/192.0.2.53:53@public',
    's-1/old/tcp/[2001:db8::1]:8443@public',
  ])
})

test('from the area of the system, with the control of the record', () => {
  const jobs = jobsOf({ state: 'merged', control: 'n-1' }, { areas: ['private'] })
  expect(jobs.map(({ vantage, control }) => [vantage, control])).toEqual([
    ['private', 'n-1'],
    ['private', 'n-1'],
  ])
})

test('another address is another history, whatever the order', () => {
  const ids = (oldEndpoints: readonly string[]) =>
    jobsOf({ state: 'merged', oldEndpoints }).map(({ id }) => id)
  expect(ids(['tcp://192.0.2.1:80'])).toEqual(['s-1/old/tcp/192.0.2.1:80@public'])
  expect(ids(['tcp://192.0.2.2:80'])).toEqual(['s-1/old/tcp/192.0.2.2:80@public'])
  expect(ids(['tcp://192.0.2.1:80', 'tcp://192.0.2.2:80'])).toEqual(
    ids(['tcp://192.0.2.2:80', 'tcp://192.0.2.1:80']),
  )
})

test('both places are targets of a class of their own', () => {
  const { targets } = compilePlan(inventory({ state: 'accepted' }), defaultPlanSettings, registry)
  expect([...targets.values()].map(({ id, labels }) => [id, labels.class, labels.role, labels.name])).toEqual(
    [
      ['s-1/old', 'migration', 'old', '政务服务网'],
      ['s-1/new', 'migration', 'new', '政务服务网'],
    ],
  )
})
