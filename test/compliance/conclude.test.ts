import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asset,
  type Finding,
  remediation,
  type Result,
  resultLabels,
  waiver,
} from '../../inventory/mlps/assessment.ts'
import { combine } from '../../src/compliance/combine.ts'
import { conclude } from '../../src/compliance/conclude.ts'
import { tally } from '../../src/compliance/rate.ts'
import { possibleVerdicts, verdictsAt } from '../../src/compliance/verdict.ts'
import { counted, day, dossierOf, items } from './dossier.ts'

const results = Object.keys(resultLabels) as readonly Result[]
const anyResult = fc.constantFrom(...results)

test.each<[number, number, boolean, readonly string[]]>([
  [100, 100, false, ['conforms']],
  [91, 100, false, ['conforms']],
  [90, 100, false, ['mostly', 'conforms']],
  [89, 100, false, ['mostly']],
  [61, 100, false, ['mostly']],
  [60, 100, false, ['fails', 'mostly']],
  [59, 100, false, ['fails']],
  [0, 100, false, ['fails']],
  [100, 100, true, ['mostly']],
  [91, 100, true, ['mostly']],
  [90, 100, true, ['mostly']],
  [75, 100, true, ['mostly']],
  [60, 100, true, ['fails', 'mostly']],
  [59, 100, true, ['fails']],
  [190, 211, false, ['conforms']],
  [189, 211, false, ['mostly']],
])('%d of %d conforming, hazard %s: %j', (conforming, all, hazard, verdicts) => {
  expect(verdictsAt(conforming, all, hazard)).toEqual(verdicts)
})

test.each<[readonly Result[], Result]>([
  [[], 'untested'],
  [['not-applicable'], 'not-applicable'],
  [['not-applicable', 'conforms'], 'conforms'],
  [['conforms', 'untested'], 'untested'],
  [['untested', 'partial'], 'partial'],
  [['partial', 'fails', 'conforms'], 'fails'],
])('%j on the assets make %s', (each, whole) => {
  expect(combine(each)).toBe(whole)
})

test('combining is a matter of what is there, not of order or number', () => {
  fc.assert(
    fc.property(fc.array(anyResult, { minLength: 1 }), (each) => {
      const whole = combine(each)
      expect(each).toContain(whole)
      expect(combine([...each, ...each].reverse())).toBe(whole)
      expect(combine([...each, 'not-applicable'])).toBe(whole)
    }),
  )
})

test('a rate leaves 不适用 out, counts 部分符合 as nothing, and lies below the best that is possible', () => {
  fc.assert(
    fc.property(fc.array(anyResult), (each) => {
      const { counts, counted: all, percent, percentAtBest } = tally(each)
      expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(each.length)
      expect(all).toBe(each.filter((result) => result !== 'not-applicable').length)
      if (percent === undefined || percentAtBest === undefined) expect(all).toBe(0)
      else {
        expect(percent).toBeCloseTo((100 * counts.conforms) / all)
        expect(percentAtBest).toBeGreaterThanOrEqual(percent)
        expect(percentAtBest).toBeLessThanOrEqual(100)
      }
    }),
  )
})

test('whatever untested items turn out to be, the verdict was among the possible ones', () => {
  const anyHazard = { confirmed: fc.nat(1), unjudged: fc.nat(1) }
  fc.assert(
    fc.property(fc.array(fc.tuple(anyResult, fc.boolean())), fc.record(anyHazard), (each, hazards) => {
      const possible = possibleVerdicts(tally(each.map(([result]) => result)), hazards)
      const later = tally(
        each.map(([result, turns]) => (result === 'untested' ? (turns ? 'conforms' : 'fails') : result)),
      )
      const settled = possibleVerdicts(later, { confirmed: hazards.confirmed, unjudged: 0 })
      expect(possible).toEqual(expect.arrayContaining([...settled]))
    }),
  )
})

const bearing = (conclusion: ReturnType<typeof conclude>): readonly string[] =>
  conclusion.edges.filter(({ bears }) => bears).map(({ id }) => id)

const confirmed = { scenario: 'A-18', judgement: 'confirmed', by: '王工', on: day }

