import { describe, expect, test } from 'vitest'
import type { Sighting } from '../../src/collector/history/port.ts'
import { judge } from '../../src/collector/judge.ts'
import { statusReport } from '../../src/collector/status.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Job } from '../../src/plan/plan.ts'
import {
  type Records,
  down,
  inventoryOf,
  job,
  line,
  node,
  observation,
  planOf,
  sightingsOf,
} from './support.ts'

const now = Date.parse('2026-11-23T08:00:00Z')
const fresh = { observedAt: now - 10_000 }

type Seen = readonly [agent: string, job: Job, what: Partial<Observation>]

interface Scene {
  readonly records: Records
  readonly jobs: readonly Job[]
  readonly seen: readonly Seen[]
  readonly silent?: readonly string[]
}

const judged = ({ records, jobs, seen, silent = [] }: Scene) => {
  const inventory = inventoryOf(records)
  const plan = planOf(inventory, jobs)
  const sightings: ReadonlyMap<string, readonly Sighting[]> = sightingsOf(
    seen.map(([agent, of, what]) => [agent, observation(of, { ...fresh, ...what })]),
  )
  const judgement = judge({ inventory, plan, sightings, isHeard: (agent) => !silent.includes(agent), now })
  const history = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }
  return {
    ...judgement,
    states: Object.fromEntries([...judgement.verdicts].map(([id, { state }]) => [id, state])),
    report: (includeStatisticalOnly = false) =>
      statusReport(
        { judgement, inventory, plan, agents: [], history, problems: [], version: '0' },
        { includeStatisticalOnly },
      ),
  }
}

const one = { node: [node('n')] }
const ping = job('n')

describe('one target', () => {
  test.each<[string, readonly Seen[], string, string | undefined]>([
    ['fresh and up', [['a', ping, {}]], 'up', undefined],
    ['fresh and down', [['a', ping, down]], 'down', 'timeout'],
    [
      'the agent could not look',
      [['a', ping, { status: 'unknown', cause: 'permission' }]],
      'unknown',
      'permission',
    ],
    ['nobody has looked', [], 'unknown', 'never'],
    ['stale green', [['a', ping, { observedAt: now - 91_000 }]], 'unknown', 'stale'],
    ['stale red', [['a', ping, { ...down, observedAt: now - 91_000 }]], 'unknown', 'stale'],
    ['at the edge of freshness', [['a', ping, { observedAt: now - 90_000 }]], 'up', undefined],
    ['the agent is silent', [['quiet', ping, {}]], 'unknown', 'agent-silent'],
    [
      'another agent still speaks',
      [
        ['quiet', ping, down],
        ['a', ping, {}],
      ],
      'up',
      undefined,
    ],
    [
      'one of two agents reaches it',
      [
        ['a', ping, down],
        ['b', ping, { observedAt: now - 60_000 }],
      ],
      'up',
      undefined,
    ],
    [
      'neither reaches it',
      [
        ['a', ping, down],
        ['b', ping, down],
      ],
      'down',
      'timeout',
    ],
    [
      'one sees it down, the other cannot look',
      [
        ['a', ping, down],
        ['b', ping, { status: 'unknown', cause: 'resource' }],
      ],
      'down',
      'timeout',
    ],
  ])('%s', (_name, seen, state, reason) => {
    const { states, verdicts } = judged({ records: one, jobs: [ping], seen, silent: ['quiet'] })
    expect(states['n']).toBe(state)
    expect(verdicts.get('n')?.checks[0]?.reason).toBe(reason)
  })

  test('a slow job stays fresh for three of its intervals', () => {
    const hourly = job('n', { intervalSeconds: 3600 })
    const seen = [['a', hourly, { observedAt: now - 3 * 3_600_000 }]] as const
    expect(judged({ records: one, jobs: [hourly], seen }).states['n']).toBe('up')
  })

  test('one check that fails makes it down, and it is told that the rest answers', () => {
    const web = job('n', { kind: 'tcp' })
    const { verdicts } = judged({
      records: one,
      jobs: [ping, web],
      seen: [
        ['a', ping, {}],
        ['a', web, down],
      ],
    })
    expect(verdicts.get('n')).toMatchObject({ state: 'down', answers: true })
  })

  test('nothing to look at is unprobed', () => {
    expect(judged({ records: one, jobs: [], seen: [] }).states['n']).toBe('unprobed')
  })
})

