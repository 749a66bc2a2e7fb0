import path from 'node:path'
import { expect, test } from 'vitest'
import type { Transition } from '../../src/security/book.ts'
import type { Finding } from '../../src/security/events.ts'
import { recordFindings, takeSteps } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { readSecurityRecords } from '../../src/service/security-records.ts'
import { put } from '../inventory/store-fixtures.ts'
import { at } from '../ledger/plan.ts'
import { temporaryFolder } from '../support/cli.ts'
import { paragraphs, reportOf, tableOf } from './report-of.ts'

const clocks = { now: at('2018-07-01T23:59:59+08:00'), before: at('2018-06-24T23:59:59+08:00') }
const looked = [{ target: 'n-1', up: 1, down: 0, unknown: 0 }]

const finding = (target: string, day: string, more: Partial<Finding> = {}): Finding => ({
  ...{ id: `system.down@${target}`, rule: 'system.down', title: '信息系统无法访问', severity: 'high' },
  ...{ category: 'failure', target, targetName: target, saw: '拒绝', why: '', remedy: '', clauses: [] },
  ...{ firstSeenAt: at(day), openedAt: at(day), flapping: false },
  ...more,
})

/** s-1 fails in week 25 and is over in week 26, s-2 fails in week 26, s-3 after it; somebody takes on s-2 in week 27. */
const planted = (dataFolder: string) => {
  using ledger = openLedger(path.join(dataFolder, 'security', 'ledger.sqlite'))
  const ground = { roster: { tiers: [] }, reopenMs: 0, timezone: 'Asia/Shanghai' } as const
  const record = (transition: Transition): void => {
    recordFindings(ledger, [transition], { ...ground, now: transition.at })
  }
  const open = (each: Finding): void => {
    record({ change: 'opened', at: each.openedAt, finding: each, cause: { keys: [each.id], behind: [] } })
  }
  const first = finding('s-1', '2018-06-20')
  open(first)
  const over = at('2018-06-26')
  record({ change: 'closed', at: over, finding: { ...first, closedAt: over } })
  open(finding('s-2', '2018-06-28', { severity: 'critical' }))
  open(finding('s-3', '2018-07-03'))
  const taken = ledger.incidents('live').find(({ targets }) => targets.includes('s-2'))
  takeSteps(ledger, taken?.id ?? '', [{ do: 'ack' }], { at: at('2018-07-03'), by: '王' })
}

test('findings and incidents as they stood at the cut-off, whatever happened since', async () => {
  await using folder = await temporaryFolder()
  planted(folder.path)
  const security = readSecurityRecords(folder.path, clocks)
  const report = reportOf([], { looks: looked, ...(security && { security }) })
  expect(tableOf(report, '安全发现')?.rows.at(-1)).toEqual(['合计', 1, 0, 1, 1])
  const incidents = tableOf(report, '未归档的安全事件')?.rows
  expect(incidents?.map(([title, severity, state]) => [title, severity, state])).toEqual([
    [expect.stringContaining('s-2'), '严重', '无人响应'],
    [expect.stringContaining('s-1'), '高', '已恢复，无人响应'],
  ])
  expect(paragraphs(report)).toContain('网络安全：截止时未消除的安全发现 1 项，其中严重和高 1 项')
})

test('what was merged into another is not counted as new beside it', async () => {
  await using folder = await temporaryFolder()
  planted(folder.path)
  const { incidents, ...security } = readSecurityRecords(folder.path, clocks)!
  const merged = { ...incidents[1]!, id: 'merged', state: 'archived', mergedInto: incidents[1]!.id } as const
  const report = reportOf([], { looks: looked, security: { ...security, incidents: [...incidents, merged] } })
  expect(paragraphs(report)).toContain('本期新发生 1 起')
})

test('no ledger, an empty one, one that begins later: no data, never zero', async () => {
  await using folder = await temporaryFolder()
  expect(readSecurityRecords(folder.path, clocks)).toBeUndefined()
  expect(paragraphs(reportOf([]))).toContain('网络安全：没有数据，没有安全台账')
  openLedger(path.join(folder.path, 'security', 'ledger.sqlite'))[Symbol.dispose]()
  const empty = readSecurityRecords(folder.path, clocks)
  expect(paragraphs(reportOf([], empty && { security: empty }))).toContain('安全台账中没有任何记录')
  planted(folder.path)
  const early = { now: at('2018-06-10'), before: at('2018-06-03') }
  const later = readSecurityRecords(folder.path, early)
  const report = reportOf([], later && { security: { ...later, oldestAt: at('2018-07-03') } })
  expect(paragraphs(report)).toContain('没有数据，安全台账自 2018-07-03 起才有记录')
  expect(tableOf(report, '安全发现')).toBeUndefined()
})

test('where nothing was looked at, that nothing new was found is not counted', async () => {
  await using folder = await temporaryFolder()
  planted(folder.path)
  const security = readSecurityRecords(folder.path, clocks)
  const report = reportOf([], security && { security })
  expect(tableOf(report, '安全发现')?.rows.at(-1)).toEqual(['合计', 1, 0, undefined, undefined])
  expect(paragraphs(report)).toContain('本期没有探测数据，安全监测没有依据')
})

test('recorded results against evidence: counts, and contradictions by name', () => {
  const assessment = put('assessment', { id: 'net', name: '外网测评', object: 'extranet', level: 3 })
  const result = { assessment: 'net', asset: 'net.fw', assetName: '边界防火墙', claimed: 'conforms' } as const
  const counts = { supporting: 0, contradicting: 1 }
  const report = reportOf([assessment], {
    results: [
      { ...result, ...counts, item: 'L3-CES1-01', check: 'contradicted' },
      { ...result, ...counts, item: 'L3-CES1-02', check: 'unverifiable' },
    ],
  })
  expect(tableOf(report, '测评记录与证据核对')?.rows).toEqual([['外网测评', 2, 0, 1, 0, 1]])
  expect(tableOf(report, '与证据矛盾的测评记录')?.rows[0]?.slice(1, 4)).toEqual([
    '边界防火墙',
    expect.stringMatching(/^L3-CES1-01 ./u),
    '符合',
  ])
  expect(paragraphs(report)).toContain('已记录结果 2 项，与证据核对：相符 0 项、矛盾 1 项')
  expect(paragraphs(reportOf([]))).toContain('等级保护：没有数据，没有登记的等级测评')
})
