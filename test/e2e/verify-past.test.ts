import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

/** What needs what an answer said: where a system is, by the address that its name led to, and how its page came. */

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
  put('assessment', { id: 'oa', name: '办公系统测评', object: 'system', system: 's', level: 3 }),
  put('asset', {
    id: 'oa.app',
    assessment: 'oa',
    name: '办公应用',
    kind: 'application',
    target: 's',
    results: { 'L3-CES1-27': { result: 'conforms' } },
  }),
]

const pageAt = (scheme: 'http' | 'https') => ({
  url: `${scheme}://oa.example/`,
  status: 200,
  title: '统一身份认证登录',
  cookies: [],
})

/** The address that the name led to and how the page came, from the oldest look on; the newest look is of this day. */
const moves: readonly (readonly [at: number, remoteAddress: string, scheme: 'http' | 'https'])[] = [
  [midnight - 27 * hourMs, '10.20.0.5', 'https'],
  [midnight - 24 * hourMs - 60_000, '10.20.0.5', 'http'],
  [midnight - 24 * hourMs + 60_000, '203.0.113.5', 'http'],
  [midnight - 60_000, '203.0.113.5', 'https'],
  [midnight, '10.20.0.7', 'http'],
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
  const rows = moves.map(([observedAt, remoteAddress, scheme], index) => ({
    sequence: index + 1,
    observation: {
      ...{ job: job.id, target: job.target, kind: job.kind, vantage: job.vantage, planRevision: 1 },
      ...{
        status: 'up' as const,
        observedAt,
        seconds: 0.01,
        facts: { remoteAddress, bytes: 512, ...pageAt(scheme) },
      },
    },
  }))
  const range = { first: 1, last: rows.length }
  await history.append({ agent: 'a', stream: randomUUID(), ...range, rows, receivedAt: midnight })
  // Long after: no single look is left.
  while ((await history.prune({ results: midnight + 24 * hourMs, rollups: 0 })) > 0);
}

let folder: DataFolder
beforeAll(async () => {
  folder = await emptyFolder()
  await writeFile(folder.file('yiwang.yaml'), 'probing: { http: { intervalSeconds: 60 } }\n')
  await plant(folder)
})
afterAll(async () => folder[Symbol.asyncDispose]())

const twoDaysAgo = addDays(today, -2)
const yesterday = addDays(today, -1)
/** A bulletin's cut-off is the last whole second. */
const cutoff = new Date(midnight - 1000).toISOString()
/** Within a day the history has nothing left of what was said. */
const within = new Date(midnight - hourMs).toISOString()

test.each([
  [twoDaysAgo, 'consistent', undefined],
  [yesterday, 'contradicted', '203.0.113.5'],
  [cutoff, 'contradicted', '203.0.113.5'],
  [within, 'unverifiable', undefined],
])('as of %s a verdict is what it was then: %s', async (asOf, verdict, address) => {
  const { stdout } = await folder.run('verify', '--json', '--as-of', asOf)
  const { claims } = JSON.parse(stdout) as { claims: { verdict: string; because: string }[] }
  expect(claims[0]?.verdict).toBe(verdict)
  expect(/10\.20\.0\.5|203\.0\.113\.5/u.exec(claims[0]?.because ?? '')?.[0]).toBe(address)
})

const lost = '当时所见不全：1 项探测没有当时的记录；所涉测评记录按无法验证计'

test.each([
  [twoDaysAgo, 'contradicted', undefined],
  [yesterday, 'consistent', undefined],
  [cutoff, 'consistent', undefined],
  [within, 'unverifiable', lost],
])('as of %s a recorded result is held against what was seen by then: %s', async (asOf, check, note) => {
  const { stdout, stderr } = await folder.run('mlps', 'contradictions', '--as-of', asOf, '--json')
  const { counts } = JSON.parse(stdout) as { counts: Record<string, number> }
  expect(counts).toEqual({ consistent: 0, contradicted: 0, stale: 0, unverifiable: 0, [check]: 1 })
  const concluded = await folder.run('mlps', 'conclude', 'oa', '--as-of', asOf)
  expect(concluded.stdout).toContain(check === 'contradicted' ? '其中 1 项与证据矛盾' : '未见矛盾')
  expect(`${stderr}${concluded.stderr}`.includes(lost)).toBe(note !== undefined)
})

test.each([
  [twoDaysAgo, '相符 0 项、矛盾 1 项、证据过期 0 项、无法验证 0 项'],
  [yesterday, '相符 1 项、矛盾 0 项、证据过期 0 项、无法验证 0 项'],
])('a report up to %s says so: %s', async (day, counts) => {
  const { stdout } = await folder.run(
    ...['report', 'span', '--since', day, '--until', day, '--organ', '市行政服务中心'],
  )
  expect(stdout).toContain(`已记录结果 1 项，与证据核对：${counts}`)
  expect(stdout).not.toContain('当时所见不全')
})

test('a report of an instant of which nothing is kept says that', async () => {
  const { stdout } = await folder.run(
    ...['report', 'span', '--since', yesterday, '--until', yesterday, '--as-of', within],
    ...['--organ', '市行政服务中心'],
  )
  expect(stdout).toContain('矛盾 0 项、证据过期 0 项、无法验证 1 项')
  expect(stdout).toContain(`${lost}。`)
})
