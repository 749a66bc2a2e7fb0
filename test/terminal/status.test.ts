import { expect, test } from 'vitest'
import type { StateCounts, StatusItem, StatusReport } from '../../src/collector/status.ts'
import { standingText, statusText } from '../../src/terminal/status.ts'

const counts = (given: Partial<StateCounts> = {}): StateCounts => ({
  total: 0,
  up: 0,
  down: 0,
  unreachable: 0,
  unknown: 0,
  unprobed: 0,
  ...given,
})

const at = '2026-11-23T08:00:00.000Z'
const minutesAgo = (minutes: number): string => new Date(Date.parse(at) - minutes * 60_000).toISOString()

const item = (given: Partial<StatusItem> & Pick<StatusItem, 'target'>): StatusItem => ({
  name: '杞县汇聚节点',
  class: 'node',
  level: 'county',
  region: '410221',
  state: 'down',
  answers: false,
  ...given,
})

const nothing = { count: 0, items: [] } as const

const report = (given: Partial<StatusReport> = {}): StatusReport => ({
  at,
  version: '0.1.0',
  inventoryRevision: 7,
  planRevision: 7,
  planDigest: '0'.repeat(64),
  jobs: 12,
  problems: [],
  coverage: {
    all: counts({ total: 3, up: 2, down: 1 }),
    byLevel: [{ level: 'county', ...counts({ total: 3, up: 2, down: 1 }) }],
    byCounty: [{ county: '410221', name: '杞县', ...counts({ total: 4, up: 2, down: 1, unprobed: 1 }) }],
    leftOut: 0,
  },
  systems: counts(),
  devices: counts(),
  uplinks: counts(),
  outages: nothing,
  down: nothing,
  unknown: nothing,
  segmentations: { total: 0, holds: 0, violated: nothing, unknown: nothing },
  redundancyLost: nothing,
  agents: [],
  history: { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 },
  ...given,
})

test('coverage: of what is probed, how much is up', () => {
  const text = standingText(report())
  expect(text).toContain('yiwang 0.1.0 at 2026-11-23T08:00:00Z, inventory revision 7, 12 jobs')
  expect(text).toMatch(/^410221 杞县 +4 +2 +1 +0 +0 +1 +66\.7 %$/mu)
  expect(text).not.toContain('OTHER')
})

test('a share of nothing is no number', () => {
  const byLevel = [{ level: 'city', ...counts({ total: 1, unprobed: 1 }) }] as const
  const text = standingText(report({ coverage: { ...report().coverage, byLevel } }))
  expect(text).toMatch(/^city +1 +0 +0 +0 +0 +1 +–$/mu)
})

test('what is down: why, since when, what lies behind it', () => {
  const qixian = item({ target: 'n-410221', kind: 'icmp', reason: 'timeout', since: minutesAgo(90) })
  const portal = item({ target: 's-1', kind: 'tls', reason: 'tls', detail: 'expired', since: minutesAgo(1) })
  const outage = { ...qixian, otherCauses: [], behind: { count: 14, targets: [] } }
  const text = standingText(
    report({
      down: { count: 2, items: [qixian, portal] },
      outages: { count: 1, items: [outage] },
    }),
  )
  expect(text).toContain('down: 2, outages: 1')
  expect(text).toMatch(/^n-410221 +杞县汇聚节点 +icmp: timeout +90 min +14$/mu)
  expect(text).toMatch(/^s-1 +杞县汇聚节点 +tls: tls +60 s +expired$/mu)
})

test('the column of what lies behind is there only where something does', () => {
  const down = { count: 1, items: [item({ target: 'n-1', kind: 'tcp', reason: 'refused' })] }
  expect(standingText(report({ down }))).not.toContain('BEHIND')
})

test('what keeps the collector from its work comes first', () => {
  const text = standingText(report({ problems: [{ with: 'plan', message: 'node/n-1: no\u001b such kind' }] }))
  expect(text.split('\n\n')[1]).toBe(
    '! the collector has trouble with its plan: node/n-1: no  such kind\n  the plan before stays in force',
  )
})

test('twenty lines are enough; the rest is counted', () => {
  const items = Array.from({ length: 23 }, (_, index) => item({ target: `n-${index}`, state: 'unknown' }))
  const text = standingText(report({ unknown: { count: 230, items } }))
  expect(text).toContain('unknown: 230')
  expect(text).toContain('… and 210 more: --json has them')
})

test('lost redundancy names the dead lines', () => {
  const items = [{ ...item({ target: 'n-1', state: 'up' }), deadUplinks: ['n-1/up2'] }]
  const text = standingText(report({ redundancyLost: { count: 1, items } }))
  expect(text).toMatch(/^n-1 +杞县汇聚节点 +n-1\/up2$/mu)
})

test('segmentations: how many hold, then each that does not, and why', () => {
  const base = { name: '数据库', class: 'system', level: 'city', region: '410200', kind: 'tcp' } as const
  const violated = {
    ...base,
    target: 's-1',
    endpoint: '192.0.2.1:3306',
    result: 'violated',
    vantage: 'internet',
    reason: 'assertion',
    since: minutesAgo(90),
    sides: [],
  } as const
  const unknown = {
    ...violated,
    target: 's-2',
    result: 'unknown',
    reason: 'no-control',
    detail: 'its control n-1 does not answer',
  } as const
  const text = standingText(
    report({
      segmentations: {
        total: 7,
        holds: 5,
        violated: { count: 1, items: [violated] },
        unknown: { count: 1, items: [unknown] },
      },
    }),
  )
  expect(text).toContain('segmentation: 5 of 7 hold, 1 violated, 1 unknown')
  expect(text).toMatch(/^s-1 +数据库 +tcp 192\.0\.2\.1:3306 +VIOLATED +answers from internet +90 min$/mu)
  expect(text).toMatch(
    /^s-2 +数据库 .* unknown +internet: no-control +90 min +its control n-1 does not answer$/mu,
  )
  expect(standingText(report())).not.toContain('segmentation')
})

test('agents: silent ones stand out, and a clock is never minus zero', () => {
  const text = statusText(
    report({
      agents: [
        {
          agent: 'city',
          vantage: 'public',
          state: 'active',
          silent: false,
          heartbeatAgeSeconds: 3.4,
          clockSkewSeconds: -0.01,
          spoolDepth: 0,
        },
        { agent: 'lankao', vantage: 'public', state: 'active', silent: true },
        { agent: 'weishi', vantage: 'public', state: 'revoked', silent: true },
      ],
    }),
  )
  expect(text).toMatch(/^city +public +active +3 s +0\.0 s +0$/mu)
  expect(text).toMatch(/^lankao +public +SILENT$/mu)
  expect(text).toMatch(/^weishi +public +revoked$/mu)
})
