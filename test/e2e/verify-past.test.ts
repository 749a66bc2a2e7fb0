import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { openHistory } from '../../src/collector/history.ts'
import { loadConfig } from '../../src/config/index.ts'
import { addDays, dayIn, startOfDay } from '../../src/core/day.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { historyFile } from '../../src/service/host-evidence.ts'
import { put } from '../verify/scene.ts'
import { type DataFolder, emptyFolder } from './data-folder.ts'

/** A verdict that needs what an answer said: where the system is, by the address that its name led to. */

const zone = 'Asia/Shanghai'
const today = dayIn(zone, Date.now())
const midnight = startOfDay(zone, today)
const hourMs = 3_600_000

const records: readonly Operation[] = [
  put('region', { id: '410200', name: '开封市', level: 'city' }),
  put('network', { id: 'extranet', name: '外网', cidr: '10.20.0.0/16', area: 'public' }),
  put('system', {
    id: 's',
    name: '办公',
    region: '410200',
    kind: 'application',
    endpoints: ['http://oa.example/'],
  }),
  put('claim', {
    id: 'c',
    subjectKind: 'system',
    subject: 's',
    kind: 'connected',
    at: new Date(midnight - 90 * 24 * hourMs).toISOString(),
    by: '李',
  }),
]

/** The address that the name led to, from the oldest look on; the newest look is of this day. */
const moves: readonly (readonly [at: number, remoteAddress: string])[] = [
  [midnight - 27 * hourMs, '10.20.0.5'],
  [midnight - 24 * hourMs - 60_000, '10.20.0.5'],
  [midnight - 24 * hourMs + 60_000, '203.0.113.5'],
  [midnight - 60_000, '203.0.113.5'],
  [midnight, '10.20.0.7'],
]

const plant = async (folder: DataFolder): Promise<void> => {
  const config = loadConfig({ env: {}, dataFolder: folder.path })
  await using store = await openInventory(path.join(folder.path, 'inventory'), {
    clock: Date.now,
    create: true,
  })
  await store.change({ actor: 'test', reason: '模拟', operations: () => records })
  const { jobs } = compilePlan(await store.read(), planSettings(config.probing))
  const job = jobs.find(({ target, kind }) => target === 's' && kind === 'http')!
  await using history = openHistory(historyFile(folder.path))
  const rows = moves.map(([observedAt, remoteAddress], index) => ({
    sequence: index + 1,
    observation: {
      ...{ job: job.id, target: job.target, kind: job.kind, vantage: job.vantage, planRevision: 1 },
      ...{ status: 'up' as const, observedAt, seconds: 0.01, facts: { remoteAddress, bytes: 512 } },
    },
  }))
  const range = { first: 1, last: rows.length }
  await history.append({ agent: 'a', stream: randomUUID(), ...range, rows, receivedAt: midnight })
  // Long after: no single look is left.
  while ((await history.prune({ results: midnight + 24 * hourMs, rollups: 0 })) > 0);
}

test('as of the end of a day a verdict is what it was then, long after newer looks have come', async () => {
  await using folder = await emptyFolder()
  await writeFile(folder.file('yiwang.yaml'), 'probing: { http: { intervalSeconds: 60 } }\n')
  await plant(folder)
  const verdictAt = async (asOf: string) => {
    const { stdout } = await folder.run('verify', '--json', '--as-of', asOf)
    const { claims } = JSON.parse(stdout) as { claims: { verdict: string; because: string }[] }
    return [claims[0]?.verdict, /10\.20\.0\.5|203\.0\.113\.5/u.exec(claims[0]?.because ?? '')?.[0]]
  }
  expect(await verdictAt(addDays(today, -2))).toEqual(['consistent', undefined])
  expect(await verdictAt(addDays(today, -1))).toEqual(['contradicted', '203.0.113.5'])
  // A bulletin's cut-off is the last whole second.
  expect(await verdictAt(new Date(midnight - 1000).toISOString())).toEqual(['contradicted', '203.0.113.5'])
  // Within a day the history has nothing left of what was said.
  expect(await verdictAt(new Date(midnight - hourMs).toISOString())).toEqual(['unverifiable', undefined])
})
