import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roster as schema } from '../../inventory/ledger/records.ts'
import {
  denominatorOf,
  ratio,
  rosterChange,
  rosterChangeLine,
  rosterChangesIn,
  rosterOn,
} from '../../src/ledger/index.ts'

const roster = (version: number, more: object = {}) =>
  schema.parse({
    id: `s-v${String(version)}`,
    series: 's',
    version,
    of: 'systems',
    name: '市直政务信息系统',
    effectiveOn: `2018-0${String(4 + version)}-01`,
    source: '普查',
    members: ['a', 'b', 'c', 'd'],
    ...more,
  })
const law = { basis: '某办法第三条' }
const versions = [
  roster(1, { exclusions: { d: law } }),
  roster(2, { members: ['a', 'b', 'c', 'e'], exclusions: { a: law } }),
]

test.each([
  ['2018-04-30', undefined],
  ['2018-05-01', 's-v1'],
  ['2018-05-31', 's-v1'],
  ['2018-06-01', 's-v2'],
])('on %s counts %s', (day, id) => {
  expect(rosterOn(versions, 's', day)?.id).toBe(id)
})

describe('ratio', () => {
  test('names the version, what is excluded and by which basis, and what is claimed beside it', () => {
    expect(ratio(versions, { series: 's', day: '2018-05-05', claimed: new Set(['a', 'd', 'z']) })).toEqual({
      kind: 'ratio',
      series: 's',
      roster: {
        id: 's-v1',
        version: 1,
        name: '市直政务信息系统',
        of: 'systems',
        effectiveOn: '2018-05-01',
        source: '普查',
      },
      listed: 4,
      exclusions: [{ what: 'd', basis: '某办法第三条', count: 1 }],
      denominator: 3,
      numerator: 1,
      percent: 100 / 3,
      outside: ['d', 'z'],
      exceeds: false,
    })
  })
  test('says where no roster counts yet', () => {
    expect(ratio(versions, { series: 's', day: '2018-04-13', claimed: 3 })).toEqual({
      kind: 'no-roster',
      series: 's',
      day: '2018-04-13',
    })
  })
  test('over a number', () => {
    const villages = [
      roster(1, { of: 'villages', members: [], count: 100, exclusions: { 已撤并: { ...law, count: 20 } } }),
    ]
    expect(ratio(villages, { series: 's', day: '2018-05-05', claimed: 90 })).toMatchObject({
      denominator: 80,
      numerator: 90,
      exceeds: true,
    })
  })
  test('over nothing has no percentage', () => {
    const empty = [roster(1, { of: 'items', members: [], count: 0 })]
    expect(ratio(empty, { series: 's', day: '2018-05-05', claimed: 0 })).not.toHaveProperty('percent')
  })
  test('a claimed set never exceeds its roster, and nothing of it is lost', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    fc.assert(
      fc.property(
        fc.uniqueArray(names),
        fc.uniqueArray(names),
        fc.uniqueArray(names),
        (members, excluded, claimed) => {
          const out = Object.fromEntries(
            excluded.filter((each) => members.includes(each)).map((each) => [each, law]),
          )
          const one = roster(1, members.length > 0 ? { members, exclusions: out } : { members, count: 0 })
          const result = ratio([one], { series: 's', day: '2018-05-05', claimed: new Set(claimed) })
          if (result.kind !== 'ratio' || members.length === 0) return
          expect(result.exceeds).toBe(false)
          expect(result.denominator).toBe(denominatorOf(one))
          expect(result.numerator + result.outside.length).toBe(claimed.length)
        },
      ),
    )
  })
})

test('a changed roster is a line of the bulletin', () => {
  const [before, after] = versions
  if (before === undefined || after === undefined) throw new Error('two versions')
  expect(rosterChangeLine(rosterChange(before, after))).toBe(
    '口径变化：市直政务信息系统（政务信息系统，s）第 1 版 → 第 2 版，2018-06-01 起；列入 4 → 4；新增 e；移出 d；排除 1 → 1；新增排除 a（依据：某办法第三条）；不再排除 d；分母 3 → 3；来源：普查',
  )
  expect(rosterChangesIn(versions, { from: '2018-05-28', to: '2018-06-03' })).toHaveLength(1)
  expect(rosterChangesIn(versions, { from: '2018-04-30', to: '2018-05-06' })).toEqual([])
})
