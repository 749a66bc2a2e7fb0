import { expect, test } from 'vitest'
import { covers, planForAgent } from '../../src/plan/assign.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { inventoryOf, node, registry, system } from './fixtures.ts'

test.each([
  ['410202', '410202001', true],
  ['410202', '410202', true],
  ['410202', '410203001', false],
  ['410200', '410202001', true],
  ['410200', '410200', true],
  ['410200', '410300', false],
  ['410000', '410202001', true],
  ['410000', '420000', false],
  ['410202001', '410202001', true],
  ['410202001', '410202', false],
])('an agent of %s and a target in %s: %s', (region, code, covered) => {
  expect(covers(region, code)).toBe(covered)
})

const plan = compilePlan(
  inventoryOf({
    node: [
      node({ id: 'n-city', region: '410200', level: 'city' }),
      node({
        id: 'n-a',
        region: '410221100',
        uplinks: [{ id: 'l', kind: 'line', to: 'n-city', address: '192.0.2.3' }],
      }),
      node({ id: 'n-b', region: '410222100' }),
    ],
    system: [system({ id: 's-net', areas: ['internet'], endpoints: ['https://gov.example.cn'] })],
  }),
  defaultPlanSettings,
  registry,
)

const targetsOf = (regions: readonly string[], vantage: 'public' | 'internet' = 'public') =>
  planForAgent(plan, { id: 'a', vantage, regions: [...regions] }).jobs.map(({ target }) => target)

test.each([
  [[], ['n-a', 'n-a/l', 'n-b', 'n-city']],
  [['410221'], ['n-a', 'n-a/l']],
  [
    ['410221', '410222'],
    ['n-a', 'n-a/l', 'n-b'],
  ],
  [['410200'], ['n-a', 'n-a/l', 'n-b', 'n-city']],
  [['420000'], []],
])('regions %j', (regions, targets) => {
  expect(targetsOf(regions).toSorted()).toEqual(targets)
})

test('an agent gets the jobs of its own vantage only', () => {
  expect(new Set(targetsOf([], 'internet'))).toEqual(new Set(['s-net']))
})

test('an agent’s digest changes with its own jobs only', () => {
  const changed = compilePlan(
    inventoryOf({
      node: [
        node({ id: 'n-a', region: '410221100' }),
        node({ id: 'n-b', region: '410222100', addresses: ['192.0.2.77'] }),
      ],
    }),
    defaultPlanSettings,
    registry,
  )
  const before = compilePlan(
    inventoryOf({
      node: [node({ id: 'n-a', region: '410221100' }), node({ id: 'n-b', region: '410222100' })],
    }),
    defaultPlanSettings,
    registry,
  )
  const digest = (from: typeof plan, region: string) =>
    planForAgent(from, { id: 'a', vantage: 'public', regions: [region] }).digest
  expect(digest(changed, '410221')).toBe(digest(before, '410221'))
  expect(digest(changed, '410222')).not.toBe(digest(before, '410222'))
})
