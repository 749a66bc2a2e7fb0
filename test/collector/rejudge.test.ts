import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Sighting } from '../../src/collector/history/port.ts'
import { createJudge, judge } from '../../src/collector/judge.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { down, inventoryOf, job, line, node, observation, planOf } from './support.ts'

const start = Date.parse('2026-11-23T08:00:00Z')

const inventory = inventoryOf({
  node: [
    node('city'),
    node('county', { uplinks: line('city') }),
    node('dual', { uplinks: [...(line('city') ?? []), { id: 'u2', kind: 'vpn', to: 'county' }] }),
    node('t1', { uplinks: line('county') }),
    node('t2', { uplinks: line('dual') }),
    node('ring', { uplinks: line('ring') }),
  ],
  device: [{ id: 'd', name: '路由器', role: 'router', node: 't1', address: '10.0.0.1' }],
  system: [{ id: 's', name: '网站', region: '410212', kind: 'website', node: 't2' }],
})
const jobs = [
  ...['city', 'county', 'dual', 't1', 't2', 'ring', 'd', 's', 't1/u1', 'dual/u2'].map((id) => job(id)),
  job('s', { kind: 'http', intervalSeconds: 300 }),
  job('t1', { vantage: 'internet', expect: 'unreachable' }),
  job('city', { vantage: 'internet' }),
]
const plan = planOf(inventory, jobs)

const agents = ['a', 'b'] as const
const look = fc.record({
  at: fc.nat({ max: jobs.length - 1 }),
  agent: fc.constantFrom(...agents),
  what: fc.constantFrom(
    {},
    down,
    { status: 'down', cause: 'tls' } as const,
    {
      status: 'unknown',
      cause: 'permission',
    } as const,
  ),
})
/** What happens between two judgements: some looks, an agent that falls silent or speaks again, time that passes. */
const turn = fc.record({
  looks: fc.array(look, { maxLength: 12 }),
  silent: fc.subarray([...agents]),
  seconds: fc.constantFrom(0, 1, 15, 89, 91, 400, -100),
})

test('judged again and again is judged anew each time, whatever happens in between', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 10 }), (turns) => {
      const again = createJudge(inventory, plan)
      const sightings = new Map<string, readonly Sighting[]>()
      let now = start
      for (const { looks, silent, seconds } of turns) {
        now += seconds * 1000
        for (const { at, agent, what } of looks) {
          const of = jobs[at] ?? job('city')
          const others = (sightings.get(of.id) ?? []).filter((each) => each.agent !== agent)
          const seen = observation(of, { observedAt: now, ...what })
          sightings.set(of.id, [...others, { agent, observation: seen, since: now }])
        }
        const input = { sightings, now, isHeard: (agent: string) => !silent.some((each) => each === agent) }
        const [incremental, fresh] = [atOnce(again.judge(input)), judge({ inventory, plan, ...input })]
        expect(incremental.checks).toEqual(fresh.checks)
        expect([...incremental.verdicts]).toEqual([...fresh.verdicts])
        expect(incremental.outages).toEqual(fresh.outages)
      }
    }),
    { numRuns: 200 },
  )
})

test('what nothing happened to is the same object, and an older judgement stays as it was', () => {
  const again = createJudge(inventory, plan)
  const seen = (id: string, what = {}): readonly Sighting[] => [
    { agent: 'a', observation: observation(job(id), { observedAt: start, ...what }), since: start },
  ]
  const sightings = new Map(jobs.map(({ id, target }) => [id, seen(target)]))
  const input = { sightings, now: start, isHeard: () => true }
  const before = atOnce(again.judge(input))
  sightings.set(job('t2').id, seen('t2', down))
  const after = atOnce(again.judge(input))
  expect(after.verdicts.get('dual')).toBe(before.verdicts.get('dual'))
  expect([before, after].map(({ verdicts }) => verdicts.get('t2')?.state)).toEqual(['up', 'down'])
  expect([...after.verdicts.keys()]).toEqual([...plan.targets.keys()])
  expect(after.verdicts.has('t1') && !after.verdicts.has('nowhere')).toBe(true)
})
