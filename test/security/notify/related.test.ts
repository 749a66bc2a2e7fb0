import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { alerts } from '../../../dashboards/rules/index.ts'
import { settings } from '../../../src/config/index.ts'
import type { Incident, IncidentEvent } from '../../../src/security/events.ts'
import { type AlertGroup, noticeOfAlerts } from '../../../src/security/notify/alertmanager.ts'
import { startNotifier } from '../../../src/security/notify/notifier.ts'
import { type DeliveryQueue, openDeliveryQueue } from '../../../src/security/notify/queue.ts'
import { rulesOfAlert } from '../../../src/security/notify/related.ts'
import { ruleById } from '../../../src/security/rules/index.ts'
import { until } from '../../e2e/child.ts'
import { temporaryFolder } from '../../support/cli.ts'

const start = Date.parse('2026-11-26T08:00:00Z')
const minuteMs = 60_000

const incidentOf = (more: Partial<Incident> = {}): Incident => ({
  ...{ id: 'INC-20261126-0001', title: '兰考县节点中断', cause: 'outage:n-1', severity: 'high' },
  ...{ category: 'failure', state: 'warned', openedAt: start, startedAt: start, reopened: 0, behind: 20 },
  ...{ reportClocks: [], targets: ['n-1'], units: [], tasks: [] },
  ...{ findings: ['node.down@standing:n-1'], openFindings: ['node.down@standing:n-1'] },
  ...more,
})

type AlertPlant = Readonly<Record<string, string>>
const nodeDown: AlertPlant = { alertname: 'YiwangNodeDown', target: 'n-1' }

const groupOf = (
  plants: readonly AlertPlant[],
  status: 'firing' | 'resolved' = 'firing',
  startsAt = start + minuteMs,
): AlertGroup => ({
  ...{
    version: '4',
    status,
    groupKey: JSON.stringify(plants[0]),
    commonLabels: { ...plants[0], severity: 'critical' },
  },
  commonAnnotations: {},
  alerts: plants.map((labels, index) => ({
    ...{ status, labels, annotations: {}, fingerprint: `a${index}`, endsAt: '0001-01-01T00:00:00Z' },
    startsAt: new Date(startsAt).toISOString(),
  })),
})

const { notify } = settings.parse({})

interface Desk {
  readonly queue: DeliveryQueue
  readonly said: readonly string[]
  readonly notifier: ReturnType<typeof startNotifier>
  readonly incidents: Incident[]
  readonly clock: { now: number }
}

const atDesk = async (work: (desk: Desk) => Promise<void>): Promise<void> => {
  await using folder = await temporaryFolder()
  using queue = openDeliveryQueue(path.join(folder.path, 'q'))
  const incidents: Incident[] = []
  const said: string[] = []
  const clock = { now: start + 2 * minuteMs }
  await using notifier = startNotifier({
    queue,
    channels: [
      {
        name: 'duty',
        channel: { kind: 'webhook', credential: 'c', severity: 'low', perMinute: 600 },
        send: (notices) => {
          said.push(...notices.map(({ title }) => title))
          return Promise.resolve({ ok: true })
        },
      },
    ],
    policy: { ...notify, timezone: 'Asia/Shanghai' },
    incidents: () => incidents,
    clock: () => clock.now,
    log: () => undefined,
  })
  await work({ queue, said, notifier, incidents, clock })
}

const states = (queue: DeliveryQueue): readonly string[] =>
  queue.log({ limit: 100 }).map(({ state }) => state)

const eventOf = (incident: Incident, change: IncidentEvent['change'] = 'opened'): IncidentEvent => ({
  ...{ type: 'incident', sequence: 1, at: start, change, by: 'collector', notify: [] },
  incident,
})

test('the table names alerts and rules that there are', () => {
  const names = alerts.map(({ name }) => name)
  for (const [alert, rules] of Object.entries(rulesOfAlert)) {
    expect(names).toContain(alert)
    for (const rule of rules) expect(ruleById.has(rule)).toBe(true)
  }
})

test('what is told of a group is called by what is left of it to tell', () => {
  const group = groupOf([nodeDown, { ...nodeDown, target: 'n-2' }])
  const [firing, second] = group.alerts
  const over = { ...second!, status: 'resolved' as const }
  const notice = noticeOfAlerts({ ...group, alerts: [firing!, over] }, [over], start)
  expect(notice).toMatchObject({ isGood: true, title: expect.stringMatching(/^已恢复：/u) as string })
  expect(notice.lines.map(({ label }) => label)).toEqual(['恢复'])
})

