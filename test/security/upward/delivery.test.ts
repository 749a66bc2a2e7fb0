import { describe, expect, test } from 'vitest'
import { recordFindings } from '../../../src/security/incidents.ts'
import { gapReport } from '../../../src/security/upward/report.ts'
import { shippedMapping } from '../../../src/security/upward/mapping.ts'
import { httpsSender } from '../../../src/security/upward/transports/https.ts'
import { closedPort } from '../../support/peers.ts'
import { type Behaviour, type Papers, papers, province } from '../../support/province.ts'
import { requires } from '../../support/services.ts'
import { finding, ground, opening } from '../findings.ts'
import { stub } from '../notify/stubs.ts'
import { start } from '../scene.ts'
import { type Bench, periodMs, upwardBench } from './bench.ts'

const senderTo = (url: string, own: Papers, timeoutSeconds = 10) =>
  httpsSender({
    ...{ url: new URL(url), source: '410200', timezone: 'Asia/Shanghai', timeoutSeconds },
    ca: own.authority.cert,
    identity: { certificate: own.client.cert, key: own.client.key },
    mapping: shippedMapping('plain'),
  })

/** One finding and its incident. */
const happen = ({ ledger, now }: Bench, target: string): void =>
  recordFindings(ledger, [opening(finding(target, { firstSeenAt: now, openedAt: now }))], ground(now))

const dayMs = 86_400_000

