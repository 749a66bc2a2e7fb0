import { describe, expect, test } from 'vitest'
import { collectorFamilies } from '../../src/collector/series.ts'
import { createCounters } from '../../src/collector/counters.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { judge } from '../../src/collector/judge.ts'
import { endpointOf, type Segmentation } from '../../src/collector/segmentation.ts'
import { createSheets } from '../../src/collector/sheets.ts'
import { statusReport } from '../../src/collector/status.ts'
import type { Observation } from '../../src/core/observation.ts'
import { exposition } from '../../src/metrics/exposition.ts'
import type { Job } from '../../src/plan/plan.ts'
import { down, inventoryOf, job, line, node, observation, planOf } from './support.ts'

const now = Date.parse('2026-11-23T08:00:00Z')
const ago = (seconds: number): number => now - seconds * 1000

const tcp = (target: string, more: Partial<Job>, port = 443): Job =>
  job(target, { kind: 'tcp', spec: { address: '192.0.2.1', port }, ...more })

const open = tcp('n', { vantage: 'public' })
const closed = tcp('n', { vantage: 'internet', expect: 'unreachable' })
/** What else the two agents look at. */
const inside = job('in', { vantage: 'public' })
const outside = job('out', { vantage: 'internet' })

type Seen = readonly [agent: string, job: Job, how: Partial<Observation>, since?: number]

const calm: readonly Seen[] = [
  ['pub', inside, {}],
  ['net', outside, {}],
]

const sightingOf = ([agent, of, how, since = ago(600)]: Seen): Sighting => ({
  agent,
  observation: observation(of, { observedAt: ago(10), ...how }),
  since,
})

const records = { node: ['n', 'in', 'out'].map((id) => node(id)) }

const judged = (
  jobs: readonly Job[],
  seen: readonly Seen[],
  silent: readonly string[] = [],
  of = records,
) => {
  const inventory = inventoryOf(of)
  const plan = planOf(inventory, jobs)
  const sightings = Map.groupBy(seen.map(sightingOf), ({ observation: { job: id } }) => id)
  const judgement = judge({ inventory, plan, sightings, isHeard: (agent) => !silent.includes(agent), now })
  const history = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 }
  const view = { judgement, inventory, plan, agents: [], history, version: '0' }
  return {
    segmentations: judgement.segmentations,
    report: statusReport(view, { includeStatisticalOnly: false }).segmentations,
    metrics: () =>
      exposition(
        collectorFamilies(
          {
            ...view,
            counters: createCounters(),
            sheets: createSheets(inventory, plan),
            jobCounts: new Map(),
            targetCounts: new Map(),
          },
          [],
        ),
        'text',
      ),
  }
}

const both = [open, closed, inside, outside]
const segmentationOf = (seen: readonly Seen[], silent: readonly string[] = []): Segmentation | undefined =>
  judged(both, seen, silent).segmentations[0]

const wrong = { status: 'down', cause: 'tls' } as const
const blind = { status: 'unknown', cause: 'permission' } as const

