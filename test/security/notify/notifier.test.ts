import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { settings } from '../../../src/config/index.ts'
import type { Channel } from '../../../src/config/notify-settings.ts'
import type { Incident, IncidentEvent, Severity } from '../../../src/security/events.ts'
import type { AlertGroup } from '../../../src/security/notify/alertmanager.ts'
import type { Send } from '../../../src/security/notify/courier.ts'
import { composeMessage } from '../../../src/security/notify/messengers.ts'
import { noticeOf, testNotice } from '../../../src/security/notify/notice.ts'
import { startNotifier } from '../../../src/security/notify/notifier.ts'
import { post } from '../../../src/security/notify/post.ts'
import { type DeliveryQueue, openDeliveryQueue } from '../../../src/security/notify/queue.ts'
import { until } from '../../e2e/child.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { closedPort } from '../../support/peers.ts'
import { type Reply, robots, stub } from './stubs.ts'

const incident: Incident = {
  id: 'INC-20261126-0001',
  title: '兰考县链路中断',
  cause: 'node:n-1',
  severity: 'high',
  category: 'failure',
  state: 'warned',
  openedAt: 0,
  startedAt: 0,
  reopened: 0,
  openFindings: [],
  behind: 0,
  suggestedGrade: 'III',
  reportClocks: [],
  findings: [],
  targets: ['n-1', 'n-2'],
  units: [],
  tasks: [],
}

const event = (
  sequence: number,
  severity: Severity = 'high',
  change: IncidentEvent['change'] = 'opened',
): IncidentEvent => ({
  type: 'incident',
  sequence,
  at: sequence,
  change,
  by: 'collector',
  notify: ['张三'],
  incident: { ...incident, severity },
})

const { notify } = settings.parse({})
const policy = { ...notify, timezone: 'Asia/Shanghai' }
const silently = (): void => undefined

const sending =
  (kind: 'wecom' | 'dingtalk' | 'feishu' | 'webhook', url: string, secret?: string): Send =>
  (notices, signal) =>
    post(
      composeMessage(
        { kind, credential: 'c', severity: 'low', perMinute: 15 },
        { kind: 'endpoint', url, secret },
        { notices, time: (at) => new Date(at).toISOString() },
        Date.now(),
      ),
      signal,
    )

const channel: Channel = { kind: 'webhook', credential: 'c', severity: 'low', perMinute: 600 }

const noIncidents = (): readonly Incident[] => []

const notifying = (
  queue: DeliveryQueue,
  channels: Readonly<Record<string, Send>>,
  own: Partial<Channel> = {},
) =>
  startNotifier({
    queue,
    channels: Object.entries(channels).map(([name, send]) => ({
      name,
      channel: { ...channel, ...own } as Channel,
      send,
    })),
    policy,
    incidents: noIncidents,
    clock: Date.now,
    log: silently,
  })

const states = (queue: DeliveryQueue): readonly string[] =>
  queue.log({ limit: 100 }).map(({ channel: name, state }) => `${name} ${state}`)

const settled = (queue: DeliveryQueue, expected: readonly string[]): Promise<unknown> =>
  until(
    () => states(queue).toSorted(),
    (found) => JSON.stringify(found) === JSON.stringify(expected.toSorted()),
  )