describe.skipIf(requires('openssl').skip)('JSON over HTTPS with certificates of both sides', () => {
  test('a province that drops, delays, duplicates and refuses gets every message once by id, in order', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      const behaviours: readonly Behaviour[] = [
        ...(['drops', 'takes', 'loses the answer', 'takes half', { status: 503 }, 'hangs'] as const),
        ...(['gives no receipt', 'talks garbage', { status: 429 }, { status: 401 }, 'takes'] as const),
      ]
      await using above = await province(own, (attempt) => behaviours[attempt % behaviours.length]!)
      using sender = senderTo(above.url, own, 0.5)
      for (let at = 0; at < 120; at += 1) {
        bench.now += 60_000
        happen(bench, `s-${at}`)
        await bench.make()
        if (at % 10 === 0) await bench.deliver(sender.send)
      }
      for (let turn = 0; turn < 200; turn += 1) {
        bench.now += 10 * 60_000
        if ((await bench.deliver(sender.send)) === 'nothing') break
      }
      const ids = bench.ids()
      expect(ids.length).toBeGreaterThan(250)
      expect(above.got.map(({ id }) => id)).toEqual(ids)
      expect(above.altered).toEqual([])
      expect([...above.copies.values()].some((count) => count > 1)).toBe(true)
      expect(above.senders).toEqual(new Set(['city-410200']))
      const rows = bench.outbox.view.messages({ limit: 1000 })
      expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['accepted']))
      expect(rows.every(({ id, receipt }) => receipt === `HZ-${id.slice(-6)}`)).toBe(true)
    }))

  test('what it will not have is refused with its reason, and holds nothing up; it can be sent once more', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      let isPicky = true
      const isPoison = ({ kind, target }: Readonly<Record<string, unknown>>) =>
        kind === '告警' && target === 's-1'
      await using above = await province(own, () => (isPicky ? { refuses: isPoison } : 'takes'))
      using sender = senderTo(above.url, own)
      for (const target of ['s-0', 's-1', 's-2']) happen(bench, target)
      await bench.make()
      expect(await bench.deliver(sender.send)).toBe('nothing')
      const refused = bench.outbox.view.messages({ state: 'refused', limit: 10 })
      expect(refused).toMatchObject([{ kind: 'alert', detail: '字段不合规', fields: { target: 's-1' } }])
      expect(above.got).toHaveLength(bench.ids().length - 1)

      isPicky = false
      const all = { destination: 'province', since: 0, until: bench.now + 1 }
      expect(bench.outbox.dispatch.sendAgain({ ...all, result: 'refused' }, '王', bench.now)).toBe(1)
      expect(await bench.deliver(sender.send)).toBe('nothing')
      expect(bench.outbox.view.messages({ state: 'refused', limit: 10 })).toEqual([])
      expect(above.got.at(-1)?.id).toBe(refused[0]?.id)
      expect(bench.outbox.view.requests(1)).toMatchObject([{ by: '王' }])
      expect(bench.outbox.view.tallies()).toContainEqual({
        ...{ destination: 'province', kind: 'alert', result: 'refused', count: 1 },
      })
    }))

  test('a request that it calls malformed is sent one by one, until the message is found', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      for (const target of ['s-0', 's-1', 's-2']) happen(bench, target)
      await bench.make()
      await using above = await province(own, () => ({
        status: 422,
        where: ({ target }) => target === 's-1',
      }))
      using sender = senderTo(above.url, own)
      expect(await bench.deliver(sender.send, 'province', 100)).toBe('nothing')
      const refused = bench.outbox.view.messages({ state: 'refused', limit: 10 })
      expect(refused).toMatchObject([{ detail: 'HTTP 422: not now', fields: { target: 's-1' } }])
      expect(above.got.map(({ id }) => id)).toEqual(bench.ids().filter((id) => id !== refused[0]?.id))
    }))

  test('who has no certificate of its authority, or meets another authority, delivers nothing', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await using other = await papers()
      await using above = await province(own, () => 'takes')
      await bench.make()
      using stranger = senderTo(above.url, { ...own, client: other.client })
      using mistrusting = senderTo(above.url, { ...own, authority: other.authority })
      expect(await bench.deliver(stranger.send)).toBe('failed')
      bench.now += dayMs
      expect(await bench.deliver(mistrusting.send)).toBe('failed')
      expect(bench.outbox.view.destinations()).toMatchObject([
        { failures: 2, detail: expect.stringMatching(/certificate|unable to verify/u) as string },
      ])
      expect(above.got).toEqual([])
    }))

  test('a redirection is not followed: nobody else gets a message', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await using elsewhere = await stub(() => ({ body: '' }))
      await using above = await province(own, () => ({ status: 307, location: elsewhere.url }))
      await bench.make()
      using sender = senderTo(above.url, own)
      expect(await bench.deliver(sender.send)).toBe('failed')
      expect(bench.outbox.view.destinations()).toMatchObject([{ detail: 'HTTP 307: not now' }])
      expect(elsewhere.got).toEqual([])
    }))

  test('24 hours cut off: everything is sent in order afterwards, and the gap report names them', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await using above = await province(own, () => 'takes')
      const lateMs = 20_000
      bench.now += lateMs
      using sender = senderTo(above.url, own)
      using nowhere = senderTo(`https://127.0.0.1:${await closedPort()}/`, own)
      const report = () => {
        const [state] = bench.outbox.view.destinations()
        return gapReport(bench.outbox.view, state!, { since: 0, now: bench.now, periodMs })
      }
      const goOn = async (periods: number, to = sender) => {
        for (let at = 0; at < periods; at += 1) {
          happen(bench, `s-${bench.now}`)
          await bench.make()
          await bench.deliver(to.send)
          bench.now += periodMs
        }
      }
      await goOn(6)
      expect(report()).toEqual([])
      const cutAt = bench.now - lateMs
      const before = above.got.length
      await goOn(288, nowhere)
      const backAt = bench.now - lateMs
      expect(above.got).toHaveLength(before)
      expect(report()).toMatchObject([
        {
          reason: 'cut',
          from: cutAt,
          due: 288,
          madeUp: 0,
          detail: expect.stringContaining('ECONNREFUSED') as string,
        },
      ])
      await goOn(6)

      expect(backAt - cutAt).toBe(dayMs)
      expect(above.got.map(({ id }) => id)).toEqual(bench.ids())
      const statuses = above.got.filter(({ kind }) => kind === '运行状态')
      const times = statuses.map(({ occurredAt }) => Date.parse(String(occurredAt)))
      expect(times).toEqual(Array.from({ length: 300 }, (_, at) => start + at * periodMs))
      expect(report()).toEqual([
        {
          ...{ reason: 'cut', from: cutAt, until: backAt, due: 288, madeUp: 288, madeUpAt: backAt + lateMs },
          detail: expect.stringContaining('ECONNREFUSED') as string,
        },
      ])
    }))
})
