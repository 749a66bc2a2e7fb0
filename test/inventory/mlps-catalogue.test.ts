import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  about,
  assetLabels,
  catalogue,
  categoryLabels,
  type Item,
  itemById,
  type MlpsLevel,
  mlpsLevels,
  outline,
  type Part,
  riskLists,
  scenarioById,
} from '../../inventory/mlps/index.ts'

/** What public sources say of the standard's structure: its counts, clauses, ids and their basis. */
interface ExpectedPoint {
  readonly level: MlpsLevel
  readonly part: Part
  readonly category: keyof typeof categoryLabels
  readonly categoryName: string
  readonly clause: string
  readonly name: string
  readonly count: number
  readonly items: readonly {
    readonly letter: string
    readonly id: string
    readonly idBasis: string
    readonly topic: string
    readonly coverage?: string
    readonly trigger?: string
  }[]
}
const structure = JSON.parse(
  readFileSync(new URL('../fixtures/mlps-structure.json', import.meta.url), 'utf8'),
) as readonly ExpectedPoint[]

const everything = mlpsLevels.flatMap((level) => catalogue(level, { cloud: true }))
const of = (level: MlpsLevel, part: Part) =>
  catalogue(level, { cloud: true }).filter((item) => item.part === part)
const scenarios = riskLists().flatMap((list) => list.scenarios)
const required = (id: string): Item => {
  const item = itemById(id)
  if (item === undefined) throw new Error(`no item ${id}`)
  return item
}

test.each([
  { level: 2, part: 'general', items: 135, automatic: 50 },
  { level: 3, part: 'general', items: 211, automatic: 86 },
  { level: 2, part: 'cloud', items: 29, automatic: 5 },
  { level: 3, part: 'cloud', items: 46, automatic: 8 },
] as const)('level $level, $part: $items items, $automatic of them automatic', (row) => {
  const items = of(row.level, row.part)
  expect(items).toHaveLength(row.items)
  expect(items.filter(({ auto }) => auto !== undefined)).toHaveLength(row.automatic)
})

test('without the cloud extension there are the general requirements only', () => {
  for (const level of mlpsLevels) expect(catalogue(level)).toEqual(of(level, 'general'))
})

test('every control point has the clause, the name and the number of items of the standard, in its order', () => {
  const points = mlpsLevels.flatMap((level) =>
    outline(level, { cloud: true }).flatMap(({ code, name, part, clause, controlPoints }) =>
      controlPoints.map((point) => {
        expect(point.clause.startsWith(`${clause}.`)).toBe(true)
        return {
          ...{ level, part, category: code, categoryName: name },
          ...{ clause: point.clause, name: point.name, count: point.items.length },
        }
      }),
    ),
  )
  expect(points).toEqual(
    structure.map(({ level, part, category, categoryName, clause, name, count }) => ({
      level,
      part,
      category,
      categoryName,
      clause,
      name,
      count,
    })),
  )
})

test('every item has the id, the letter, the basis and the automatic mark that the sources give', () => {
  const expected = structure.flatMap(({ level, part, category, clause, name, items }) =>
    items.map(({ letter, id, idBasis, topic, coverage }) => ({
      ...{ level, part, category, clause, controlPoint: name, letter, id, idBasis, topic },
      ...(coverage !== undefined && { coverage }),
    })),
  )
  expect(
    everything.map(({ level, part, category, clause, controlPoint, letter, id, idBasis, topic, auto }) => ({
      ...{ level, part, category, clause, controlPoint, letter, id, idBasis, topic },
      ...(auto !== undefined && { coverage: auto.coverage }),
    })),
  ).toEqual(expected)
})

test('ids are unique, of the documented pattern, and found again', () => {
  expect(new Set(everything.map(({ id }) => id)).size).toBe(everything.length)
  for (const item of everything) {
    const digit = item.part === 'general' ? 1 : 2
    expect(item.id).toMatch(new RegExp(`^L${item.level}-${item.category}${digit}-\\d\\d$`, 'u'))
    expect(itemById(item.id)).toBe(item)
  }
  expect(itemById('L3-CES1-16')).toBeUndefined()
  expect(itemById('l3-ces1-01')).toBeUndefined()
})

test('every item says in one sentence what is asked, how it is assessed, on what, and by what evidence', () => {
  for (const item of everything) {
    expect(item.requirement, item.id).toMatch(/^[^\s。][^\n。]{7,}。$/u)
    expect(item.methods.length, item.id).toBeGreaterThan(0)
    expect(item.evidence.length, item.id).toBeGreaterThan(0)
    expect(item.assets.length, item.id).toBeGreaterThan(0)
    for (const list of [item.methods, item.evidence, item.assets])
      expect(new Set(list).size, item.id).toBe(list.length)
    for (const phrase of item.evidence) expect(phrase, item.id).toMatch(/^\S[^。\n]{1,30}$/u)
  }
})

test('no two items of a level ask for the same', () => {
  for (const level of mlpsLevels) {
    const texts = catalogue(level, { cloud: true }).map(({ requirement }) => requirement)
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([])
  }
})