describe('a conclusion', () => {
  test('of everything conforming says so, and that one hazard is not in the public list', () => {
    const conclusion = conclude(dossierOf(items.map(() => 'conforms')), day)
    expect(conclusion).toMatchObject({
      template: '2025',
      standing: { tally: { counted: 211, percent: 100 }, verdicts: ['conforms'] },
      gaps: [],
      hazards: [],
      ways: [
        { verdict: 'mostly', items: 127 - 211, gaps: [] },
        { verdict: 'conforms', items: 190 - 211, gaps: [] },
      ],
    })
    expect(bearing(conclusion)).toEqual(['missing-hazard'])
    expect(conclusion).not.toHaveProperty('score')
  })

  test('of nothing tested leaves everything possible', () => {
    const conclusion = conclude(dossierOf([]), day)
    expect(conclusion.standing).toMatchObject({
      tally: { counts: { untested: 211 }, percent: 0, percentAtBest: 100 },
      verdicts: ['fails', 'mostly', 'conforms'],
    })
    expect(bearing(conclusion)).toEqual(['untested'])
  })

  test('of nothing that applies is none', () => {
    const { standing, ways } = conclude(dossierOf(items.map(() => 'not-applicable')), day)
    expect({ standing, ways }).toMatchObject({ standing: { tally: { counted: 0 }, verdicts: [] }, ways: [] })
    expect(standing.tally.percent).toBeUndefined()
  })

  test('at exactly 90 % states both sides of the undefined edge', () => {
    const conclusion = conclude(dossierOf(counted(90, 10)), day)
    expect(conclusion.standing.tally.percent).toBe(90)
    expect(conclusion.standing.verdicts).toContain('mostly')
    expect(bearing(conclusion)).toContain('exact-rate')
    expect(conclusion.edges.find(({ id }) => id === 'exact-rate')?.confidence).toBe('unsourced')
  })

  test('above 90 % is 基本符合 with a confirmed hazard, mended or not, and open while one is unjudged', () => {
    const weakPassword = items.map(({ id }) => (id === 'L3-CES1-01' ? 'fails' : 'conforms') as Result)
    const unjudged = conclude(dossierOf(weakPassword), day)
    expect(unjudged.standing.verdicts).toEqual(['mostly', 'conforms'])
    expect(unjudged.hazards).toMatchObject([
      { scenario: 'A-18', judgement: 'unjudged', items: ['L3-CES1-01'] },
    ])
    const hazards = [{ ...confirmed, rectified: true }]
    const found = conclude(dossierOf(weakPassword, { hazards }), day)
    expect(found.standing.verdicts).toEqual(['mostly'])
    expect(found.gaps).toMatchObject([{ item: 'L3-CES1-01', risk: 'hazard' }])
    expect(found.ways.at(-1)).toMatchObject({ verdict: 'conforms', hazards: 1 })
    const dismissed = conclude(
      dossierOf(weakPassword, { hazards: [{ ...confirmed, judgement: 'dismissed' }] }),
      day,
    )
    expect(dismissed.standing.verdicts).toEqual(['conforms'])
  })

  test('takes the worst asset and says that the rule for it is not public', () => {
    const dossier = dossierOf(items.map(() => 'conforms'))
    const other = asset.parse({
      id: 'y',
      assessment: 'a-1',
      name: '乙',
      kind: 'data',
      results: Object.fromEntries(items.map(({ id }): [string, Finding] => [id, { result: 'partial' }])),
    })
    const conclusion = conclude({ ...dossier, assets: [...dossier.assets, other] }, day)
    expect(conclusion.standing.tally.counts.partial).toBe(211)
    expect(conclusion.gaps[0]?.assets).toEqual([{ id: 'y', name: '乙', result: 'partial' }])
    expect(bearing(conclusion)).toEqual(expect.arrayContaining(['merging-assets', 'partial-counts-zero']))
  })

  test('expects a result on every asset of a kind that the item asks about', () => {
    const dossier = dossierOf(items.map(() => 'conforms'))
    const server = asset.parse({ id: 'y', assessment: 'a-1', name: '乙', kind: 'server' })
    const { standing } = conclude({ ...dossier, assets: [...dossier.assets, server] }, day)
    const onServers = items.filter(({ assets }) => assets.includes('server')).length
    expect(onServers).toBeGreaterThan(0)
    expect(standing.tally.counts.untested).toBe(onServers)
  })
})

