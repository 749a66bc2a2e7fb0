import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atOnce } from '../../src/collector/slices.ts'
import {
  type Standing,
  type Topology,
  type TopologyNode,
  layOut,
  tracing,
} from '../../src/collector/topology.ts'

const above = (...ids: readonly string[]): TopologyNode['uplinks'] =>
  ids.map((to, at) => ({ id: `u${String(at + 1)}`, to }))

/** city ← county ← t1, t2; `dual` hangs on county and on other, which hangs on city. */
const tree: readonly TopologyNode[] = [
  { id: 'city', uplinks: [] },
  { id: 'county', uplinks: above('city') },
  { id: 'other', uplinks: above('city') },
  { id: 't1', uplinks: above('county') },
  { id: 't2', uplinks: above('county') },
  { id: 'dual', uplinks: above('county', 'other') },
]

const traceTopology = (nodes: readonly TopologyNode[], standing: (id: string) => Standing): Topology => {
  const layout = layOut(nodes)
  const points = layout.points.map(({ id }) => standing(id))
  return atOnce(tracing(layout, { points, lines: layout.lines.map(({ id }) => standing(id)) }))
}

const trace = (standings: Readonly<Record<string, Standing>>, nodes = tree) => {
  const { dead, causes, deadUplinks } = traceTopology(nodes, (id) => standings[id] ?? 'silent')
  return {
    dead: [...dead].sort(),
    causes: Object.fromEntries(causes),
    deadUplinks: Object.fromEntries(deadUplinks),
  }
}

describe('what lies behind', () => {
  test.each<[string, Readonly<Record<string, Standing>>, object]>([
    ['nothing failed', { city: 'answers', county: 'answers' }, { dead: [], causes: {}, deadUplinks: {} }],
    [
      'a dead county cuts off its townships, not the one with a second way',
      { city: 'answers', county: 'failed', other: 'answers', dual: 'answers' },
      { dead: ['county', 't1', 't2'], causes: { t1: ['county'], t2: ['county'] } },
    ],
    [
      'a dead line is the cause where the node above lives',
      { city: 'answers', 'county/u1': 'failed', county: 'failed', other: 'answers' },
      { causes: { county: ['county/u1'], t1: ['county/u1'], t2: ['county/u1'] } },
    ],
    [
      'a dead line under a dead node is not a cause of its own',
      { city: 'failed', 'county/u1': 'failed', county: 'failed', other: 'answers' },
      { causes: { county: ['city'], t1: ['city'], t2: ['city'] } },
    ],
    [
      'both ways dead: both causes',
      { city: 'answers', county: 'failed', other: 'failed', dual: 'failed' },
      { causes: { t1: ['county'], t2: ['county'], dual: ['county', 'other'] } },
    ],
    [
      'a node that answers is never behind, nor is what hangs on it',
      { city: 'failed', county: 'answers', t1: 'failed', other: 'failed' },
      { dead: ['city', 'other', 't1'], causes: { other: ['city'] } },
    ],
    [
      'a line whose far end answers works, though the node above does not',
      { city: 'answers', county: 'failed', 't1/u1': 'answers', t1: 'failed' },
      { dead: ['county', 't1', 't2'], causes: { t2: ['county'] } },
    ],
    [
      'silence alone cuts nothing off',
      { city: 'answers', county: 'silent', t1: 'silent' },
      { dead: [], causes: {} },
    ],
    [
      'through a node that nobody looks at',
      { city: 'failed', county: 'silent', t1: 'failed', other: 'answers' },
      { causes: { county: ['city'], t1: ['city'], t2: ['city'] } },
    ],
  ])('%s', (_name, standings, expected) => {
    expect(trace(standings)).toMatchObject(expected)
  })

  test('one dead uplink of two is told', () => {
    const standings = { city: 'answers', county: 'failed', other: 'answers', dual: 'answers' } as const
    expect(trace(standings).deadUplinks).toMatchObject({ dual: ['dual/u1'] })
  })
})

describe('rings of uplinks', () => {
  const ring: readonly TopologyNode[] = [
    { id: 'a', uplinks: above('b') },
    { id: 'b', uplinks: above('c') },
    { id: 'c', uplinks: above('a') },
    { id: 'self', uplinks: above('self') },
    { id: 'leaf', uplinks: above('b') },
  ]
  test('a silent ring stays unknown', () => {
    expect(trace({}, ring).dead).toEqual([])
  })
  test('a ring that failed has one cause', () => {
    const { causes } = trace({ a: 'failed', b: 'failed', c: 'failed' }, ring)
    expect(causes).toEqual({ b: ['a'], c: ['a'], leaf: ['a'] })
  })
  test('a node that hangs on itself is its own cause', () => {
    expect(trace({ self: 'failed' }, ring)).toMatchObject({ dead: ['self'], causes: {} })
  })
})

const standingOf = fc.constantFrom<Standing>('answers', 'failed', 'silent')

const anyNetwork = fc.integer({ min: 1, max: 12 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, at) => `n${String(at)}`)
  const id = fc.constantFrom(...ids)
  const uplinks = fc.array(id, { maxLength: 3 }).map((to) => above(...to))
  return fc.record({
    nodes: fc.tuple(...ids.map((each) => uplinks.map((links) => ({ id: each, uplinks: links })))),
    standings: fc.tuple(...ids.map(() => standingOf)),
    lines: fc.dictionary(
      fc.tuple(id, fc.constantFrom('u1', 'u2', 'u3')).map(([each, link]) => `${each}/${link}`),
      standingOf,
    ),
  })
})

test('whatever the network: what answers is not dead, what failed is, and every cut-off node has a cause that is not cut off', () => {
  fc.assert(
    fc.property(anyNetwork, ({ nodes, standings, lines }) => {
      const own = new Map<string, Standing>([
        ...nodes.map(({ id }, at) => [id, standings[at] ?? 'silent'] as const),
        ...Object.entries(lines),
      ])
      const { dead, causes, deadUplinks } = traceTopology(nodes, (id) => own.get(id) ?? 'silent')
      for (const { id, uplinks } of nodes) {
        const standing = own.get(id)
        if (standing === 'answers') expect(dead.has(id)).toBe(false)
        if (standing === 'failed') expect(dead.has(id)).toBe(true)
        if (dead.has(id) && standing === 'silent') expect(causes.get(id)).toBeDefined()
        if (!causes.has(id)) continue
        expect(dead.has(id)).toBe(true)
        expect(deadUplinks.get(id)).toHaveLength(uplinks.length)
        for (const cause of causes.get(id) ?? []) expect(causes.has(cause)).toBe(false)
      }
    }),
    { numRuns: 500 },
  )
})