describe('messengers, as their makers document them', () => {
  test.each(['wecom', 'dingtalk', 'feishu', 'webhook'] as const)(
    '%s takes a message with the right signature',
    async (kind) => {
      await using robot = await stub(robots[kind]('SEC-秘'))
      const signal = AbortSignal.timeout(100_000)
      const notices = [noticeOf(event(1))!]
      expect(await sending(kind, robot.url, 'SEC-秘')(notices, signal)).toEqual({ ok: true })
      expect(robot.got[0]?.body).toContain('兰考县链路中断')
      expect(robot.got[0]?.url.searchParams.get('key')).toBe('k')
      if (kind === 'wecom') return
      expect(await sending(kind, robot.url, 'wrong')(notices, signal)).toMatchObject({ ok: false })
    },
  )

  const troubles: readonly (readonly [string, Reply, string])[] = [
    ['refuses', () => ({ body: '{"errcode":45009,"errmsg":"freq limit"}' }), 'errcode 45009: freq limit'],
    ['answers with an error', () => ({ status: 502, body: 'x' }), 'HTTP 502'],
    ['talks nonsense', () => ({ body: '<html>' }), 'expected JSON, got <html>'],
    ['hangs', () => undefined, 'no answer in time'],
  ]
  test.each(troubles)('one that %s did not take it, and the log says why', async (_, reply, detail) => {
    const stop = new AbortController()
    await using robot = await stub((got) => {
      const said = reply(got)
      if (said === undefined) stop.abort(new DOMException('', 'TimeoutError'))
      return said
    })
    const attempt = await sending('wecom', robot.url)([testNotice(0, 'x')], stop.signal)
    expect(attempt).toEqual({ ok: false, detail })
  })

  test('a redirection is not followed; nobody there is said without the address', async () => {
    await using elsewhere = await stub(() => ({ body: '' }))
    for (const status of [302, 307]) {
      await using robot = await stub(() => ({ status, body: '', headers: { location: elsewhere.url } }))
      expect(await sending('wecom', robot.url)([testNotice(0, 'x')], AbortSignal.timeout(100_000))).toEqual({
        ok: false,
        detail: `HTTP ${status}`,
      })
    }
    expect(elsewhere.got).toEqual([])
    const nobody = await sending('wecom', `http://127.0.0.1:${await closedPort()}/?key=k`)(
      [testNotice(0, 'x')],
      AbortSignal.timeout(100_000),
    )
    expect(nobody).toEqual({ ok: false, detail: 'ECONNREFUSED' })
  })
})

describe('the delivery log', () => {
  test('a messenger that hangs holds up itself only', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    await using hanging = await stub(() => undefined)
    await using fine = await stub(robots.wecom(''))
    await using notifier = notifying(queue, {
      hanging: sending('wecom', hanging.url),
      fine: sending('wecom', fine.url),
    })
    notifier.onIncident(event(1))
    await settled(queue, ['fine sent', 'hanging waiting'])
    notifier.onIncident(event(2))
    await settled(queue, ['fine sent', 'fine sent', 'hanging waiting', 'hanging waiting'])
    expect(hanging.got).toHaveLength(1)
  })

  test('what was not told before the end is told after the next start, and nothing twice', async () => {
    await using folder = await temporaryFolder()
    const file = path.join(folder.path, 'q')
    {
      using queue = openDeliveryQueue(file)
      await using hanging = await stub(() => undefined)
      await using notifier = notifying(queue, { duty: sending('wecom', hanging.url) })
      notifier.onIncident(event(1))
      await until(
        () => hanging.got.length,
        (count) => count === 1,
      )
    }
    using queue = openDeliveryQueue(file)
    await using fine = await stub(robots.wecom(''))
    await using notifier = notifying(queue, { duty: sending('wecom', fine.url) })
    notifier.onIncident(event(1))
    await settled(queue, ['duty sent'])
    expect(fine.got).toHaveLength(1)
  })

  test('a failure is tried again until it is taken; what comes meanwhile goes with it', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    let now = 0
    let isUp = false
    await using robot = await stub(() => ({ body: `{"errcode":${isUp ? 0 : 1},"errmsg":"x"}` }))
    await using notifier = startNotifier({
      queue,
      channels: [{ name: 'duty', channel, send: sending('wecom', robot.url) }],
      policy,
      incidents: noIncidents,
      clock: () => now,
      log: silently,
    })
    notifier.onIncident(event(1))
    await until(
      () => queue.log({ limit: 1 })[0],
      (first) => first?.detail === 'errcode 1: x',
    )
    isUp = true
    now = 10_000
    notifier.onIncident(event(2))
    await settled(queue, ['duty sent', 'duty sent'])
    expect(robot.got.at(-1)?.body.match(/新事件/gu)).toHaveLength(2)
  })

  test('what failed before the quiet hours is tried again after them, unless it is grave', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    const at = (time: string) => Date.parse(`2026-11-26T${time}+08:00`)
    await using robot = await stub(() => ({ body: '{"errcode":1,"errmsg":"x"}' }))
    await using notifier = startNotifier({
      queue,
      channels: [{ name: 'duty', channel, send: sending('wecom', robot.url) }],
      policy: { ...policy, quiet: { from: '22:00', to: '23:30', unless: 'high' } },
      incidents: noIncidents,
      clock: () => at('21:59:58'),
      log: silently,
    })
    notifier.onIncident(event(1, 'medium'))
    notifier.onIncident(event(2, 'high'))
    const log = await until(
      () => queue.log({ limit: 2 }),
      (all) => all.every(({ attempts }) => attempts > 0),
    )
    expect(log.map(({ severity, dueAt }) => [severity, dueAt])).toEqual([
      ['high', at('22:00:03')],
      ['medium', at('23:30:00')],
    ])
  })

  test('more than a channel takes a minute is put together, and nothing is dropped', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    let now = 0
    await using robot = await stub(robots.wecom(''))
    await using notifier = startNotifier({
      queue,
      channels: [{ name: 'duty', channel: { ...channel, perMinute: 1 }, send: sending('wecom', robot.url) }],
      policy,
      incidents: noIncidents,
      clock: () => now,
      log: silently,
    })
    notifier.onIncident(event(0))
    await settled(queue, ['duty sent'])
    for (let sequence = 1; sequence <= 20; sequence += 1) notifier.onIncident(event(sequence))
    now = 60_001
    await settled(
      queue,
      Array.from({ length: 21 }, () => 'duty sent'),
    )
    expect(robot.got).toHaveLength(2)
  })

  test('channels hear what is as grave as they ask; what is no news is not told', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    await using robot = await stub(robots.wecom(''))
    await using notifier = notifying(queue, { duty: sending('wecom', robot.url) }, { severity: 'high' })
    notifier.onIncident(event(1, 'medium'))
    notifier.onIncident(event(2, 'critical', 'noted'))
    const watched = { ...event(4, 'critical'), incident: { ...incident, state: 'watching' as const } }
    notifier.onIncident(watched)
    notifier.onIncident(event(3, 'critical'))
    await settled(queue, ['duty sent'])
  })

  test('a channel that is configured no more is given up, and old entries are forgotten', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    queue.add(testNotice(0, 'a'), 0, [
      { name: 'gone', dueAt: 0 },
      { name: 'duty', dueAt: 0 },
    ])
    queue.keepOnly(['duty'])
    expect(states(queue).toSorted()).toEqual(['duty waiting', 'gone given-up'])
    queue.prune(10)
    expect(states(queue)).toHaveLength(2)
    queue.markSent('duty', ['test:a'], 5)
    queue.prune(10)
    expect(states(queue)).toEqual([])
  })
})

