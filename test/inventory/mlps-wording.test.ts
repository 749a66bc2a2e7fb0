import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  catalogue,
  loadWording,
  mlpsLevels,
  type WordingRow,
  withWording,
} from '../../inventory/mlps/index.ts'
import { maxWordingLength } from '../../inventory/mlps/wording.ts'

const everything = mlpsLevels.flatMap((level) => catalogue(level, { cloud: true }))
const row = (named: Omit<WordingRow, 'where' | 'wording'>, wording = '原文'): WordingRow => ({
  where: 'standard.xlsx:三级!A5',
  wording,
  ...named,
})

describe('a row names an item', () => {
  test.each([
    { named: { id: 'L3-CES1-01' }, item: 'L3-CES1-01' },
    { named: { id: ' l3-ces1-01 ' }, item: 'L3-CES1-01' },
    { named: { id: 'Ｌ３－ＣＥＳ１－０１' }, item: 'L3-CES1-01' },
    { named: { clause: '8.1.4.1', letter: 'a' }, item: 'L3-CES1-01' },
    { named: { clause: '7.1.4.1', letter: 'a' }, item: 'L2-CES1-01' },
    { named: { clause: ' ８．１．４．４ ', letter: 'Ｂ）' }, item: 'L3-CES1-18' },
    { named: { clause: '8.2.4.5', letter: '(d)' }, item: 'L3-CES2-13' },
    { named: { clause: '8.1.1.2' }, item: 'L3-PES1-03' },
    { named: { id: '', clause: '8.1.1.2', letter: '' }, item: 'L3-PES1-03' },
    { named: { id: 'L3-CES1-02', clause: '8.1.4.1' }, item: 'L3-CES1-02' },
    { named: { id: 'L3-CES1-02', clause: '8.1.4.1', letter: 'b)' }, item: 'L3-CES1-02' },
  ])('$named', ({ named, item }) => {
    expect(loadWording([row(named)])).toEqual({ texts: new Map([[item, '原文']]), problems: [] })
  })
})

describe('what cannot be taken is a problem that names the row', () => {
  test.each([
    { bad: row({}), message: /got neither$/u },
    { bad: row({ id: 'L3-CES1-16' }), message: /^expected an assessment id, got "L3-CES1-16"$/u },
    { bad: row({ id: 'L3-CES1-1' }), suggestion: /^did you mean L3-CES1-/u },
    { bad: row({ clause: '8.1.4' }), message: /^expected the clause of a control point, got "8\.1\.4"$/u },
    {
      bad: row({ clause: '8.1.4.1' }),
      message: /^8\.1\.4\.1: expected one of the letters a, b, c, d, got ""$/u,
    },
    { bad: row({ clause: '8.1.4.1', letter: 'e' }), message: /a, b, c, d, got "e"$/u },
    {
      bad: row({ id: 'L3-CES1-02', clause: '8.1.4.2', letter: 'b' }),
      message: /^L3-CES1-02 is 8\.1\.4\.1 b, got "8\.1\.4\.2 b"$/u,
    },
    { bad: row({ id: 'L3-CES1-01' }, ' \n'), message: /^expected the official wording, got nothing$/u },
    {
      bad: row({ id: 'L3-CES1-01' }, '文'.repeat(maxWordingLength + 1)),
      message: /at most 2000 .* got 2001$/u,
    },
  ])('$bad.id $bad.clause $bad.letter', ({ bad, message = /./u, suggestion }) => {
    const { texts, problems } = loadWording([bad])
    expect(texts.size).toBe(0)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ where: bad.where })
    expect(problems[0]?.message).toMatch(message)
    if (suggestion !== undefined) expect(problems[0]?.suggestion).toMatch(suggestion)
  })

  test('an item that was given before, by whichever name', () => {
    const { texts, problems } = loadWording([
      { where: 'A2', id: 'L3-PES1-03', wording: '一' },
      { where: 'A9', clause: '8.1.1.2', wording: '二' },
    ])
    expect(texts).toEqual(new Map([['L3-PES1-03', '一']]))
    expect(problems).toEqual([{ where: 'A9', message: 'L3-PES1-03 was given before, at A2' }])
  })

  test('all of them at once; good rows between them are taken', () => {
    const { texts, problems } = loadWording([
      { where: 'A1', id: 'nonsense', wording: '一' },
      { where: 'A2', id: 'L3-CES1-01', wording: '二' },
      { where: 'A3', wording: '三' },
    ])
    expect([...texts.keys()]).toEqual(['L3-CES1-01'])
    expect(problems.map(({ where }) => where)).toEqual(['A1', 'A3'])
  })
})

test('the official text stands beside ours, ours unchanged', () => {
  const items = catalogue(3)
  const worded = withWording(items, loadWording([row({ id: 'L3-CES1-01' })]).texts)
  expect(worded.map(({ requirement }) => requirement)).toEqual(items.map(({ requirement }) => requirement))
  expect(worded.filter(({ officialWording }) => officialWording !== undefined)).toEqual([
    { ...items.find(({ id }) => id === 'L3-CES1-01'), officialWording: '原文' },
  ])
})

test('every item is named by its id, and by its clause and letter', () => {
  const expected = new Map(everything.map(({ id }) => [id, id]))
  const byId = everything.map(({ id }, at) => ({ where: `A${at}`, id, wording: id }))
  const byClause = everything.map(({ id, clause, letter }, at) => ({
    ...{ where: `A${at}`, clause, letter: `${letter}）`, wording: id },
  }))
  expect(loadWording(byId)).toEqual({ texts: expected, problems: [] })
  expect(loadWording(byClause)).toEqual({ texts: expected, problems: [] })
})

test('whatever the rows hold, each is taken or is a problem', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...everything.flatMap(({ id, clause, letter }) => [id, clause, letter])),
  )
  const rows = fc.array(
    fc.record(
      { where: fc.string(), wording: fc.string(), id: cell, clause: cell, letter: cell },
      {
        requiredKeys: ['where', 'wording'],
      },
    ),
  )
  fc.assert(
    fc.property(rows, (given) => {
      const { texts, problems } = loadWording(given)
      expect(texts.size + problems.length).toBe(given.length)
    }),
  )
})
