import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Operation } from '../../inventory/store.ts'
import { createCollector } from '../../src/collector/collector.ts'
import { openHistory } from '../../src/collector/history.ts'
import { loadConfig } from '../../src/config/index.ts'
import { ledger as metrics } from '../../src/metrics/ledger.ts'
import { exposition } from '../../src/metrics/exposition.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { historyFile } from '../../src/service/host-evidence.ts'
import type { KeptFigures } from '../../src/service/kept-figures.ts'
import { createLedgerFigures } from '../../src/service/ledger-figures.ts'
import { recordVerified } from '../../src/service/verdict-log.ts'
import { collectorOptions, memoryStore, temporaryFolder } from '../collector/support.ts'
import { inventoryOf } from '../inventory/exchange-support.ts'
import { writeHistory } from '../migration/history.ts'
import { claimOf, put } from '../verify/scene.ts'

const noon = Date.parse('2026-06-09T00:30:00+08:00')
const dayMs = 86_400_000

const node = (id: string, address: string): Operation =>
  put('node', { id, name: id, region: '410202', level: 'county', kind: 'access', addresses: [address] })

const claimed = (subject: string, kind: Parameters<typeof claimOf>[1], more = {}): Operation =>
  claimOf(subject, kind, { at: '2026-06-01T00:00:00Z', ...more })

const records: readonly Operation[] = [
  node('n-1', '10.0.0.1'),
  node('n-2', '10.0.0.2'),
  put('system', { id: 's-1', name: '办公', region: '410202', kind: 'application' }),
  put('migration', {
    id: 's-1',
    state: 'accepted',
    stateSince: '2026-06-02',
    oldEndpoints: ['http://127.0.0.1:8081/'],
  }),
  put('roster', {
    ...{ id: 'nodes-1', series: 'nodes', version: 1, of: 'nodes', name: '节点', source: '普查' },
    ...{ effectiveOn: '2026-01-01', members: ['n-1', 'n-2', 'n-3', 'n-4'] },
  }),
  put('goal', {
    ...{ id: 'g-1', plan: 'p', name: '全部接入', due: '2026-12-31', denominator: '节点数' },
    ...{ roster: 'nodes', tasks: ['t-1'], verification: 'probe' },
  }),
  put('task', { id: 't-1', plan: 'p', name: '接入', lead: ['u-1', 'u-2'], verification: 'probe' }),
  put('task', { id: 't-2', plan: 'p', name: '其他', verification: 'inventory' }),
  put('milestone', { id: 'm-1', task: 't-1', date: '2026-06-08' }),
  put('milestone', { id: 'm-2', task: 't-1', date: '2026-12-31' }),
  claimed('node:n-1', 'connected'),
  claimed('node:n-2', 'connected', { answers: [{ at: '2026-06-02T00:00:00Z', by: '李', text: '在修' }] }),
  claimed('system:s-1', 'old-silent'),
  claimed('system:s-1', 'online'),
]

