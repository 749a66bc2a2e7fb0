import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLedger } from '../../../src/security/ledger/ledger.ts'
import { recordFindings, takeSteps } from '../../../src/security/incidents.ts'
import type { Send } from '../../../src/security/upward/courier.ts'
import { createFeed } from '../../../src/security/upward/feed.ts'
import { finding, ground, opening } from '../findings.ts'
import { siteWith } from '../scene.ts'
import { type Bench, periodMs, periodSeconds, standing, upwardBench } from './bench.ts'

const takesAll: Send = (messages) =>
  Promise.resolve({ ok: true, receipts: messages.map(({ id }) => ({ id, result: 'accepted' })) })

const told = (bench: Bench, kind: string) =>
  bench.outbox.view
    .messages({ limit: 100_000, destination: 'province' })
    .filter((row) => row.kind === kind)
    .toReversed()

const named = (name: string) =>
  siteWith({ system: [{ id: 's-1', name, region: '410202', kind: 'application' }] })

describe('messages', () => {
  test('an asset is told when it is new, changes, changes back, goes; each with an id of its own', () =>
    upwardBench(async (bench) => {
      const none = siteWith({ system: [] })
      for (const inventory of [named('甲'), named('乙'), named('甲'), none, none, named('甲')])
        await bench.make(inventory)
      const assets = told(bench, 'asset').filter(({ fields }) => fields['asset'] === 's-1')
      expect(assets.map(({ fields: { name, change } }) => [name, change])).toEqual([
        ...[
          ['甲', 'present'],
          ['乙', 'present'],
          ['甲', 'present'],
          [undefined, 'removed'],
          ['甲', 'present'],
        ],
      ])
      expect(new Set(assets.map(({ id }) => id)).size).toBe(5)
    }))

  test('a status a period, a finding as risk or alert, an incident; nothing twice over a restart', () =>
    upwardBench(async (bench) => {
      await bench.make()
      const hazard = finding('s-1', { id: 'tls.expiring@s-1', category: 'hazard' })
      recordFindings(bench.ledger, [opening(finding('s-1')), opening(hazard)], ground(bench.now))
      for (let at = 0; at < 6; at += 1) {
        await bench.make()
        bench.now += periodMs / 2
      }
      const before = bench.ids()
      expect(told(bench, 'status')).toHaveLength(3)
      expect(told(bench, 'alert').map(({ fields }) => fields['rule'])).toEqual(['system.down'])
      expect(told(bench, 'risk')).toHaveLength(1)
      const [incident] = told(bench, 'incident')
      expect(incident?.fields).toMatchObject({ change: 'opened', source: '410200' })
      bench.now -= 1
      await using after = await bench.again()
      await after.make()
      expect(after.ids()).toEqual(before)
    }))

  test('a clock that was wrong for a while holds nothing up afterwards', () =>
    upwardBench(async (bench) => {
      const right = bench.now
      bench.now += 365 * 86_400_000
      await bench.make()
      expect(await bench.deliver(() => Promise.resolve({ ok: false, detail: 'no' }))).toBe('failed')
      bench.now = right
      await bench.make()
      expect(told(bench, 'status').map(({ at }) => at)).toEqual([right + 365 * 86_400_000, right])
      expect(await bench.deliver(takesAll)).toBe('nothing')
      expect(bench.outbox.view.tallies()).toContainEqual({
        ...{ destination: 'province', kind: 'status', result: 'accepted', count: 2 },
      })
    }))

  test('who is new hears of everything that is; who goes is forgotten', () =>
    upwardBench(async (bench) => {
      recordFindings(bench.ledger, [opening(finding('s-1'))], ground(bench.now))
      await bench.make()
      await bench.deliver(takesAll)
      const { intake, view } = bench.outbox
      bench.now += 1000
      const province = { name: 'province', kinds: ['asset', 'status', 'risk', 'alert', 'incident'] } as const
      intake.configure([province, { name: 'audit', kinds: ['alert', 'asset'] }], bench.now)
      const feed = createFeed({ ...bench, intake, source: '410200', statusSeconds: periodSeconds })
      await feed.refresh({ now: bench.now, inventory: siteWith(), standing: () => Promise.resolve(standing) })
      const [audit] = view.destinations()
      expect(audit).toMatchObject({ name: 'audit', waiting: { alert: 1, asset: 3 } })
      intake.configure([province], bench.now)
      expect(view.destinations().map(({ name }) => name)).toEqual(['province'])
      intake.configure([province], bench.now)
      expect(intake.cursor()).toBeDefined()
    }))

  test('a ledger that begins anew is read from its beginning', () =>
    upwardBench(async (bench) => {
      for (const target of ['s-1', 's-2']) {
        recordFindings(bench.ledger, [opening(finding(target))], ground(bench.now))
        await bench.make()
      }
      using fresh = openLedger(path.join(bench.folder, 'another.sqlite'))
      recordFindings(fresh, [opening(finding('s-9'))], ground(bench.now))
      const { intake } = bench.outbox
      const feed = createFeed({ intake, ledger: fresh, source: '410200', statusSeconds: periodSeconds })
      const scene = { now: bench.now, inventory: siteWith(), standing: () => Promise.resolve(standing) }
      await feed.refresh(scene)
      await feed.refresh(scene)
      expect(told(bench, 'alert').map(({ fields }) => fields['target'])).toEqual(['s-1', 's-2', 's-9'])
    }))

  test('an incident that becomes graver is told, though it was only watched', () =>
    upwardBench(async (bench) => {
      await bench.make()
      for (const severity of ['medium', 'high', 'critical'] as const) {
        const one = finding('s-1', { id: severity, severity })
        recordFindings(bench.ledger, [opening(one, 'outage:s-1')], ground(bench.now))
      }
      await bench.make()
      expect(told(bench, 'incident').map(({ fields: { change, severity } }) => [change, severity])).toEqual([
        ['opened', 'medium'],
        ['raised', 'high'],
        ['worsened', 'critical'],
      ])
    }))

  test('suggested grades and what people do are not told; what they confirm is', () =>
    upwardBench(async (bench) => {
      recordFindings(bench.ledger, [opening(finding('s-1'))], ground(bench.now))
      const [incident] = bench.ledger.incidents('live')
      await bench.make()
      takeSteps(
        bench.ledger,
        incident?.id ?? '',
        [
          { do: 'note', note: '电话 13800000000' },
          { do: 'assign', to: 'c-1' },
          { do: 'grade', grade: 'III', note: '研判', reporter: 'other' },
        ],
        { at: bench.now, by: '王' },
      )
      await bench.make()
      expect(told(bench, 'incident').map(({ fields: { change, grade } }) => [change, grade])).toEqual([
        ['opened', undefined],
        ['graded', 'III'],
      ])
    }))

  test('a full outbox makes room of what everybody has; else everything waits where it is, and nothing is lost', () =>
    upwardBench(
      async (bench) => {
        const { view } = bench.outbox
        const happen = async (from: number, to: number) => {
          for (let at = from; at < to; at += 1) {
            recordFindings(bench.ledger, [opening(finding(`s-${at}`))], ground(bench.now))
            bench.now += periodMs
            await bench.make()
          }
        }
        await happen(0, 40)
        expect(view.count()).toBeLessThanOrEqual(21)
        const got: unknown[] = []
        const remember: Send = (messages, signal) => {
          got.push(...messages.filter(({ kind }) => kind === 'alert').map(({ fields }) => fields['target']))
          return takesAll(messages, signal)
        }
        for (let turn = 0; turn < 40; turn += 1) {
          await bench.deliver(remember)
          await bench.make()
        }
        expect(got).toEqual(Array.from({ length: 40 }, (_, at) => `s-${at}`))
        expect(view.count()).toBeLessThanOrEqual(21)
      },
      { maxMessages: 20 },
    ))

  test('what everybody has is forgotten in its time, what somebody waits for is not', () =>
    upwardBench(async (bench) => {
      const { intake, view } = bench.outbox
      await bench.make()
      intake.prune(bench.now + 1)
      const waiting = view.count()
      expect(waiting).toBeGreaterThan(3)
      await bench.deliver(takesAll)
      intake.prune(bench.now)
      expect(view.count()).toBe(waiting)
      intake.prune(bench.now + 1)
      expect(view.count()).toBe(0)
      await bench.make()
      expect(view.count()).toBe(0)
    }))
})