describe('what a target says of its own accord', () => {
  const trap = job('n', { kind: 'snmp-trap', expect: 'events' })
  const old = { observedAt: now - 86_400_000 }

  test.each<[string, readonly Seen[], string]>([
    ['nothing came', [['a', ping, {}]], 'up'],
    ['something came, and nothing else is known', [['a', trap, fresh]], 'unknown'],
    [
      'something came from what is down',
      [
        ['a', ping, down],
        ['a', trap, fresh],
      ],
      'down',
    ],
  ])('makes it neither up nor down: %s', (_name, seen, state) => {
    const { states, checks } = judged({ records: one, jobs: [ping, trap], seen })
    expect(states['n']).toBe(state)
    expect(checks.map((check) => check.job.kind)).toEqual(['icmp'])
  })

  test('is kept, the last of all agents, however long ago and whoever is silent', () => {
    const seen: readonly Seen[] = [
      ['quiet', trap, { ...old, facts: { name: 'coldStart' } }],
      ['a', trap, { observedAt: old.observedAt - 1 }],
    ]
    const { events, states } = judged({ records: one, jobs: [trap], seen, silent: ['quiet'] })
    expect(events).toMatchObject([{ agent: 'quiet', observation: { facts: { name: 'coldStart' } } }])
    expect(states['n']).toBe('unprobed')
  })
})

describe('must not answer', () => {
  const forbidden = job('n', { vantage: 'internet', expect: 'unreachable' })
  const control = job('m', { vantage: 'internet' })
  const before = { observedAt: now - 12_000 }
  const records = { node: [node('n'), node('m')] }
  const jobs = [forbidden, control]
  test.each<[string, readonly Seen[], string, string | undefined]>([
    [
      'answers: down',
      [
        ['a', forbidden, {}],
        ['a', control, before],
      ],
      'down',
      'assertion',
    ],
    [
      'answers wrongly: down all the same',
      [
        ['a', forbidden, { status: 'down', cause: 'protocol' }],
        ['a', control, before],
      ],
      'down',
      'assertion',
    ],
    [
      'silent while a control answers: as it should be',
      [
        ['a', forbidden, down],
        ['a', control, before],
      ],
      'up',
      undefined,
    ],
    [
      'silent while nothing answers: unknown',
      [
        ['a', forbidden, down],
        ['a', control, { ...down, ...before }],
      ],
      'unknown',
      'no-control',
    ],
    [
      'silent while the control answers another agent only',
      [
        ['a', forbidden, down],
        ['b', control, before],
      ],
      'unknown',
      'no-control',
    ],
    ['nobody looked', [['a', control, before]], 'unknown', 'never'],
  ])('%s', (_name, seen, state, reason) => {
    const { states, verdicts } = judged({ records, jobs, seen })
    expect(states['n']).toBe(state)
    expect(verdicts.get('n')?.checks[0]?.reason).toBe(reason)
  })
})

const city = node('city', { level: 'city', region: '410200' })
const county = node('county', { level: 'county', region: '410212', uplinks: line('city') })
const township = (id: string) => node(id, { uplinks: line('county'), region: '410212100' })
const records = {
  node: [city, county, township('t1'), township('t2')],
  device: [{ id: 'd1', name: '路由器', role: 'router', node: 't1', address: '10.0.0.1' }],
  system: [{ id: 's1', name: '网站', region: '410212', kind: 'website', node: 't2' }],
} satisfies Records
const jobs = ['city', 'county', 't1', 't2', 'd1', 's1'].map((id) => job(id))
const [cityJob, countyJob, t1Job, t2Job, d1Job, s1Job] = jobs as [Job, Job, Job, Job, Job, Job]