const site = async () => {
  const folder = temporaryFolder()
  const week = ['2026-06-02', '2026-06-08'] as const
  await writeHistory(folder.path, [
    { job: 'n-1/icmp@public', days: week, status: 'up' },
    { job: 'n-2/icmp@public', days: week, status: 'down', cause: 'timeout' },
    { job: 's-1/old/tcp/127.0.0.1:8081@public', days: week, status: 'down', cause: 'refused' },
  ])
  const loaded = loadConfig({ env: {}, dataFolder: folder.path })
  const hourly = { intervalSeconds: 3600 }
  const config = {
    ...loaded,
    probing: { ...loaded.probing, icmp: { ...loaded.probing.icmp, ...hourly }, tcp: hourly },
  } as typeof loaded
  const history = openHistory(historyFile(folder.path))
  const clock = { now: noon }
  const store = memoryStore(inventoryOf(records))
  const figures = createLedgerFigures({ config, history, clock: () => clock.now, log: () => undefined })
  const collector = await createCollector({
    ...collectorOptions({}, history),
    inventory: store,
    compile: (inventory) => compilePlan(inventory, planSettings(config.probing)),
    clock: () => clock.now,
    beside: figures.families,
  })
  collector.admit({ id: 'a', vantage: 'public', regions: [] })
  collector.hear('a')
  return {
    ...{ folder, config, clock, figures, collector },
    [Symbol.asyncDispose]: async () => {
      figures[Symbol.dispose]()
      await collector[Symbol.asyncDispose]()
      await history[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const linesOf = ({ families }: KeptFigures): readonly string[] =>
  [...exposition(families(), 'text')]
    .map((piece) => (typeof piece === 'string' ? piece : piece.bytes.toString('latin1')))
    .join('')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

test('goals, tasks, milestones, claims and contradictions, as they stand now', async () => {
  await using own = await site()
  const { figures, collector, clock, folder } = own
  expect(figures.families()).toEqual([])
  await figures.refresh(collector)
  expect(figures.families().map(({ definition }) => definition)).toEqual(Object.values(metrics))
  const lines = linesOf(figures)
  expect(lines).toEqual(
    expect.arrayContaining([
      'yiwang_ledger_goal_members{goal="g-1"} 4',
      'yiwang_ledger_goal_claimed_ratio{goal="g-1"} 0.5',
      'yiwang_ledger_goal_verified_ratio{goal="g-1"} 0.25',
      'yiwang_ledger_goal_gap{goal="g-1",why="contradicted"} 1',
      'yiwang_ledger_goal_gap{goal="g-1",why="stale"} 0',
      'yiwang_ledger_goal_gap{goal="g-1",why="unverifiable"} 0',
      'yiwang_ledger_tasks{unit="u-1",state="overdue"} 1',
      'yiwang_ledger_tasks{unit="u-1",state="claimed"} 0',
      'yiwang_ledger_tasks{state="not_started"} 1',
      'yiwang_ledger_milestones{light="red",state="overdue"} 1',
      'yiwang_ledger_milestones{light="green",state="not_started"} 1',
      'yiwang_ledger_claims{kind="connected",verdict="consistent"} 1',
      'yiwang_ledger_claims{kind="connected",verdict="contradicted"} 1',
      'yiwang_ledger_claims{kind="old-silent",verdict="consistent"} 1',
      'yiwang_ledger_claims{kind="online",verdict="unverifiable"} 1',
      'yiwang_ledger_contradictions{answered="yes",age="1d"} 1',
      'yiwang_ledger_contradictions{answered="no",age="older"} 0',
      'yiwang_ledger_oldest_contradiction_seconds 0',
      `yiwang_ledger_verification_timestamp_seconds ${noon / 1000}`,
    ]),
  )
  expect(lines.filter((line) => line.includes('unit="u-2"'))).toEqual([])
  using scrape = await collector.scrape()
  expect(scrape.families).toEqual(expect.arrayContaining([...figures.families()]))

  // Nothing was recorded: it is as old as this process knows.
  clock.now = noon + 60_000
  await figures.refresh(collector)
  expect(linesOf(figures)).toContain('yiwang_ledger_oldest_contradiction_seconds 60')
  const claim = inventoryOf(records).claim.get('c-node-n-2-connected')
  if (claim === undefined) throw new Error('the claim is on record')
  const found = { because: '无应答', parts: [], documents: [], answers: claim.answers }
  await recordVerified(folder.path, [{ claim, name: 'n-2', verdict: 'contradicted', ...found }], {
    now: clock.now - 10 * dayMs,
    revision: 1,
  })
  await figures.refresh(collector)
  expect(linesOf(figures)).toContain('yiwang_ledger_contradictions{answered="yes",age="30d"} 1')
  expect(linesOf(figures)).toContain(`yiwang_ledger_oldest_contradiction_seconds ${(10 * dayMs) / 1000}`)
})

test('the day, the agents and the calendar are those of now', async () => {
  await using own = await site()
  const { figures, collector, clock } = own
  clock.now = noon - dayMs
  await figures.refresh(collector)
  expect(linesOf(figures)).toContain('yiwang_ledger_milestones{light="red",state="overdue"} 0')
  clock.now = noon + dayMs
  await figures.refresh(collector)
  const silent = linesOf(figures)
  expect(silent).toContain('yiwang_ledger_milestones{light="red",state="overdue"} 1')
  expect(silent).toContain('yiwang_ledger_goal_gap{goal="g-1",why="contradicted"} 0')
  expect(silent).toContain('yiwang_ledger_goal_gap{goal="g-1",why="unverifiable"} 2')
})

test('a calendar that cannot be read rejects, and the figures stay as they were', async () => {
  await using own = await site()
  const { figures, collector, folder, config, clock } = own
  const calendarFile = path.join(folder.path, 'calendar.yaml')
  using wrong = createLedgerFigures({
    config: { ...config, ledger: { ...config.ledger, calendarFile } },
    history: { sightings: () => new Map() },
    clock: () => clock.now,
    log: () => undefined,
  })
  await expect(wrong.refresh(collector)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  writeFileSync(calendarFile, 'years: []\n')
  await wrong.refresh(collector)
  expect(wrong.families()).not.toEqual([])
  await figures.refresh(collector)
})
