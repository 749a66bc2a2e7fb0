import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Case } from '../../../src/security/incident.ts'
import { takeSteps } from '../../../src/security/incidents.ts'
import { type Ledger, openLedger } from '../../../src/security/ledger/ledger.ts'
import { liftNotice, type Notice, type NoticeResult, takeNotice } from '../../../src/security/notices.ts'
import { liftingFrom, noticeDocument, noticeFrom } from '../../../src/security/upward/notice.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { siteWith, start } from '../scene.ts'

const document = {
  ...{ version: 1, id: 'HN-2026-0137', issuer: '省平台', title: '某组件远程代码执行漏洞', level: 'orange' },
  ...{ issuedAt: '2026-11-26T16:00:00+08:00', dueAt: '2026-11-29T18:00:00+08:00', category: 'hazard' },
  ...{
    threat: '远程利用\n<script>',
    scope: '全省',
    measures: '升级到修复版本',
    unit: '数据局',
    targets: ['s-1', 'x-9'],
  },
}
const inventory = siteWith({
  unit: [
    { id: 'u-1', name: '数据局', kind: 'department', region: '410202' },
    { id: 'u-2', name: '大厅', kind: 'hall', region: '410202' },
  ],
  system: [{ id: 's-1', name: '办公', region: '410202', kind: 'application', unit: 'u-2' }],
})
const noticeOf = (more: object = {}, fallbackUnit?: string): Notice | undefined => {
  const parsed = noticeDocument.parse({ ...document, ...more })
  return parsed.action === 'lift' ? undefined : noticeFrom(parsed, inventory, { fallbackUnit })
}
const ground = { now: start, by: 'upward', roster: { tiers: [['c-1']] }, timezone: 'Asia/Shanghai' }

const issue = (ledger: Ledger, more: object = {}, now = start): NoticeResult =>
  takeNotice(ledger, noticeOf(more)!, { ...ground, now })

const lift = (ledger: Ledger, revision: number, more: object = {}): NoticeResult => {
  const { version, id, issuer } = document
  const liftedAt = '2026-11-28T16:00:00+08:00'
  const parsed = noticeDocument.parse({
    ...{ version, id, issuer, action: 'lift', revision, liftedAt, reason: '漏洞已修复' },
    ...more,
  })
  if (parsed.action !== 'lift') throw new Error('expected a lifting')
  return liftNotice(ledger, liftingFrom(parsed), ground)
}

