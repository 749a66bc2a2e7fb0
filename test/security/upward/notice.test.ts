import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLedger } from '../../../src/security/ledger/ledger.ts'
import { type Notice, takeNotice } from '../../../src/security/notices.ts'
import { noticeDocument, noticeFrom } from '../../../src/security/upward/notice.ts'
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
const noticeOf = (more: object = {}, fallbackUnit?: string): Notice | undefined =>
  noticeFrom(noticeDocument.parse({ ...document, ...more }), inventory, { fallbackUnit })

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
    const ground = { now: start, by: 'upward', roster: { tiers: [['c-1']] } }
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

  test.each([
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
