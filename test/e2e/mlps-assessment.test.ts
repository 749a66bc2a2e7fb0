import { expect, test } from 'vitest'
import { kaifeng } from './data-folder.ts'

interface Concluded {
  readonly conclusions: readonly {
    readonly assessment: string
    readonly standing: { readonly verdicts: readonly string[]; readonly tally: { readonly counts: object } }
    readonly gaps: readonly { readonly item: string }[]
    readonly edges: readonly { readonly id: string; readonly bears: boolean }[]
  }[]
}

test('an assessment from its beginning to the next year', async () => {
  await using folder = await kaifeng()
  const asset = ['--asset', 'net.fw=安全设备:核心防火墙', '--asset', 'net.rules=management:管理制度']
  await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', ...asset)
  const set = ['mlps', 'set', 'net', 'L3-CES1-01']
  await folder.ok(...set, '部分符合', '--method', '核查', '--evidence', '口令六位', '--assessor', '王工')
  await folder.ok('mlps', 'set', 'net', 'L3-CES1-02', '符合')

  const shown = await folder.ok('mlps', 'show', 'net', '--result', '部分符合')
  expect(shown).toContain('核心防火墙 部分符合')
  expect(shown).toContain('本产品释义，未经官方审定')
  const text = await folder.ok('mlps', 'conclude', 'net')
  expect(text).toContain('不符合 或 基本符合 或 符合（未定）')
  expect(text).toContain('209 项未测评')
  const { conclusions } = (await folder.json('mlps', 'conclude', 'net')) as Concluded
  expect(conclusions).toMatchObject([
    {
      assessment: 'net',
      standing: {
        verdicts: ['fails', 'mostly', 'conforms'],
        tally: { counts: { conforms: 1, partial: 1, untested: 209 } },
      },
      gaps: [{ item: 'L3-CES1-01', risk: 'possible-hazard' }],
    },
  ])

  const measure = ['assessment=net', 'item=L3-CES1-01', 'measure=改口令策略']
  await folder.ok('remediation', 'add', 'r-1', ...measure, '发现日期=2026-01-10', 'deadline=2026-02-01')
  await folder.ok('remediation', 'add', 'r-2', ...measure)
  const gaps = await folder.ok('mlps', 'gaps', 'net', '--as-of', '2026-02-03')
  expect(gaps.replaceAll(/\s+/gu, ' ')).toContain('r-1 已发现 24 天，逾期 2 天')
  expect(await folder.json('mlps', 'show', 'net', '--result', 'partial')).toMatchObject({
    items: [
      {
        remediations: [
          { id: 'r-1', openedOn: '2026-01-10' },
          { id: 'r-2', ageDays: 0 },
        ],
      },
    ],
  })

  await folder.ok('mlps', 'carry-over', 'net', 'net-2')
  expect(await folder.ok('remediation', 'show', 'net-2.r-1')).toContain('2026-01-10')
  const next = (await folder.json('mlps', 'conclude', 'net-2')) as Concluded
  expect(next.conclusions[0]?.edges.filter(({ bears }) => bears).map(({ id }) => id)).toContain(
    'carried-over',
  )
  await folder.ok('audit', 'verify')
})

const refusals: readonly (readonly [readonly string[], string])[] = [
  [['mlps', 'set', 'net', 'L3-CES1-99', '符合'], 'expected an item of the catalogue, got L3-CES1-99'],
  [['mlps', 'set', 'net', 'L3-CES1-01', '好'], 'expected one of conforms (符合)'],
  [
    ['mlps', 'set', 'net', 'L3-CES1-01', '符合', '--asset', 'x'],
    'expected an asset of the assessment, got x',
  ],
  [['mlps', 'set', 'nit', 'L3-CES1-01', '符合'], 'did you mean net?'],
  [['mlps', 'set', 'net', 'L2-CES1-01', '符合'], 'expected an item of level 3'],
  [['mlps', 'assess', 'net', '--object', 'extranet'], 'expected the id of a new assessment, got net'],
  [
    ['mlps', 'gaps', 'net', '--as-of', 'foo'],
    'expected a day (2018-06-30) or a time (2018-06-30T18:00:00+08:00), got foo',
  ],
  [
    ['mlps', 'set', 'net', 'L3-CES1-01', '符合', '--date', '2199-01-01'],
    '--date: expected a day that has come',
  ],
  [['mlps', 'carry-over', 'net', 'net'], 'expected the id of a new assessment, got net'],
]

test('what is wrong is refused and writes nothing', async () => {
  await using folder = await kaifeng()
  await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', '--asset', 'fw=安全设备:核心防火墙')
  const head = await folder.ok('audit', 'head')
  const seen = await Promise.all(refusals.map(([args]) => folder.run(...args)))
  expect(seen.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    refusals.map(([, message]) => ({ code: 2, stderr: expect.stringContaining(message) as string })),
  )
  expect(await folder.ok('audit', 'head')).toBe(head)
})