describe('one result of two sides', () => {
  test.each<[string, readonly Seen[], Segmentation['result'], readonly string[]]>([
    [
      'answers where it must and nowhere else',
      [['pub', open, {}], ['net', closed, down], ...calm],
      'holds',
      [],
    ],
    [
      'that it answers wrongly is no matter of reach',
      [['pub', open, wrong], ['net', closed, down], ...calm],
      'holds',
      [],
    ],
    [
      'answers everywhere',
      [['pub', open, {}], ['net', closed, {}], ...calm],
      'violated',
      ['internet', 'assertion'],
    ],
    [
      'answers wrongly where it must not',
      [['pub', open, {}], ['net', closed, wrong], ...calm],
      'violated',
      ['internet', 'assertion'],
    ],
    [
      'answers nowhere: it is down, and silence outside says nothing',
      [['pub', open, down], ['net', closed, down], ...calm],
      'unknown',
      ['public', 'timeout'],
    ],
    [
      'the wrong way round',
      [['pub', open, down], ['net', closed, {}], ...calm],
      'violated',
      ['internet', 'assertion'],
    ],
    [
      'no control outside',
      [
        ['pub', open, {}],
        ['net', closed, down],
        ['pub', inside, {}],
      ],
      'unknown',
      ['internet', 'no-control'],
    ],
    [
      'the control outside is dead',
      [
        ['pub', open, {}],
        ['net', closed, down],
        ['net', outside, down],
      ],
      'unknown',
      ['internet', 'no-control'],
    ],
    [
      'the agent inside reaches nothing at all',
      [
        ['pub', open, down],
        ['pub', inside, down],
        ['net', closed, down],
        ['net', outside, {}],
      ],
      'unknown',
      ['public', 'no-control'],
    ],
    [
      'the agent inside reaches nothing, and it answers outside',
      [
        ['pub', open, down],
        ['net', closed, {}],
      ],
      'violated',
      ['internet', 'assertion'],
    ],
    ['nobody looks from outside', [['pub', open, {}], ...calm], 'unknown', ['internet', 'never']],
    ['nobody looks from inside', [['net', closed, down], ...calm], 'unknown', ['public', 'never']],
    [
      'the agent outside cannot look',
      [['pub', open, {}], ['net', closed, blind], ...calm],
      'unknown',
      ['internet', 'permission'],
    ],
    [
      'seen long ago',
      [['pub', open, { observedAt: ago(91) }], ['net', closed, down], ...calm],
      'unknown',
      ['public', 'stale'],
    ],
  ])('%s', (_, seen, result, why) => {
    const segmentation = segmentationOf(seen)
    expect(segmentation).toMatchObject({
      target: { id: 'n' },
      kind: 'tcp',
      endpoint: '192.0.2.1:443',
      result,
    })
    const { vantage, reason } = segmentation?.decisive ?? {}
    expect([vantage, reason].filter((part) => part !== undefined)).toEqual(why)
    expect(segmentation?.sides.map(({ expect: expected, vantage: from }) => [expected, from])).toEqual([
      ['reachable', 'public'],
      ['unreachable', 'internet'],
    ])
  })

  test('a silent agent outside: unknown', () => {
    const seen: readonly Seen[] = [['pub', open, {}], ['net', closed, down], ...calm]
    expect(segmentationOf(seen, ['net'])).toMatchObject({
      result: 'unknown',
      decisive: { vantage: 'internet', reason: 'agent-silent' },
    })
  })

  test('whatever is seen: it holds only where its outer side is silent and its control is not', () => {
    const answers = [{}, wrong, down, blind] as const
    for (const inner of answers)
      for (const outer of answers)
        for (const control of answers) {
          const segmentation = segmentationOf([
            ['pub', open, inner],
            ['net', closed, outer],
            ['pub', inside, {}],
            ['net', outside, control, ago(700)],
          ])
          const isProven = control !== down && control !== blind && control !== wrong
          const holds = (inner === answers[0] || inner === wrong) && outer === down && isProven
          expect(segmentation?.result === 'holds').toBe(holds)
          expect(segmentation?.result === 'violated').toBe(outer === answers[0] || outer === wrong)
        }
  })
})

describe('behind a dead uplink', () => {
  const homed = { node: [node('top'), node('n', { uplinks: line('top') }), node('in'), node('out')] }
  const uplink = job('n/u1', { vantage: 'public' })
  const cut: readonly Seen[] = [['pub', uplink, down], ['pub', open, down], ['net', closed, down], ...calm]

  test('silence proves nothing on either side', () => {
    const [segmentation] = judged([...both, uplink], cut, [], homed).segmentations
    expect(segmentation).toMatchObject({ result: 'unknown', decisive: { reason: 'upstream' } })
    expect(segmentation?.sides.map(({ result }) => result)).toEqual(['unknown', 'unknown'])
  })
})