describe('a county that is cut off', () => {
  const cut = judged({
    records,
    jobs,
    seen: [
      ['a', cityJob, {}],
      ['a', countyJob, { ...down, observedAt: now - 5000 }],
      ['a', t1Job, down],
      ['b', t2Job, {}],
      ['a', d1Job, down],
      ['b', s1Job, {}],
    ],
    silent: ['b'],
  })
  test('its townships are unreachable, watched by a silent agent or not, and so is what stands there', () => {
    expect(cut.states).toEqual({
      city: 'up',
      county: 'down',
      t1: 'unreachable',
      t2: 'unreachable',
      d1: 'unreachable',
      s1: 'unreachable',
    })
  })
  test('that is one outage', () => {
    expect(cut.outages).toEqual([
      {
        cause: 'county',
        causes: ['county'],
        class: 'node',
        behind: ['d1', 's1', 't1', 't2'],
        since: now - 5000,
      },
    ])
  })
  test('the report counts apart and names the cause', () => {
    const { coverage, outages, down: failed } = cut.report()
    expect(coverage.all).toEqual({ total: 4, up: 1, down: 1, unreachable: 2, unknown: 0, unprobed: 0 })
    expect(coverage.byLevel.map(({ level, unreachable }) => [level, unreachable])).toEqual([
      ['city', 0],
      ['county', 0],
      ['township', 2],
    ])
    expect(outages.items).toMatchObject([
      { target: 'county', reason: 'timeout', behind: { count: 4 }, since: '2026-11-23T07:59:55.000Z' },
    ])
    expect(failed.items.map(({ target }) => target)).toEqual(['county'])
  })
})

test('a township that answers behind a dead county is up', () => {
  const seen: readonly Seen[] = [
    ['a', cityJob, {}],
    ['a', countyJob, down],
    ['b', t1Job, {}],
    ['a', t2Job, down],
  ]
  const { states } = judged({ records, jobs, seen })
  expect(states).toMatchObject({ t1: 'up', t2: 'unreachable' })
})

test('an agent that is silent under a living county leaves its targets unknown', () => {
  const seen: readonly Seen[] = [
    ['a', cityJob, {}],
    ['a', countyJob, {}],
    ['b', t1Job, down],
    ['b', t2Job, {}],
  ]
  const { states, outages } = judged({ records, jobs, seen, silent: ['b'] })
  expect(states).toMatchObject({ county: 'up', t1: 'unknown', t2: 'unknown' })
  expect(outages).toEqual([])
})

test('a dead line to a living county is the cause, as an uplink', () => {
  const uplink = job('t1/u1')
  const seen: readonly Seen[] = [
    ['a', cityJob, {}],
    ['a', countyJob, {}],
    ['a', t1Job, down],
    ['a', uplink, down],
  ]
  const { states, outages } = judged({ records, jobs: [...jobs, uplink], seen })
  expect(states).toMatchObject({ t1: 'unreachable', 't1/u1': 'down' })
  expect(outages[0]).toMatchObject({
    cause: 't1/u1',
    class: 'uplink',
    behind: expect.arrayContaining(['t1']) as unknown,
  })
})

describe('two uplinks', () => {
  const dual = node('dual', {
    uplinks: [
      { id: 'u1', kind: 'line', to: 'p1' },
      { id: 'u2', kind: 'vpn', to: 'p2' },
    ],
  })
  const both = { node: [node('p1'), node('p2'), dual] }
  const [p1, p2, own] = [job('p1'), job('p2'), job('dual')]
  test('one dead: redundancy lost, and up', () => {
    const { verdicts, report } = judged({
      records: both,
      jobs: [p1, p2, own],
      seen: [
        ['a', p1, down],
        ['a', p2, {}],
        ['a', own, {}],
      ],
    })
    expect(verdicts.get('dual')).toMatchObject({
      state: 'up',
      redundancyLost: true,
      deadUplinks: ['dual/u1'],
    })
    expect(report().redundancyLost.items.map(({ target }) => target)).toEqual(['dual'])
  })
  test('both dead: unreachable, one outage with both causes', () => {
    const { verdicts, outages } = judged({
      records: both,
      jobs: [p1, p2, own],
      seen: [
        ['a', p1, { ...down, observedAt: now - 20_000 }],
        ['a', p2, down],
        ['a', own, down],
      ],
    })
    expect(verdicts.get('dual')).toMatchObject({ state: 'unreachable', redundancyLost: false })
    expect(outages).toMatchObject([{ cause: 'p1', causes: ['p1', 'p2'], behind: ['dual'] }])
  })
})

test('statistical units stay out of the coverage unless they are wanted', () => {
  const farm = { id: '410212400', name: '农场', level: 'township', statisticalOnly: true } as const
  const { report } = judged({
    records: { region: [farm], node: [node('n'), node('farm', { region: farm.id })] },
    jobs: [],
    seen: [],
  })
  expect(report().coverage).toMatchObject({ all: { total: 1 }, leftOut: 1 })
  expect(report(true).coverage).toMatchObject({ all: { total: 2 }, leftOut: 0 })
})
