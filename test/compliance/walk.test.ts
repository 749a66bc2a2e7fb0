import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Asset, catalogue, type Finding, resultLabels } from '../../inventory/mlps/index.ts'
import { combineItems } from '../../src/compliance/combine.ts'
import {
  commandOf,
  resultKeyOf,
  resumeAt,
  type Route,
  type Step,
  stepsOf,
  withNextMethod,
  withResult,
  withText,
} from '../../src/compliance/walk.ts'

const asset = (id: string, results: Asset['results']): Asset => ({
  id,
  assessment: 'net',
  name: id,
  kind: 'server',
  results,
})
const items = catalogue(3).filter(({ id }) => ['L3-CES1-01', 'L3-CES1-02', 'L3-PSS1-01'].includes(id))
const results = combineItems(
  items,
  [
    asset('a', { 'L3-CES1-01': { result: 'fails' }, 'L3-PSS1-01': { result: 'partial' } }),
    asset('b', { 'L3-CES1-02': { result: 'conforms' } }),
  ],
  [],
)
const shown = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ item, asset }) => `${item} ${asset}`)

test.each<[Route, readonly string[]]>([
  [{}, ['L3-CES1-01 a', 'L3-CES1-01 b', 'L3-CES1-02 a', 'L3-CES1-02 b', 'L3-PSS1-01 a']],
  [{ asset: 'b' }, ['L3-CES1-01 b', 'L3-CES1-02 b']],
  [{ categories: ['PSS'] }, ['L3-PSS1-01 a']],
  [{ only: 'untested' }, ['L3-CES1-01 b', 'L3-CES1-02 a']],
  [{ only: 'gaps' }, ['L3-CES1-01 a', 'L3-PSS1-01 a']],
  [{ only: 'gaps', asset: 'b' }, []],
])('the steps of %j', (route, expected) => {
  expect(shown(stepsOf(results, route))).toEqual(expected)
})

test.each<[string, Route, Step | undefined, string | undefined]>([
  ['nobody stopped', {}, undefined, 'L3-CES1-01 a'],
  ['at the same step', {}, { item: 'L3-CES1-02', asset: 'a' }, 'L3-CES1-02 a'],
  [
    'at the next of a narrower route',
    { only: 'untested' },
    { item: 'L3-CES1-01', asset: 'a' },
    'L3-CES1-01 b',
  ],
  ['nothing of the route behind it', { asset: 'b' }, { item: 'L3-PSS1-01', asset: 'a' }, 'L3-CES1-01 b'],
  ['an asset that is gone', {}, { item: 'L3-CES1-01', asset: 'gone' }, 'L3-CES1-01 a'],
  ['an empty route', { asset: 'none' }, { item: 'L3-CES1-01', asset: 'a' }, undefined],
])('a walk goes on: %s', (_, route, place, expected) => {
  const steps = stepsOf(results, route)
  expect(shown(steps)[resumeAt(steps, stepsOf(results, {}), place)]).toBe(expected)
})

test('each result has a key, and no other key sets one', () => {
  const keys = Object.keys(resultLabels) as (keyof typeof resultLabels)[]
  for (const result of keys) expect(commandOf(resultKeyOf(result))).toEqual({ kind: 'result', result })
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('constructor', '__proto__', 'toString')), (key) => {
      const command = commandOf(key)
      if (command?.kind === 'result') expect(resultKeyOf(command.result)).toBe(key)
    }),
  )
})

const before: Finding = {
  result: 'partial',
  method: 'examine',
  evidence: '六位',
  assessor: '李工',
  on: '2025-01-01',
  carriedFrom: 'net-2025',
}

test('a result keeps what else is known, and is no longer carried over', () => {
  expect(withResult(before, 'conforms', { day: '2026-11-26' })).toEqual({
    result: 'conforms',
    method: 'examine',
    evidence: '六位',
    assessor: '李工',
    on: '2026-11-26',
  })
  expect(withResult(undefined, 'fails', { day: '2026-11-26', assessor: '王工' })).toEqual({
    result: 'fails',
    on: '2026-11-26',
    assessor: '王工',
  })
})

test('texts and methods come and go without the result', () => {
  expect(withText(undefined, 'evidence', '看到')).toEqual({ result: 'untested', evidence: '看到' })
  expect(withText({ result: 'fails', remark: 'x' }, 'remark', '')).toEqual({ result: 'fails' })
  const methods = ['examine', 'test'] as const
  const first = withNextMethod(undefined, methods)
  expect(first).toEqual({ result: 'untested', method: 'examine' })
  const second = withNextMethod(first, methods)
  expect(second).toEqual({ result: 'untested', method: 'test' })
  expect(withNextMethod(second, methods)).toEqual({ result: 'untested' })
})