describe('an alert about the same trouble as an incident', () => {
  const archived = { state: 'archived', recoveredAt: start + 5 * minuteMs } as const
  test.each<[string, readonly AlertPlant[], Partial<Incident>, string]>([
    ['one target', [nodeDown], {}, 'covered'],
    ['a hall', [nodeDown], { findings: ['hall.down@standing:n-1'] }, 'covered'],
    [
      'a look at a target',
      [{ alertname: 'YiwangCertificateExpired', target: 's-1' }],
      { targets: ['s-1'], findings: ['tls.expired@s-1/tls@public'] },
      'covered',
    ],
    [
      'an agent',
      [{ alertname: 'YiwangAgentSilent', agent: 'city' }],
      { targets: ['n-9'], findings: ['agent.silent@agent:city'] },
      'covered',
    ],
    ['one that began before it recovered', [nodeDown], archived, 'covered'],
    [
      'two targets of one cause',
      [nodeDown, { ...nodeDown, target: 'n-2' }],
      { targets: ['n-1', 'n-2'] },
      'covered',
    ],
    ['another target', [{ ...nodeDown, target: 'n-2' }], {}, 'waiting'],
    ['another trouble of the target', [nodeDown], { findings: ['tls.expired@n-1/tls@public'] }, 'waiting'],
    ['one that is only watched', [nodeDown], { state: 'watching', severity: 'medium' }, 'waiting'],
    ['one that had recovered before', [nodeDown], { ...archived, recoveredAt: start }, 'waiting'],
    ['two targets, one of them of this cause', [nodeDown, { ...nodeDown, target: 'n-2' }], {}, 'waiting'],
  ])('%s', (_, plants, more, state) =>
    atDesk(async ({ queue, notifier, incidents }) => {
      incidents.push(incidentOf(more))
      expect(notifier.onAlerts(groupOf(plants))).toBe(true)
      expect(states(queue)).toEqual([state])
      await Promise.resolve()
    }),
  )

  test('is held back until looks were made, and not told where an incident opens meanwhile', () =>
    atDesk(async ({ queue, said, notifier, incidents, clock }) => {
      notifier.onAlerts(groupOf([nodeDown]))
      expect(states(queue)).toEqual(['waiting'])
      clock.now += minuteMs
      incidents.push(incidentOf())
      notifier.onIncident(eventOf(incidentOf()))
      await until(
        () => states(queue).toSorted(),
        (found) => found.join() === 'covered,sent',
      )
      expect(said).toEqual(['新事件：兰考县节点中断'])
      expect(queue.log({ state: 'covered', limit: 1 })).toMatchObject([
        { detail: 'told as INC-20261126-0001' },
      ])
      notifier.onAlerts(groupOf([nodeDown], 'resolved'))
      expect(states(queue).toSorted()).toEqual(['covered', 'covered', 'sent'])
    }))

  test('that an incident came to tell during an attempt which failed is not tried again', async () => {
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    queue.add(noticeOfAlerts(groupOf([nodeDown]), [], start), start, [{ name: 'duty', dueAt: start }])
    const [{ notice: { id } } = { notice: { id: '' } }] = queue.due('duty', start, 1)
    queue.markCovered(id, 'INC-20261126-0001')
    queue.markFailed('duty', [id], { detail: 'HTTP 500', dueAt: start + minuteMs })
    expect(queue.log({ limit: 1 })).toMatchObject([
      { notice: id, state: 'covered', detail: 'told as INC-20261126-0001' },
    ])
  })

  test('is told after a while where no incident opens; so is its end, in this order', () =>
    atDesk(async ({ said, notifier, clock }) => {
      notifier.onAlerts(groupOf([nodeDown]))
      clock.now += minuteMs
      notifier.onAlerts(groupOf([nodeDown], 'resolved'))
      expect(said).toEqual([])
      clock.now += notify.alertGraceSeconds * 1000
      await until(
        () => said.length,
        (count) => count === 2,
      )
      expect(said).toEqual(['告警：YiwangNodeDown', '已恢复：YiwangNodeDown'])
    }))

  test('one that no rule sees is told at once', () =>
    atDesk(async ({ said, notifier }) => {
      notifier.onAlerts(groupOf([{ alertname: 'YiwangCollectorDown' }]))
      await until(
        () => said.length,
        (count) => count === 1,
      )
    }))
})