describe('a notice from above', () => {
  test.each<[string, object, string | undefined, string | undefined]>([
    ['a unit by name', {}, undefined, 'u-1'],
    ['a unit by id', { unit: 'u-2' }, undefined, 'u-2'],
    ['the unit of a target', { unit: undefined }, undefined, 'u-2'],
    ['who distributes, where it names nobody', { unit: '某厅', targets: [] }, 'u-1', 'u-1'],
    ['nobody', { unit: '某厅', targets: [] }, undefined, undefined],
    ['nobody, where who distributes is not there', { unit: '某厅', targets: [] }, 'u-9', undefined],
  ])('is for %s', (_, more, fallback, unit) => {
    expect(noticeOf(more, fallback)?.unit).toBe(unit)
  })

  test('becomes an incident with a task and its deadline, told to those on duty; once', async () => {
    await using folder = await temporaryFolder()
    using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
    const first = takeNotice(ledger, noticeOf()!, ground)
    expect(first).toMatchObject({
      result: 'taken',
      incident: {
        ...{ id: 'INC-20261126-0001', title: '通报预警：某组件远程代码执行漏洞', state: 'warned' },
        ...{ severity: 'high', category: 'hazard', targets: ['s-1'], units: ['u-1'] },
        tasks: [
          { id: 'T-1', unit: 'u-1', what: '升级到修复版本', dueAt: Date.parse('2026-11-29T10:00:00Z') },
        ],
      },
    })
    const events = ledger.since(0, 10)
    expect(events).toMatchObject([
      {
        change: 'opened',
        by: 'upward',
        notify: ['c-1'],
        note: expect.stringContaining('威胁方式：远程利用 <script>') as string,
      },
      { change: 'tasked', by: 'upward' },
    ])
    expect(takeNotice(ledger, noticeOf()!, ground)).toMatchObject({ result: 'known' })
    expect(takeNotice(ledger, noticeOf({ title: '另一个' })!, ground)).toMatchObject({ result: 'conflict' })
    expect(takeNotice(ledger, noticeOf({ id: 'HN-2' })!, ground)).toMatchObject({
      result: 'taken',
      incident: { id: 'INC-20261126-0002' },
    })
    expect(ledger.head()).toBe(4)
    expect(ledger.verify()).toMatchObject({ intact: true })
  })

  test('changed: the deadline is another, with what it was; the same revision once, an earlier one not at all', async () => {
    await using folder = await temporaryFolder()
    using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
    issue(ledger)
    const later = { revision: 3, dueAt: '2026-12-05T18:00:00+08:00', level: 'red', unit: 'u-2' }
    const task = { id: 'T-1', unit: 'u-2', what: '升级到修复版本', dueAt: Date.parse('2026-12-05T10:00:00Z') }
    expect(issue(ledger, later)).toMatchObject({
      result: 'taken',
      incident: {
        id: 'INC-20261126-0001',
        state: 'warned',
        severity: 'critical',
        units: ['u-2'],
        tasks: [task],
      },
    })
    expect(issue(ledger, later)).toMatchObject({ result: 'known' })
    expect(issue(ledger, { ...later, title: '另一个' })).toMatchObject({ result: 'conflict' })
    expect(issue(ledger, { revision: 2 })).toMatchObject({ result: 'outdated', incident: { tasks: [task] } })
    expect(issue(ledger)).toMatchObject({ result: 'outdated' })
    expect(ledger.since(2, 10)).toMatchObject([
      {
        ...{ change: 'amended', by: 'upward', notify: ['c-1'] },
        note: expect.stringMatching(
          /^第 3 版；期限由 2026-11-29 18:00 改为 2026-12-05 18:00；责任单位由 u-1 改为 u-2；来文：/u,
        ) as string,
      },
    ])
    expect(ledger.verify()).toMatchObject({ intact: true })
  })

  test('lifted: its task is closed with the reason; a later revision brings it back with another task', async () => {
    await using folder = await temporaryFolder()
    using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
    expect(lift(ledger, 2)).toEqual({ result: 'unknown' })
    expect(ledger.head()).toBe(0)
    issue(ledger)
    expect(lift(ledger, 2)).toMatchObject({
      result: 'taken',
      incident: { state: 'handling', resolvedAt: start, tasks: [{ id: 'T-1', doneAt: start }] },
    })
    expect(lift(ledger, 2)).toMatchObject({ result: 'known' })
    expect(lift(ledger, 2, { reason: '别的' })).toMatchObject({ result: 'conflict' })
    expect(ledger.since(2, 10)).toMatchObject([
      { change: 'lifted', note: '第 2 版，解除：漏洞已修复', notify: [] },
    ])
    const again = issue(ledger, { revision: 3 })
    expect(again).toMatchObject({
      result: 'taken',
      incident: {
        state: 'warned',
        reopened: 1,
        tasks: [
          { id: 'T-1', doneAt: start },
          { id: 'T-2', unit: 'u-1' },
        ],
      },
    })
    expect(again).not.toHaveProperty('incident.resolvedAt')
  })

  test.each<[string, (ledger: Ledger) => NoticeResult, object]>([
    ['given again', (ledger) => issue(ledger), { result: 'known', incident: { tasks: [{ id: 'T-1' }] } }],
    [
      'changed',
      (ledger) => issue(ledger, { revision: 2, unit: 'u-2' }),
      {
        result: 'taken',
        incident: { notice: { revision: 2 }, tasks: [{ id: 'T-1', unit: 'u-2', what: '升级到修复版本' }] },
      },
    ],
    ['lifted', (ledger) => lift(ledger, 2), { result: 'taken', incident: { tasks: [{ doneAt: start }] } }],
  ])('from before texts were numbered, %s: it has one task', async (_, then, expected) => {
    await using folder = await temporaryFolder()
    using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
    issue(ledger)
    ledger.change((entry) => {
      const [known] = entry.cases(0)
      entry.putIncident({ ...known!, notice: undefined } as unknown as Case)
    })
    const result = then(ledger)
    expect(result).toMatchObject(expected)
    expect('incident' in result && result.incident.tasks).toHaveLength(1)
  })

  test('lifted while people have tasks of their own: those stay open, and so does it', async () => {
    await using folder = await temporaryFolder()
    using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
    issue(ledger)
    const own = { do: 'task', unit: 'u-2', what: '排查', dueAt: start } as const
    takeSteps(ledger, 'INC-20261126-0001', [own], { at: start, by: '王' })
    const lifted = lift(ledger, 2)
    expect(lifted).toMatchObject({
      incident: { state: 'handling', tasks: [{ doneAt: start }, { what: '排查' }] },
    })
    expect(lifted).not.toHaveProperty('incident.resolvedAt')
  })

  test.each([
    ['a revision before the first', { revision: 0 }],
    ['an action that is none', { action: 'forget' }],
    ['a lifting without a reason', { action: 'lift', revision: 2 }],
    ['no deadline', { dueAt: undefined }],
    ['a level that is none', { level: 'purple' }],
    ['a time without offset', { issuedAt: '2026-11-26 16:00' }],
    ['what it should not hold', { password: 'x' }],
    ['a number that is a line', { id: 'a\nb' }],
    ['a book for a title', { title: 'x'.repeat(201) }],
  ])('with %s is refused', (_, more) => {
    expect(noticeDocument.safeParse({ ...document, ...more }).success).toBe(false)
  })
})