test.each([
  ['opened', true],
  ['raised', true],
  ['reopened', true],
  ['escalated', true],
  ['recovered', false],
  ['resolved', false],
] as const)('who hears of an incident first is told what was seen and what to do: %s', (change, isFirst) => {
  const whole = { ...incident, behind: 20, saw: '全部探测失败', remedy: '向运营商报障' }
  const notice = noticeOf({ ...event(1, 'high', change), incident: whole })
  const texts = new Map(notice?.lines.map(({ label, text }) => [label, text]))
  expect(texts.get('影响')).toBe('2 个对象：n-1、n-2；其下 20 个不可达')
  expect([texts.get('所见'), texts.get('处置')]).toEqual(
    isFirst ? ['全部探测失败', '向运营商报障'] : [undefined, undefined],
  )
})

test('a group of alerts is told once, however often it is posted, and once more when it resolves', async () => {
  await using folder = await temporaryFolder()
  using queue = openDeliveryQueue(path.join(folder.path, 'q'))
  await using notifier = notifying(queue, {})
  const alert = (fingerprint: string, status: 'firing' | 'resolved') => ({
    status,
    labels: { alertname: 'LinkDown', target: `n-${fingerprint}` },
    annotations: { summary: '链路中断' },
    startsAt: '2026-11-26T08:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint,
  })
  const group = (status: 'firing' | 'resolved', ...fingerprints: readonly string[]): AlertGroup => ({
    version: '4',
    status,
    groupKey: '{}:{alertname="LinkDown"}',
    commonLabels: { severity: 'critical' },
    commonAnnotations: {},
    alerts: fingerprints.map((each) => alert(each, status)),
  })
  expect(notifier.onAlerts(group('firing', 'a1', 'b2'))).toBe(true)
  expect(notifier.onAlerts(group('firing', 'b2', 'a1'))).toBe(false)
  expect(notifier.onAlerts(group('resolved', 'a1', 'b2'))).toBe(true)
  expect(notifier.onAlerts(group('firing', 'a1', 'b2'))).toBe(false)
})
