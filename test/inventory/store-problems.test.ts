import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointProblem } from '../../inventory/endpoint.ts'
import { collectionNames } from '../../inventory/model.ts'
import { parseRecord } from '../../inventory/record-problems.ts'
import { findCycles } from '../../inventory/cycles.ts'
import { node } from './store-fixtures.ts'

describe('endpoints', () => {
  test.each([
    'https://www.example.gov.cn/',
    'http://192.0.2.1:8080/a?b=c',
    'https://[2001:db8::1]/',
    'https://政务.example.cn/',
    'tcp://192.0.2.1:5432',
    'tcp://[2001:db8::1]:22',
    'dns://192.0.2.53/www.example.gov.cn',
    'dns://[2001:db8::53]:5353/example.cn.',
  ])('%s is one', (text) => {
    expect(endpointProblem(text)).toBeUndefined()
  })

  test.each([
    ['www.example.gov.cn', 'expected a URL'],
    ['htps://a.gov.cn/', 'expected a URL'],
    ['ftp://a.gov.cn/', 'expected a URL'],
    ['https://', 'expected a URL'],
    ['tcp://192.0.2.1', 'expected a port'],
    ['tcp://192.0.2.1:22/x', 'nothing behind the port'],
    ['tcp://192.0.2.300:22', 'expected a host name'],
    ['tcp://a_b:22', 'expected a host name'],
    ['dns://192.0.2.53', 'expected a name to ask for'],
    ['dns://192.0.2.53/', 'expected a name to ask for'],
    ['dns:///a.cn', 'expected a host name'],
  ])('%s is none: %s', (text, message) => {
    expect(endpointProblem(text)).toContain(message)
  })

  test('must not carry a password, which is not repeated', () => {
    expect(endpointProblem('https://admin:s3cret@a.gov.cn/')).toMatch(
      /^expected no user or password(?!.*s3cret)/u,
    )
  })

  test('of any text are judged, never thrown at', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => void endpointProblem(text)))
  })
})

describe('cycles', () => {
  test('are found once each, wherever the walk begins', () => {
    const above: Readonly<Record<string, readonly string[]>> = {
      a: ['b'],
      b: ['c', 'd'],
      c: ['a'],
      d: ['d'],
      e: ['a'],
    }
    const cycles = findCycles(['e', 'a', 'b'], (id) => above[id] ?? [])
    expect(cycles.map((cycle) => cycle.toSorted())).toEqual([['a', 'b', 'c'], ['d']])
  })

  test('do not come of two ways to the same top', () => {
    const above: Readonly<Record<string, readonly string[]>> = { a: ['b', 'c'], b: ['d'], c: ['d'] }
    expect(findCycles(['a', 'b', 'c', 'd'], (id) => above[id] ?? [])).toEqual([])
  })

  test('are looked for along 100,000 steps', () => {
    expect(findCycles(['0'], (id) => [String((Number(id) + 1) % 100_000)])).toHaveLength(1)
  })
})

describe('records', () => {
  test.each([
    [{}, 'name: expected string, got nothing'],
    [{}, 'capacity: expected number, got nothing'],
    [{ name: { zh: '一' } }, 'name: expected string, got {"zh":"一"}'],
    [{ capacity: 1.5 }, 'capacity: expected int, got 1.5'],
  ])('a wave of %j: %s', (fields, message) => {
    const parsed = parseRecord('wave', { id: 'w1', ...fields }, 'wave/w1')
    const problems = parsed.ok ? [] : parsed.problems
    expect(problems.map((each) => `${each.where}: ${each.message}`)).toContain(`wave/w1.${message}`)
  })

  const deep = (levels: number): object => (levels === 0 ? {} : { inner: deep(levels - 1) })

  test.each([
    ['too deep', { options: deep(100) }],
    ['not JSON', { options: { count: Number.NaN } }],
    ['too large', { options: { text: 'x'.repeat(300_000) } }],
  ])('that are %s are refused', (_what, probe) => {
    expect(
      parseRecord('node', node('n-1', { probes: [{ kind: 'tcp', ...probe }] }), 'node/n-1'),
    ).toMatchObject({ ok: false })
  })

  test('keep nothing of what is undefined', () => {
    const parsed = parseRecord('contact', { id: 'c', name: 'c', remark: undefined }, 'contact/c')
    expect(parsed).toEqual({ ok: true, record: { id: 'c', name: 'c', hotline: false } })
  })

  test('of agents are refused without showing what may be a key', () => {
    const parsed = parseRecord('agent', { id: 'a', state: 'active', keyHash: 'the-key-itself' }, 'agent/a')
    expect(JSON.stringify(parsed)).toContain('agent/a.keyHash')
    expect(JSON.stringify(parsed)).not.toContain('the-key-itself')
  })

  test('of any kind are parsed or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.constantFrom(...collectionNames), fc.anything(), (collection, value) => {
        expect(typeof parseRecord(collection, value, 'x').ok).toBe('boolean')
      }),
    )
  })
})
