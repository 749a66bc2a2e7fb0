import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Migration, Wave } from '../../inventory/migration/index.ts'
import { collections, type InputOf } from '../../inventory/model.ts'
import { planWaves, waveProblems, waveStandings } from '../../src/migration/waves.ts'

const byId = <R extends { readonly id: string }>(records: readonly R[]): ReadonlyMap<string, R> =>
  new Map(records.map((record) => [record.id, record]))
const systems = (...records: readonly InputOf<'migration'>[]): ReadonlyMap<string, Migration> =>
  byId(records.map((record) => collections.migration.parse(record)))
const waves = (...capacities: readonly number[]): ReadonlyMap<string, Wave> =>
  byId(
    capacities.map((capacity, index) =>
      collections.wave.parse({
        id: `w${index + 1}`,
        name: `第${index + 1}批`,
        startsOn: `2026-0${index + 1}-01`,
        endsOn: `2026-0${index + 1}-28`,
        capacity,
      }),
    ),
  )

const planned = (...args: Parameters<typeof planWaves>): string => {
  const { placed, unplaced } = planWaves(...args)
  return [
    ...placed.map(({ system, wave }) => `${system}:${wave}`),
    ...unplaced.map(({ system, why }) => `${system}: ${why}`),
  ].join(' | ')
}
const today = '2026-01-01'

test.each<[string, ReadonlyMap<string, Migration>, ReadonlyMap<string, Wave>, string]>([
  [
    'what is depended on comes first',
    systems({ id: 'a', dependsOn: ['b'] }, { id: 'b' }),
    waves(1, 1),
    'b:w1 | a:w2',
  ],
  ['the same wave will do', systems({ id: 'a', dependsOn: ['b'] }, { id: 'b' }), waves(2), 'b:w1 | a:w1'],
  [
    'a wave that it has is kept',
    systems({ id: 'a', wave: 'w2' }, { id: 'b', dependsOn: ['a'] }),
    waves(5, 5),
    'b:w2',
  ],
  [
    'early enough for what depends on it',
    systems({ id: 'a', wave: 'w1', dependsOn: ['c'] }, { id: 'b' }, { id: 'c' }),
    waves(2, 9),
    'b:w1 | c: no wave from w1 to w1 has a place left',
  ],
  [
    'early enough for what is behind a ring and has a wave',
    systems(
      { id: 'a', wave: 'w1', dependsOn: ['c', 'r'] },
      { id: 'b' },
      { id: 'c' },
      { id: 'q', dependsOn: ['r'] },
      { id: 'r', dependsOn: ['q'] },
    ),
    waves(2, 9),
    [
      'b:w1',
      'c: no wave from w1 to w1 has a place left',
      'a: it depends on systems that depend on each other in a ring',
      'q: a ring of dependencies: r → q → r',
      'r: a ring of dependencies: r → q → r',
    ].join(' | '),
  ],
  [
    'a ring is named',
    systems(
      { id: 'a', dependsOn: ['b'] },
      { id: 'b', dependsOn: ['c'] },
      { id: 'c', dependsOn: ['a'] },
      { id: 'd', dependsOn: ['a'] },
    ),
    waves(9),
    [
      ...['a', 'b', 'c'].map((id) => `${id}: a ring of dependencies: a → b → c → a`),
      'd: it depends on systems that depend on each other in a ring',
    ].join(' | '),
  ],
  [
    'full',
    systems({ id: 'a' }, { id: 'b' }, { id: 'c', dependsOn: ['b'] }),
    waves(1),
    'a:w1 | b: no wave from w1 to w1 has a place left | c: b, which it depends on, has no wave',
  ],
  ['no waves', systems({ id: 'a' }), waves(), 'a: there is no wave'],
  [
    'what is over, out of scope, put off or not to move needs none',
    systems(
      { id: 'a', state: 'accepted' },
      { id: 'b', state: 'exempt' },
      { id: 'c', state: 'deferred' },
      { id: 'd', decision: 'retain' },
      { id: 'e', dependsOn: ['a', 'b', 'elsewhere'] },
    ),
    waves(9),
    'e:w1',
  ],
])('%s', (_, migrations, all, expected) => {
  expect(planned(migrations, all, today)).toBe(expected)
})