test.each([
  ['L2-PES1-03', 'L3-PES1-03'],
  ['L2-CNS1-03', 'L3-CNS1-06'],
  ['L2-CNS1-04', 'L3-CNS1-08'],
  ['L2-ABS1-06', 'L3-ABS1-10'],
  ['L2-ABS1-11', 'L3-ABS1-20'],
  ['L2-CES1-16', 'L3-CES1-23'],
  ['L2-CES1-17', 'L3-CES1-24'],
  ['L2-CES1-18', 'L3-CES1-25'],
  ['L2-CES1-20', 'L3-CES1-30'],
  ['L2-PSS1-02', 'L3-PSS1-02'],
  ['L2-ORS1-05', 'L3-ORS1-07'],
  ['L2-HRS1-02', 'L3-HRS1-02'],
  ['L2-CMS1-06', 'L3-CMS1-06'],
  ['L2-CMS1-17', 'L3-CMS1-25'],
  ['L2-MMS1-08', 'L3-MMS1-10'],
  ['L2-CES2-07', 'L3-CES2-12'],
])('%s and its stricter %s differ', (level2, level3) => {
  expect(required(level2).requirement).not.toBe(required(level3).requirement)
})

test('every asset kind is that of some item, and every category has items at both levels', () => {
  expect(new Set(everything.flatMap(({ assets }) => assets))).toEqual(new Set(Object.keys(assetLabels)))
  for (const level of mlpsLevels)
    expect(outline(level).map(({ code, name }) => [code, name])).toEqual(Object.entries(categoryLabels))
})

test('what is unsourced stays marked, and the notice goes with it all', () => {
  expect(about().notice).toBe('本产品释义，未经官方审定')
  const sourced = new Set(['PES', 'CNS', 'ABS', 'CES', 'SMC'])
  for (const { level, category, idBasis } of everything)
    expect(idBasis).toBe(level === 3 && sourced.has(category) ? 'sourced' : 'derived')
})

test('scenarios and items name each other', () => {
  const forward = scenarios.flatMap(({ id, items }) =>
    items.map(({ item, mapping }) => `${id} ${item} ${mapping}`),
  )
  const back = everything.flatMap(({ id, risks }) =>
    risks.map(({ scenario, mapping }) => `${scenario} ${id} ${mapping}`),
  )
  expect(back.toSorted()).toEqual(forward.toSorted())
  for (const scenario of scenarios) expect(scenarioById(scenario.id)).toBe(scenario)
  expect(new Set(scenarios.map(({ id }) => id)).size).toBe(scenarios.length)
  expect(scenarioById('A-33')).toBeUndefined()
})

test('the triggers of the 2025 report touch the items that the sources name, carried over at level 2', () => {
  const expected = structure.flatMap(({ level, items }) =>
    items.flatMap(({ id, trigger }) =>
      trigger === undefined ? [] : [[id, trigger, level === 3 ? 'listed' : 'carried-over']],
    ),
  )
  const triggers = everything.flatMap(({ id, risks }) =>
    risks
      .filter(({ scenario }) => scenario.startsWith('A-'))
      .map((risk) => [id, risk.scenario, risk.mapping]),
  )
  expect(triggers).toEqual(expected)
})

test.each([
  { id: 'major-hazard-2025', count: 32 },
  { id: 'high-risk-2020', count: 70 },
  { id: 'high-risk-2025', count: 42 },
])('$id: $count scenarios, each with its confidence and a place', ({ id, count }) => {
  const list = riskLists().find((each) => each.id === id)
  expect(list?.scenarios).toHaveLength(count)
  expect(list?.gaps.length).toBeGreaterThan(0)
  for (const scenario of list?.scenarios ?? [])
    expect(scenario.items.length > 0, scenario.id).toBe(scenario.beyond === undefined)
})

test('a scenario that holds from a level on touches items of each level from there', () => {
  for (const { id, fromLevel, items } of scenarios) {
    if (fromLevel === undefined || fromLevel > 3) continue
    const levels = new Set(items.map(({ item }) => required(item).level))
    expect(levels, id).toEqual(new Set(mlpsLevels.filter((level) => level >= fromLevel)))
  }
})

test.each([
  { id: 'HR2020-03', confidence: 'two-sources', levelConfidence: 'two-sources' },
  { id: 'HR2020-29', confidence: 'one-source', levelConfidence: 'one-source' },
  { id: 'HR2020-30', confidence: 'one-source', levelConfidence: 'unsourced' },
  { id: 'HR2020-31', confidence: 'unsourced', levelConfidence: 'unsourced' },
  { id: 'HR2020-66', confidence: 'unsourced', levelConfidence: 'unsourced' },
  { id: 'HR2025-6.4.3.2', confidence: 'one-source', levelConfidence: 'one-source' },
  { id: 'A-29', confidence: 'one-source', levelConfidence: 'one-source' },
])('$id is marked $confidence', ({ id, ...marks }) => {
  expect(scenarioById(id)).toMatchObject(marks)
})

test('nothing of it can be changed', () => {
  const isFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen))
  for (const level of mlpsLevels)
    expect([catalogue(level, { cloud: true }), outline(level)].map(isFrozen)).toEqual([true, true])
  expect([about(), riskLists()].map(isFrozen)).toEqual([true, true])
})