describe('which looks are two sides of one assertion', () => {
  const keysOf = (...jobs: readonly Job[]): readonly string[] =>
    judged(jobs, []).segmentations.map(
      ({ kind, endpoint, sides }) => `${kind} ${endpoint} ${sides.map(({ vantage }) => vantage).join(' ')}`,
    )

  test.each<[string, readonly Job[], readonly string[]]>([
    ['opposite expectations from two vantages', [open, closed], ['tcp 192.0.2.1:443 public internet']],
    ['one side only', [closed], []],
    ['the same expectation', [open, tcp('n', { vantage: 'internet' })], []],
    ['another port', [open, tcp('n', { vantage: 'internet', expect: 'unreachable' }, 80)], []],
    ['another target', [open, tcp('in', { vantage: 'internet', expect: 'unreachable' })], []],
    ['another kind', [tcp('n', { kind: 'tls' }), closed], []],
    ['the same vantage', [tcp('n', { id: 'x', expect: 'unreachable' }), open], []],
    [
      'three areas',
      [open, closed, tcp('n', { vantage: 'private', expect: 'unreachable' })],
      ['tcp 192.0.2.1:443 public internet private'],
    ],
  ])('%s', (_, jobs, expected) => {
    expect(keysOf(...jobs)).toEqual(expected)
  })

  test.each([
    [{ address: '192.0.2.1' }, '192.0.2.1'],
    [{ address: '192.0.2.1', port: 22 }, '192.0.2.1:22'],
    [{ address: '2001:db8::1', port: 22 }, '[2001:db8::1]:22'],
    [{ address: '2001:db8::1' }, '2001:db8::1'],
    [{ address: 'a.gov.cn', scheme: 'https', path: '/x' }, 'a.gov.cn:443'],
    [{ address: 'a.gov.cn', scheme: 'http', port: 8080 }, 'a.gov.cn:8080'],
  ])('%j is at %s', (spec, endpoint) => {
    expect(endpointOf(job('n', { spec }))).toBe(endpoint)
  })

  test('of several looks at one endpoint the one that answers counts', () => {
    const page = tcp('n', { id: 'n/tcp/other@public', vantage: 'public' })
    const seen: readonly Seen[] = [['pub', open, down], ['pub', page, {}], ['net', closed, down], ...calm]
    expect(judged([...both, page], seen).segmentations).toMatchObject([{ result: 'holds' }])
  })
})

describe('since', () => {
  test.each<[string, readonly Seen[], number]>([
    [
      'holds since the last side does',
      [['pub', open, {}, ago(50)], ['net', closed, down, ago(400)], ...calm],
      ago(50),
    ],
    [
      'violated since the side is',
      [['pub', open, {}, ago(50)], ['net', closed, {}, ago(30)], ...calm],
      ago(30),
    ],
    [
      'unknown since the control is silent',
      [
        ['pub', open, {}],
        ['net', closed, down],
        ['net', outside, down, ago(20)],
      ],
      ago(20),
    ],
  ])('%s', (_, seen, since) => {
    expect(segmentationOf(seen)?.since).toBe(since)
  })
})

describe('is told', () => {
  const holding: readonly Seen[] = [['pub', open, {}], ['net', closed, down], ...calm]
  const violated: readonly Seen[] = [['pub', open, {}], ['net', closed, {}], ...calm]
  const unknown: readonly Seen[] = [
    ['pub', open, {}],
    ['net', closed, down],
  ]
  const lines = (seen: readonly Seen[]): readonly string[] =>
    [...judged(both, seen).metrics()]
      .map(String)
      .join('')
      .split('\n')
      .filter((each) => each.startsWith('yiwang_segmentation'))
      .map((each) => each.replace(/\{.*\}/u, ''))

  test('in the status: how many hold, and those that do not', () => {
    expect(judged(both, holding).report).toEqual({
      total: 1,
      holds: 1,
      violated: { count: 0, items: [] },
      unknown: { count: 0, items: [] },
    })
    expect(judged(both, violated).report).toMatchObject({
      total: 1,
      holds: 0,
      violated: {
        count: 1,
        items: [
          {
            target: 'n',
            result: 'violated',
            vantage: 'internet',
            reason: 'assertion',
            since: new Date(ago(600)).toISOString(),
            sides: [
              { vantage: 'public', result: 'holds', agent: 'pub' },
              { vantage: 'internet', result: 'violated', agent: 'net', detail: 'answers from internet' },
            ],
          },
        ],
      },
    })
    expect(judged(both, unknown).report).toMatchObject({ holds: 0, unknown: { items: [{ target: 'n' }] } })
  })

  test.each([
    [holding, ['yiwang_segmentation_holds 1', 'yiwang_segmentation_unknown 0']],
    [violated, ['yiwang_segmentation_holds 0', 'yiwang_segmentation_unknown 0']],
    [unknown, ['yiwang_segmentation_unknown 1']],
  ])('in the metrics', (seen, expected) => {
    expect(lines(seen)).toEqual(expected)
  })
})