test('waves that are over take nobody', () => {
  expect(planned(systems({ id: 'a' }), waves(5, 5), '2026-02-01')).toBe('a:w2')
  expect(planned(systems({ id: 'a' }), waves(5), '2026-02-01')).toMatch(/^a: no wave is left/u)
})

test('waves as they are: too many, too early, all frozen', () => {
  const all = new Map(waves(1, 3))
  const [first] = all.values()
  all.set('w1', { ...first!, freezes: [{ from: '2026-01-01', to: '2026-01-31', why: '封网' }] })
  const migrations = systems(
    { id: 'a', wave: 'w1', dependsOn: ['b', 'd'] },
    { id: 'b', wave: 'w2' },
    { id: 'c', wave: 'w1', state: 'accepted' },
    { id: 'd' },
    { id: 'e', wave: 'w2', dependsOn: ['b'] },
  )
  expect(
    waveProblems(migrations, all).map(({ wave, system = '', message }) => `${wave} ${system}: ${message}`),
  ).toEqual([
    'w1 : expected at most 1 systems, got 2',
    'w1 : expected a day that is not frozen, all of it is: 封网',
    'w1 a: expected b, which it depends on, in this wave or an earlier one, got w2',
    'w1 a: expected d, which it depends on, in this wave or an earlier one, got none',
  ])
  expect(waveStandings(migrations, all, Date.parse('2026-03-01'))).toMatchObject([
    { systems: 2, done: 1, outOfScope: 0 },
    { systems: 2, done: 0 },
  ])
})

const anyCase = fc
  .record({
    edges: fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 25 }),
    given: fc.array(fc.option(fc.constantFrom('w1', 'w2', 'w3'), { nil: undefined, freq: 4 }), {
      minLength: 15,
      maxLength: 15,
    }),
    capacities: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
  })
  .map(({ edges, given, capacities }) => ({
    all: waves(...capacities),
    migrations: systems(
      ...Array.from({ length: 15 }, (_, index) => ({
        id: `s${index}`,
        dependsOn: [...new Set(edges.filter(([from]) => from === index).map(([, to]) => `s${to}`))],
        wave: given[index],
      })),
    ),
  }))

test('whatever the dependencies: none is placed too early or beyond capacity, and each has a wave or a reason', () => {
  fc.assert(
    fc.property(anyCase, ({ migrations, all }) => {
      const { placed, unplaced } = planWaves(migrations, all, today)
      const waveOf = new Map(placed.map(({ system, wave }) => [system, wave]))
      const after = new Map(
        [...migrations].map(([id, record]) => [id, { ...record, wave: waveOf.get(id) ?? record.wave }]),
      )
      const known = [...after.values()].filter(({ wave }) => wave !== undefined && all.has(wave))
      // What was wrong before may stay; nothing new is.
      for (const { system, wave } of placed) {
        const { dependsOn } = after.get(system)!
        for (const id of dependsOn) expect((after.get(id)?.wave ?? 'w9') <= wave).toBe(true)
        for (const { id, dependsOn: others } of known)
          if (others.includes(system) && after.get(id)?.wave !== undefined)
            expect(wave <= after.get(id)!.wave!).toBe(true)
      }
      for (const [id, { capacity }] of all) {
        const before = [...migrations.values()].filter(({ wave }) => wave === id).length
        expect(known.filter(({ wave }) => wave === id).length).toBeLessThanOrEqual(Math.max(before, capacity))
      }
      const settled = new Set([...waveOf.keys(), ...unplaced.map(({ system }) => system)])
      for (const [id, { wave }] of migrations)
        if (wave === undefined || !all.has(wave)) expect(settled.has(id)).toBe(true)
      for (const { why } of unplaced) expect(why).not.toBe('')
    }),
  )
})

test('where nothing is in a ring, given or full, everything is placed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 40 }), (edges) => {
      const migrations = systems(
        ...Array.from({ length: 15 }, (_, index) => ({
          id: `s${index}`,
          dependsOn: edges.filter(([from, to]) => from === index && to < index).map(([, to]) => `s${to}`),
        })),
      )
      expect(planWaves(migrations, waves(4, 4, 4, 4), today).placed).toHaveLength(15)
    }),
  )
})
