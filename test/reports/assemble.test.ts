import { expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import type { Looks, ReportInput } from '../../src/reports/assemble/input.ts'
import type { Report } from '../../src/reports/model.ts'
import { periodOf, spanOf } from '../../src/reports/periods.ts'
import { put } from '../inventory/store-fixtures.ts'
import { milestone, move, task } from '../ledger/plan.ts'
import { paragraphs, reportOf, tableOf } from './report-of.ts'

const work = [
  task('1'),
  milestone('1-m1', '2018-06-26'),
  task('2'),
  milestone('2-m1', '2018-07-05'),
  task('3'),
  move('3', 'claimed', '2018-06-27'),
]

test('a week of which nothing is known is said to be so, not zeroed', () => {
  const report = reportOf([task('1')])
  const text = paragraphs(report)
  expect(text).toContain('本期台账没有任何上报、进展或状态变更记录')
  expect(text).toContain('本期没有探测数据，不作可用性统计')
  expect(text).toContain('没有有效的上报，不作核验统计')
  expect(text).toContain('没有可以核验的上报')
  expect(tableOf(report, '各级节点和系统可用率')).toBeUndefined()
  expect(report.blocks.some(({ kind }) => kind === 'chart')).toBe(false)
  const counties = tableOf(report, '县区接入和节点可用率')
  const percent = counties?.columns.findIndex(({ title }) => title === '可用率') ?? -1
  for (const row of counties?.rows ?? []) expect(row[percent]).toBeUndefined()
})

test('done, newly overdue and due next week are each in their table, with the change', () => {
  const report = reportOf(work)
  expect(paragraphs(report)).toContain('共 3 项任务：报完成 1 项（较上期 +1）；其中已核验销号 0 项')
  expect(paragraphs(report)).toContain('逾期 1 项（较上期 +1）')
  expect(tableOf(report, '本期报完成')?.rows.map(([id]) => id)).toEqual(['3'])
  expect(tableOf(report, '本期新增逾期')?.rows.map(([id]) => id)).toEqual(['1-m1'])
  expect(tableOf(report, '本期督查单')?.rows[0]?.slice(0, 3)).toEqual(['蓝', '2018-06-27', '1-m1'])
  expect(tableOf(report, '下周到期事项')?.rows.map(([day, id]) => [day, id])).toEqual([
    ['2018-07-05', '2-m1'],
  ])
  expect(tableOf(report, '任务台账')?.rows).toHaveLength(3)
})

test.each([
  ['2018-06', ['2018-07-05', '2018-07-31']],
  ['2018-05', ['2018-06-26']],
] as const)('what falls due in the month after %s is all of that month, and no more', (month, days) => {
  const { name, range, before } = periodOf('monthly', month, '2018-07-02')
  const period = { kind: 'monthly', number: '', period: name, range, before } as const
  const report = reportOf([...work, milestone('2-m2', '2018-07-31'), milestone('2-m3', '2018-07-01')], period)
  expect(tableOf(report, '下月到期事项')?.rows.map(([day]) => day)).toEqual(
    month === '2018-06' ? ['2018-07-01', ...days] : days,
  )
})

test('nothing that was recorded after the cut-off is in it', () => {
  const later = reportOf([...work, move('1', 'in_progress', '2018-07-02')])
  expect({ ...later, basis: 0 }).toEqual({ ...reportOf(work), basis: 0 })
})

test('a unit gets its own tasks only', () => {
  const report = reportOf([...work, task('4', { lead: ['u-410202-x'] })], { unit: 'u-410202-x' })
  expect(tableOf(report, '任务台账')?.rows.map(([id]) => id)).toEqual(['4'])
  expect(tableOf(report, '县区接入和节点可用率')).toBeUndefined()
})

test('availability: a mean over what was seen; what was not seen counts for nothing', () => {
  const node = (id: string) =>
    put('node', { id, name: id, region: '410202', level: 'county', kind: 'access', addresses: ['10.0.0.1'] })
  const looks = (target: string, up: number, down: number, unknown = 0): Looks => ({
    target,
    up,
    down,
    unknown,
  })
  const report = reportOf([node('n-a'), node('n-b'), node('n-c'), node('n-d')], {
    looks: [looks('n-a', 100, 0), looks('n-b', 10, 10), looks('n-c', 0, 0, 50)],
    looksBefore: [looks('n-a', 50, 50)],
  })
  const row = tableOf(report, '各级节点和系统可用率')?.rows.find(([name]) => name === '县级节点')
  const seen = row?.slice(2)
  expect(seen).toEqual([2, Number(row?.[1]) - 2, 75, 25])
  const county = tableOf(report, '县区接入和节点可用率')?.rows[0]
  expect(county?.[0]).toBe(1)
})

test('a claim that nobody could look at is unverifiable, never contradicted; the three make up the gap', () => {
  const claim = put('claim', {
    id: 'c-1',
    subjectKind: 'region',
    subject: '410202',
    kind: 'connected',
    at: '2018-06-26T04:00:00.000Z',
    by: '王工',
  })
  const report = reportOf([claim])
  expect(paragraphs(report)).toContain(
    '有效上报 1 条：核验相符 0 条；差距 1 条，其中矛盾 0 条、证据过期 0 条、无法验证 1 条',
  )
  expect(tableOf(report, '各单位上报与核验')?.rows.at(-1)).toEqual(['合计', 1, 0, 0, 0, 1, undefined])
  expect(paragraphs(report)).toContain('没有发现与证据矛盾的上报')
})

test('a changed roster is a line of its own, and the roster is named with its version', () => {
  const roster = (version: number, effectiveOn: string, count: number) =>
    put('roster', {
      id: `villages-${version}`,
      series: 'villages',
      version,
      of: 'villages',
      name: '行政村',
      effectiveOn,
      source: '统计',
      count,
    })
  const report = reportOf([roster(1, '2018-05-01', 2100), roster(2, '2018-06-26', 2098)])
  expect(paragraphs(report)).toContain('口径变化：行政村（行政村，villages）第 1 版 → 第 2 版')
  expect(report.basis.rosters).toEqual([{ name: '行政村', id: 'villages-2', version: 2 }])
})

test.each([
  ['weekly', '2018-W54', /expected an ISO week \(2018-W26\), got 2018-W54/u],
  ['weekly', '2018-06', /expected an ISO week/u],
  ['monthly', '2018-13', /expected a month \(2018-06\)/u],
  ['weekly', '2018-W28', /begun by 2018-07-02, got 2018-W28, which begins on 2018-07-09/u],
] as const)('%s of %s is refused', (kind, name, words) => {
  expect(() => periodOf(kind, name, '2018-07-02')).toThrow(UsageFault)
  expect(() => periodOf(kind, name, '2018-07-02')).toThrow(words)
})

test.each([
  ['weekly', undefined, '2018-W26', '2018-06-18'],
  ['weekly', '2018-W01', '2018-W01', '2017-12-25'],
  ['monthly', undefined, '2018-06', '2018-05-01'],
  ['monthly', '2018-01', '2018-01', '2017-12-01'],
] as const)('%s %s: the period, and the one before it', (kind, given, name, before) => {
  expect(periodOf(kind, given, '2018-07-02')).toMatchObject({ name, before: { from: before } })
})

test('a span is compared with as many days before it, ends today where nothing else is said, and has no number', () => {
  expect(spanOf('2018-06-01', '2018-06-20', '2018-07-02')).toEqual({
    name: '2018-06-01..2018-06-20',
    range: { from: '2018-06-01', to: '2018-06-20' },
    before: { from: '2018-05-12', to: '2018-05-31' },
  })
  expect(spanOf('2018-07-02', undefined, '2018-07-02').range.to).toBe('2018-07-02')
  const { name, range, before } = spanOf('2018-06-10', '2018-07-01', '2018-07-02')
  const report = reportOf(work, { kind: 'span', number: '', period: name, range, before })
  expect(report).toMatchObject({
    number: '阶段通报',
    title: '电子政务外网和系统迁移阶段通报\n（2018年6月10日至2018年7月1日）',
  })
  const trend = report.blocks.find((block) => block.kind === 'chart')
  expect(trend?.categories).toEqual(['06-09', '06-10', '06-17', '06-24', '07-01'])
  expect(tableOf(report, '下一阶段到期事项')?.rows.map(([day]) => day)).toEqual(['2018-07-05'])
})

test.each([
  ['2018-06-31', undefined, /--since: expected a day \(2018-06-30\), got 2018-06-31/u],
  ['2018-06-30', '2018-06-01', /--until: expected a day from 2018-06-30 on/u],
  ['2018-07-03', undefined, /--since: expected a day up to 2018-07-02/u],
  ['2016-01-01', '2018-06-01', /at most 366 days, got 883/u],
] as const)('a span from %s to %s is refused', (since, until, words) => {
  expect(() => spanOf(since, until, '2018-07-02')).toThrow(words)
})

const claims = ['1', '2'].map((id) =>
  put('claim', {
    id: `c-${id}`,
    subjectKind: 'task',
    subject: id,
    kind: 'completed',
    at: '2018-06-20T00:00:00Z',
    by: '李',
  }),
)
const totals = (report: Report) => tableOf(report, '各单位上报与核验')?.rows.at(-1)?.slice(1)

test.each<[string, Pick<ReportInput, 'recordedBefore'>, (number | undefined)[]]>([
  [
    'the verdicts on record',
    { recordedBefore: { at: Date.parse('2018-06-24T15:00:00Z'), byClaim: new Map([['c-1', 'consistent']]) } },
    [2, 0, 0, 0, 2, -1],
  ],
  ['nothing where there are none', {}, [2, 0, 0, 0, 2, undefined]],
])('verdicts are compared with %s', (_, recorded, row) => {
  expect(totals(reportOf([...work, ...claims], recorded))).toEqual(row)
})
