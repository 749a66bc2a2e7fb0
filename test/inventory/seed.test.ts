import { expect, test } from 'vitest'
import { type Collection, collections, type Node, type Region, type Unit } from '../../inventory/model.ts'
import { seedOperations, type SeedOptions } from '../../inventory/seed.ts'

const seeded = (code: string, options?: SeedOptions) => {
  const operations = seedOperations(code, options)
  const records = (collection: Collection) =>
    operations.flatMap((operation) =>
      operation.op === 'put' && operation.collection === collection
        ? [collections[collection].parse(operation.record)]
        : [],
    )
  return {
    operations,
    regions: records('region') as Region[],
    units: records('unit') as Unit[],
    nodes: records('node') as Node[],
  }
}

test('Kaifeng: 9 counties, 116 townships, one node each and one for the city', () => {
  const { regions, units, nodes } = seeded('410200')
  expect(regions).toHaveLength(1 + 1 + 9 + 124)
  expect(nodes).toHaveLength(1 + 9 + 116)
  expect(units).toHaveLength(10 * 3 + 116)
  expect(nodes.find(({ id }) => id === 'n-410202001')).toEqual({
    id: 'n-410202001',
    name: '北书店街道政务外网乡级接入节点',
    region: '410202001',
    level: 'township',
    kind: 'access',
    unit: 'u-410202001-hall',
    areas: ['public'],
    addresses: [],
    uplinks: [{ id: 'n-410202001-up1', kind: 'line', to: 'n-410202' }],
    contacts: [],
    probes: [],
    state: 'active',
  })
  expect(nodes.find(({ id }) => id === 'n-410202')?.uplinks).toMatchObject([{ to: 'n-410200' }])
  expect(nodes.find(({ id }) => id === 'n-410200')?.uplinks).toEqual([])
  expect(units.filter(({ region }) => region === '410202').map(({ id, name }) => `${id} ${name}`)).toEqual([
    'u-410202-government 龙亭区人民政府',
    'u-410202-room 龙亭区信息中心机房',
    'u-410202-hall 龙亭区政务服务大厅',
  ])
  expect(units.find(({ id }) => id === 'u-410202001-hall')?.name).toBe('北书店街道便民服务中心')
})

test('statistical units get nodes and count when that is asked for', () => {
  const { nodes, regions } = seeded('410200', { includeStatistical: true })
  expect(nodes).toHaveLength(1 + 9 + 124)
  expect(regions.filter(({ statisticalOnly }) => statisticalOnly)).toEqual([])
})

test('a development zone that is asked for has a committee, a summing row never has anything', () => {
  const { units, nodes, regions } = seeded('41', { includeStatistical: true })
  expect(units.find(({ id }) => id === 'u-410171-government')?.name).toBe('郑州经济技术开发区管理委员会')
  expect(nodes.some(({ region }) => region === '419000')).toBe(false)
  expect(regions.filter(({ statisticalOnly }) => statisticalOnly).map(({ id }) => id)).toEqual(['419000'])
})

test.each(['410202', '4102', '41', '11', '50', '46', '65', '4419', '419000'])(
  '%s: ids are unique and every reference is there',
  (code) => {
    const { regions, units, nodes } = seeded(code)
    const ids = (records: readonly { readonly id: string }[]) => new Set(records.map(({ id }) => id))
    const [regionIds, unitIds, nodeIds] = [ids(regions), ids(units), ids(nodes)]
    expect([regionIds.size, unitIds.size, nodeIds.size]).toEqual([regions.length, units.length, nodes.length])
    expect(units.filter(({ region }) => !regionIds.has(region))).toEqual([])
    expect(nodes.filter(({ unit }) => !unitIds.has(unit ?? ''))).toEqual([])
    expect(nodes.flatMap(({ uplinks }) => uplinks).filter(({ to }) => !nodeIds.has(to))).toEqual([])
  },
)

test('a district of a municipality is linked to the municipality, not to its summing row', () => {
  const { nodes } = seeded('11')
  expect(nodes.some(({ region }) => region === '110100')).toBe(false)
  expect(nodes.find(({ id }) => id === 'n-110101')?.uplinks).toMatchObject([{ to: 'n-110000' }])
})

test('a township in a development zone is linked to the city', () => {
  const { nodes } = seeded('410100')
  expect(nodes.some(({ region }) => region === '410171')).toBe(false)
  expect(nodes.find(({ id }) => id === 'n-410171560')?.uplinks).toMatchObject([{ to: 'n-410100' }])
})

test('an unknown region seeds nothing', () => {
  expect(seedOperations('99')).toEqual([])
})
