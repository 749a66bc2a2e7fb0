import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { region as schema } from '../../inventory/model.ts'
import {
  normaliseRegionCode,
  regionsProvenance,
  regionsUnder,
  villagesOf,
} from '../../inventory/regions/index.ts'
import { isStatisticalCounty, isStatisticalTownship } from '../../inventory/regions/statistical.ts'

const provenance = regionsProvenance()
const provinces = Object.keys(provenance.villageStreams)
const country = provinces.flatMap((province) => regionsUnder(province))
const ofLevel = (level: string) => country.filter((region) => region.level === level)
const names = (code: string) => regionsUnder(code).map(({ name }) => name)

test('the country has the rows that the statistics publish', () => {
  expect(country.length).toBe(31 + 342 + 2975 + 41_352)
  expect(ofLevel('province')).toHaveLength(31)
  expect(ofLevel('city')).toHaveLength(342)
  expect(ofLevel('township')).toHaveLength(41_352)
  expect(ofLevel('township').reduce((sum, { villages }) => sum + (villages ?? 0), 0)).toBe(620_573)
})

test('the provenance says what the data is', () => {
  expect(provenance.counts).toMatchObject({
    townships: ofLevel('township').length,
    counties: ofLevel('county').length,
    statisticalTownships: ofLevel('township').filter(({ statisticalOnly }) => statisticalOnly).length,
    statisticalCounties: ofLevel('county').filter(({ statisticalOnly }) => statisticalOnly).length,
  })
  for (const [name, hash] of Object.entries(provenance.sha256)) {
    const bytes = readFileSync(new URL(`../../inventory/regions/${name}`, import.meta.url))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
  }
})

test('every row is a valid record whose parent is there and stands before it', () => {
  const seen = new Set<string>()
  const bad = country.filter((region) => {
    const orphan = region.level === 'province' ? region.parent !== undefined : !seen.has(region.parent ?? '')
    seen.add(region.id)
    return orphan || !schema.safeParse(region).success
  })
  expect(bad).toEqual([])
  expect(seen.size).toBe(country.length)
})

test('Kaifeng has 9 counties and districts and 124 rows below, 8 of them no townships', () => {
  const kaifeng = regionsUnder('410200')
  expect(kaifeng.slice(0, 2).map(({ id, name }) => [id, name])).toEqual([
    ['410000', '河南省'],
    ['410200', '开封市'],
  ])
  expect(kaifeng.filter(({ level }) => level === 'county')).toHaveLength(9)
  const townships = kaifeng.filter(({ level }) => level === 'township')
  expect(townships).toHaveLength(124)
  expect(townships.filter(({ statisticalOnly }) => statisticalOnly).map(({ name }) => name)).toEqual([
    '杏花营农场',
    '工业园区',
    '仪封园艺场',
    '造纸林场',
    '柳林林场',
    '西关农场',
    '畜牧良种农场',
    '固阳农科所',
  ])
})

test.each([
  ['41', '410000'],
  ['4102', '410200'],
  ['410200', '410200'],
  [' 410202 ', '410202'],
  ['410202001', '410202001'],
  ['4190', '419000'],
  ['4419', '441900'],
  ['71', undefined],
  ['410299', undefined],
  ['410202999', undefined],
  ['4', undefined],
  ['41020', undefined],
  ['', undefined],
  ['开封', undefined],
])('region code %j is %j', (input, code) => {
  expect(normaliseRegionCode(input)).toBe(code)
})

test.each([
  ['a province', '41', 1 + 18 + 181 + 2586],
  ['a county with those above it', '410202', 2 + 1 + 14],
  ['a township with those above it', '410202001', 4],
  ['an unknown one', '999999', 0],
])('regionsUnder %s', (_, code, count) => {
  expect(regionsUnder(code)).toHaveLength(count)
})

test('districts of a municipality stand under its summing row', () => {
  expect(names('110101').slice(0, 3)).toEqual(['北京市', '市辖区', '东城区'])
  expect(regionsUnder('110100')[1]).toMatchObject({ level: 'city', statisticalOnly: true })
})

test('a county under the province directly stands under its summing row', () => {
  expect(names('419001').slice(0, 3)).toEqual(['河南省', '省直辖县级行政区划', '济源市'])
})

test.each(['441900', '442000', '460400'])('%s has townships and no counties', (city) => {
  const below = regionsUnder(city).slice(2)
  expect(below.length).toBeGreaterThan(15)
  expect(below.every(({ level, parent }) => level === 'township' && parent === city)).toBe(true)
})

test('a city that is its own only county keeps it as a row of the statistics', () => {
  expect(regionsUnder('620201')[2]).toMatchObject({ name: '嘉峪关市', statisticalOnly: true })
})

test('villages by name', () => {
  expect(villagesOf('410202001')).toEqual(['南京巷社区', '县街社区'])
  expect(villagesOf('110101001')[0]).toBe('多福巷社区居委会')
  expect(villagesOf('659012400').length).toBeGreaterThan(0)
  expect(villagesOf('410202')).toEqual([])
  expect(villagesOf('999999999')).toEqual([])
  expect(villagesOf('')).toEqual([])
})

test('each township of a province has as many village names as it counts', () => {
  const differing = regionsUnder('41').filter(
    ({ id, villages }) => villages !== undefined && villagesOf(id).length !== villages,
  )
  expect(differing).toEqual([])
})

test.each([
  ['410202001', '北书店街道', false],
  ['410202100', '杏花营镇', false],
  ['410221200', '裴村店乡', false],
  ['152527201', '贡宝拉格苏木', false],
  ['450305004', '漓东街道办事处', false],
  ['130421200', '某某回族乡', false],
  ['110105021', '南磨房地区', false],
  ['231181001', '兆麟街道地区', false],
  ['420112001', '吴家山街', false],
  ['220722208', '三团乡', false],
  ['410105560', '如意湖街道', false],
  ['659011500', '二道湖镇', false],
  ['410202400', '杏花营农场', true],
  ['410225406', '固阳农科所', true],
  ['130273401', '庆北办事处', true],
  ['230110400', '哈尔滨综合保税区地区', true],
  ['231283401', '东方红水库地区', true],
  ['430972006', '东部产业园地区', true],
  ['140671400', '山西朔州经济开发区街道', true],
  ['220221172', '永吉经济开发区特殊乡镇', true],
  ['220284070', '磐石经济开发区特殊街道', true],
  ['370571400', '经济开发区直属乡镇', true],
  ['411503410', '信阳国际家居产业小镇', true],
  ['650205509', '兵团一三七团乡', true],
  ['659001500', '兵团一五二团', true],
  ['469001198', '县直辖村级区划', true],
  ['350527000', '金门县', true],
  ['340178400', '瑶海社区服务中心', true],
])('%s %s: statistical only is %s', (code, name, expected) => {
  expect(isStatisticalTownship(code, name)).toBe(expected)
})

test.each([
  ['410202', '龙亭区', '开封市', false],
  ['410171', '郑州经济技术开发区', '郑州市', true],
  ['410181', '巩义市', '郑州市', false],
  ['410122', '中牟县', '郑州市', false],
  ['632857', '大柴旦行政委员会', '海西蒙古族藏族自治州', true],
  ['620201', '嘉峪关市', '嘉峪关市', true],
])('county %s %s of %s: statistical only is %s', (code, name, city, expected) => {
  expect(isStatisticalCounty(code, name, city)).toBe(expected)
})