describe('waivers', () => {
  const failing = items.map((_, index): Result => (index < 22 ? 'fails' : 'conforms'))
  const waiverOf = (item: string, more: object = {}) =>
    waiver.parse({
      id: `w-${item}`,
      assessment: 'a-1',
      item,
      why: '下季度更换',
      approver: '李局',
      approvedOn: '2026-01-01',
      expiresOn: day,
      ...more,
    })
  const waived = items.slice(0, 22).map(({ id }) => id)

  test.each([
    { more: {}, verdicts: ['mostly', 'conforms'], waivers: 22 },
    { more: { asset: 'x' }, verdicts: ['mostly', 'conforms'], waivers: 22 },
    { more: { asset: 'y' }, verdicts: ['mostly'], waivers: 22 },
    { more: { expiresOn: '2026-11-25' }, verdicts: ['mostly'], waivers: 0 },
    { more: { approvedOn: '2026-11-27', expiresOn: '2026-12-27' }, verdicts: ['mostly'], waivers: 0 },
  ])('change only the second numbers, where they hold: $more', ({ more, verdicts, waivers }) => {
    const dossier = dossierOf(failing, { waivers: waived.map((item) => waiverOf(item, more)) })
    const conclusion = conclude(dossier, day)
    expect(conclusion.standing.verdicts).toEqual(['mostly'])
    expect(conclusion).toMatchObject({ waivers, afterWaivers: { verdicts } })
  })
})

test('gaps come by risk, then result, then effort; unknown effort last', () => {
  const plain = items.filter(({ risks }) => risks.length === 0).map(({ id }) => id)
  const [cheap = '', dear = '', unknown = ''] = plain
  const failing = items.map(({ id }): Result =>
    ['L3-CES1-01', cheap, dear, unknown].includes(id) ? 'fails' : 'conforms',
  )
  const measure = (item: string, effortDays: number) =>
    remediation.parse({ id: `r-${item}`, assessment: 'a-1', item, measure: '整改', effortDays })
  const dossier = dossierOf(failing, { remediations: [measure(dear, 9), measure(cheap, 1)] })
  const { gaps } = conclude(dossier, day)
  expect(gaps.map(({ item }) => item)).toEqual(['L3-CES1-01', cheap, dear, unknown])
  expect(gaps.map(({ risk }) => risk)).toEqual(['possible-hazard', 'other', 'other', 'other'])
  expect(gaps.map(({ effortDays }) => effortDays)).toEqual([undefined, 1, 9, undefined])
})

test('a gap says how old its remediations are, and how long past their deadline', () => {
  const [{ id: item } = items[0]!] = items
  const measure = (id: string, more: object) =>
    remediation.parse({ id, assessment: 'a-1', item, measure: '整改', unit: 'u', ...more })
  const remediations = [
    measure('late', { state: 'in_progress', openedOn: '2026-10-12', deadline: '2026-11-23' }),
    measure('undated', { state: 'identified' }),
    measure('done', { state: 'verified', openedOn: '2026-01-01', deadline: '2026-02-01' }),
  ]
  const { gaps } = conclude(dossierOf(counted(0, 1), { remediations }), '2026-11-26')
  expect(gaps.map((gap) => gap.remediations)).toEqual([
    [
      {
        ...{ id: 'late', state: 'in_progress', unit: 'u', openedOn: '2026-10-12', deadline: '2026-11-23' },
        ...{ open: true, ageDays: 45, overdueDays: 3 },
      },
      { id: 'undated', state: 'identified', unit: 'u', open: true, overdueDays: 0 },
      {
        ...{ id: 'done', state: 'verified', unit: 'u', openedOn: '2026-01-01', deadline: '2026-02-01' },
        ...{ open: false, overdueDays: 0 },
      },
    ],
  ])
})

test('categories and control points add up to the whole, and closing the gaps of a way leads there', () => {
  fc.assert(
    fc.property(fc.array(anyResult, { minLength: 211, maxLength: 211 }), (each) => {
      const conclusion = conclude(dossierOf(each), day)
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
      const { standing, categories, ways } = conclusion
      expect(sum(categories.map((category) => category.tally.counted))).toBe(standing.tally.counted)
      for (const { tally: own, controlPoints } of categories)
        expect(sum(controlPoints.map((point) => point.tally.counts.conforms))).toBe(own.counts.conforms)
      for (const way of ways) {
        const conforming = standing.tally.counts.conforms + way.items
        expect(verdictsAt(conforming, standing.tally.counted, false)).toEqual([way.verdict])
        expect(verdictsAt(conforming - 1, standing.tally.counted, false)).not.toEqual([way.verdict])
      }
    }),
    { numRuns: 30 },
  )
})
