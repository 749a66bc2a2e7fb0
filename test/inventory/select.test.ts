import { beforeAll, describe, expect, test } from 'vitest'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import { prepareChange } from '../../inventory/change.ts'
import { type Collection, collectionNames } from '../../inventory/model.ts'
import { regionPrefix, select, type Selection } from '../../inventory/select.ts'
import type { Inventory } from '../../inventory/store.ts'
import { county, node, put } from './store-fixtures.ts'

const empty = {
  revision: 0,
  ...Object.fromEntries(collectionNames.map((name) => [name, new Map()])),
} as unknown as Inventory

const more = [
  put('region', { id: '410000', name: '河南省', level: 'province' }),
  put('region', { id: '411000', name: '许昌市', level: 'city', parent: '410000' }),
  put('unit', { id: 'u-hall', name: '大厅', kind: 'hall', region: '410202002', parent: 'u-410202' }),
  put('node', node('n-410202002', { region: '410202002', kind: 'hall', unit: 'u-hall' })),
  put('node', node('n-411000', { region: '411000', level: 'city', kind: 'cloud' })),
  put('system', { id: 's-1', name: '门户', region: '410202', kind: 'website', unit: 'u-410202' }),
  put('system', { id: 's-2', name: '库', region: '411000', kind: 'database' }),
  put('device', { id: 'd-1', name: '路由器', role: 'router', node: 'n-410202002', address: '192.0.2.1' }),
  put('device', { id: 'd-2', name: '防火墙', role: 'firewall', node: 'n-411000', address: '192.0.2.2' }),
  put('network', { id: 'net-1', name: '区网段', cidr: '192.0.2.0/24', region: '410202', unit: 'u-hall' }),
  put('network', { id: 'net-2', name: '专用', cidr: '2001:db8::/32', area: 'private' }),
  put('agent', { id: 'a-1', state: 'invited', keyHash: '0'.repeat(64), regions: ['410202'] }),
]

let inventory: Inventory
beforeAll(() => {
  const { problems, next } = prepareChange(empty, [...county, ...more])
  expect(problems).toEqual([])
  inventory = next
})

const ids = (collection: Collection, selection: Selection): readonly string[] =>
  select(inventory, collection, selection).map(({ id }) => id)

test.each<[Collection, Selection, readonly string[]]>([
  ['region', {}, ['410000', '410200', '410202', '410202001', '410202002', '411000']],
  ['region', { region: '41' }, ['410000', '410200', '410202', '410202001', '410202002', '411000']],
  ['region', { region: '410000', level: 'city' }, ['410200', '411000']],
  ['region', { region: '4102' }, ['410200', '410202', '410202001', '410202002']],
  ['region', { region: '410202002' }, ['410202002']],
  ['unit', { region: '410202' }, ['u-410202', 'u-hall']],
  ['unit', { level: 'township' }, ['u-hall']],
  ['unit', { unit: 'u-410202', kind: 'hall' }, ['u-hall']],
  ['node', { region: '410200' }, ['n-410200', 'n-410202', 'n-410202001', 'n-410202002']],
  ['node', { region: '411000' }, ['n-411000']],
  ['node', { level: 'township', kind: 'hall' }, ['n-410202002']],
  ['node', { unit: 'u-410202' }, ['n-410202', 'n-410202002']],
  ['node', { unit: 'u-hall', region: '411000' }, []],
  ['unit', { level: '乡镇', kind: '实体政务大厅' }, ['u-hall']],
  ['node', { level: '市级', kind: '云平台' }, ['n-410200', 'n-411000']],
  ['device', { kind: '路由器' }, ['d-1']],
  ['device', { kind: 'ＶＰＮ网关' }, []],
  ['system', { level: 'county' }, ['s-1']],
  ['system', { kind: 'database' }, ['s-2']],
  ['device', { region: '410202' }, ['d-1']],
  ['device', { level: 'city' }, ['d-2']],
  ['device', { unit: 'u-410202', kind: 'router' }, ['d-1']],
  ['network', {}, ['net-1', 'net-2']],
  ['network', { region: '4102', unit: 'u-410202', level: 'county' }, ['net-1']],
  ['contact', {}, ['wang']],
  ['agent', {}, ['a-1']],
])('%s %j', (collection, selection, expected) => {
  expect([...ids(collection, selection)].sort()).toEqual(expected)
})

const problemsOf = (collection: Collection, selection: Selection): readonly Problem[] => {
  try {
    ids(collection, selection)
  } catch (error) {
    if (error instanceof UsageFault) return error.problems
    throw error
  }
  return []
}

describe('selectors that select nothing that exists', () => {
  test.each<[Collection, Selection, object]>([
    ['node', { region: '4202' }, { where: '--region', message: expect.stringContaining('4202') as string }],
    ['node', { region: '410203' }, { where: '--region', suggestion: 'did you mean 410200?' }],
    [
      'node',
      { region: '41020' },
      { where: '--region', message: expect.stringContaining('2, 4, 6 or 9 digits') as string },
    ],
    ['node', { level: 'town' }, { where: '--level' }],
    ['node', { level: 'count' }, { where: '--level', suggestion: 'did you mean county?' }],
    ['node', { unit: 'u-410203' }, { where: '--unit', suggestion: 'did you mean u-410202?' }],
    ['device', { kind: 'ruter' }, { where: '--kind', suggestion: 'did you mean router?' }],
    [
      'contact',
      { region: '41' },
      { where: '--region', message: expect.stringContaining('works for region, unit') as string },
    ],
    ['region', { kind: 'county' }, { where: '--kind' }],
  ])('%s %j', (collection, selection, problem) => {
    expect(problemsOf(collection, selection)).toMatchObject([problem])
  })

  test('are all named at once', () => {
    const wrong = { region: 'x', level: 'y', unit: 'z', kind: 'w' }
    for (const collection of ['node', 'agent'] as const)
      expect(problemsOf(collection, wrong).map(({ where }) => where)).toEqual([
        '--region',
        '--level',
        '--unit',
        '--kind',
      ])
  })
})

test.each([
  ['41', '41'],
  ['4100', '41'],
  ['4102', '4102'],
  ['410000', '41'],
  ['410200', '4102'],
  ['411000', '4110'],
  ['410202', '410202'],
  ['410202100', '410202100'],
  ['410202000', '410202'],
  ['410200000', '4102'],
  ['000000', undefined],
  ['4', undefined],
  ['41020x', undefined],
  ['', undefined],
])('codes under %s begin with %s', (code, prefix) => {
  expect(regionPrefix(code)).toBe(prefix)
})
