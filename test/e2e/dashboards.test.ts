import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boards } from '../../dashboards/index.ts'
import { type Dashboard, readBoard } from '../dashboards/board.ts'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { listening } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { type Child, runYiwang, startChild, until } from './child.ts'
import { addressIn, deploy, edit, startAlertmanager, startPrometheus } from './monitoring.ts'
import { type Ask, queriesOf, type Series } from './grafana-queries.ts'

interface Alert {
  readonly status: string | { readonly state: string }
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface Notification {
  readonly status: string
  readonly groupLabels: Readonly<Record<string, string>>
  readonly alerts: readonly Alert[]
}

const get = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T

/** What Alertmanager posts, in the order of its coming. */
const startReceiver = async () => {
  const notifications: Notification[] = []
  const tokens = new Set<string | undefined>()
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      tokens.add(request.headers.authorization)
      notifications.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification)
      response.end()
    })
  })
  const peer = await listening(server)
  return { peer, notifications, tokens }
}

/** A county whose line nobody has touched in the demo's own story. */
const county = '410222'
const token = 'the-token-of-alertmanager'

/** The demo, which takes orders. */
const startDemo = (folder: string): Child =>
  startChild([launcher, 'demo', '--port', '0', '--lines'], {
    isListening: true,
    spawn: ([command, ...args], options) =>
      spawn(command, args, { ...options, env: { ...process.env, NODE_ENV: undefined, TMPDIR: folder } }),
  })

test('building again replaces what is made, and leaves where the collector is', async () => {
  await using folder = await temporaryFolder()
  const build = () => runYiwang(['dashboards', 'build', '--out', folder.path])
  await build()
  const [own, made] = ['prometheus/prometheus.yml', 'prometheus/rules.yml'].map((name) =>
    path.join(folder.path, name),
  ) as [string, string]
  const rules = await readFile(made, 'utf8')
  for (const file of [own, made]) await writeFile(file, 'edited')
  await build()
  expect(await readFile(own, 'utf8')).toBe('edited')
  expect(await readFile(made, 'utf8')).toBe(rules)
})

const { skip } = requires('prometheus', 'prometheus-alertmanager')

describe.skipIf(skip)('Debian’s Prometheus and Alertmanager, as deployed, at the demo', () => {
  const stack = new AsyncDisposableStack()
  let notifications: readonly Notification[]
  let tokens: ReadonlySet<string | undefined>
  let demo: Child
  let ask: Ask
  let alertmanager: string

  beforeAll(async () => {
    const { path: folder } = stack.use(await temporaryFolder())
    const receiver = await startReceiver()
    stack.use(receiver.peer)
    notifications = receiver.notifications
    tokens = receiver.tokens
    demo = startDemo(folder)
    stack.defer(async () => {
      demo.send('SIGTERM')
      await demo.ended
    })
    const told = await demo.said(/collector at http/u)
    const collector = /http:\/\/([\d.]+:\d+)/u.exec(told)?.[1] ?? ''
    await deploy(folder, { collector, webhook: `http://127.0.0.1:${receiver.peer.port}/`, token })
    const manager = stack.use(startAlertmanager(folder))
    alertmanager = await addressIn(manager)
    await edit(path.join(folder, 'prometheus/prometheus.yml'), [/127\.0\.0\.1:9093/gu, alertmanager])
    const address = await addressIn(stack.use(startPrometheus(folder)))
    ask = async (expression) => {
      const body = new URLSearchParams({ query: expression })
      const answer = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body })
      const { data, error } = (await answer.json()) as {
        data?: { result: readonly Series[] }
        error?: string
      }
      if (data === undefined) throw new Error(`${expression}: ${String(error)}`)
      return data.result
    }
    await demo.said(/^Orders, one a line/u)
  }, 120_000)
  afterAll(() => stack.disposeAsync())

  const emptyOf = async (board: Dashboard): Promise<readonly string[]> => {
    const queries = await queriesOf(board, ask)
    const answers = await Promise.all(queries.map(async (query) => [query, await ask(query)] as const))
    return answers.filter(([, result]) => result.length === 0).map(([query]) => query)
  }

  test.each(boards.map(({ uid, json }) => [uid, readBoard(json())] as const))(
    '%s: every query returns data, for every value of its variables',
    async (_, board) => {
      await until(
        () => ask('ALERTS{alertstate="firing"}'),
        (series) => series.length > 0,
        60,
      )
      await until(
        () => emptyOf(board),
        (queries) => queries.length === 0,
        60,
      )
    },
    120_000,
  )

  const about = (status: string): readonly Notification[] =>
    notifications.filter((each) => each.status === status && each.groupLabels['county'] === county)

  /** Alerts of the county that Alertmanager holds back, by name. */
  const heldBack = async (): Promise<ReadonlyMap<string, number>> => {
    const alerts = await get<readonly Alert[]>(
      `http://${alertmanager}/api/v2/alerts?active=false&silenced=false&inhibited=true`,
    )
    const names = alerts
      .filter(({ labels }) => labels['county'] === county)
      .map(({ labels }) => labels['alertname'])
    return new Map([...Map.groupBy(names, (name) => name ?? '')].map(([name, all]) => [name, all.length]))
  }

  test('one cut county link gives one notification, and one when it is repaired', async () => {
    const townships = await ask(
      `count(yiwang_target_up{class="node",level="township",county="${county}"} == 1)`,
    )
    const behind = Number(townships[0]?.value[1])
    expect(behind).toBeGreaterThan(10)
    // The demo's own story has been told; what it left to be notified has been.
    expect(about('firing')).toEqual([])

    demo.tell(`cut n-${county}`)
    await demo.said(new RegExp(`^cut n-${county}: \\d+ services`, 'u'))
    const held = await until(
      heldBack,
      // One township has a second uplink, past the county.
      (names) =>
        (names.get('YiwangTargetUnreachable') ?? 0) >= behind - 1 && names.has('YiwangRedundancyLost'),
      60,
    )
    expect([...held.keys()].toSorted()).toEqual(['YiwangRedundancyLost', 'YiwangTargetUnreachable'])
    const told = await until(
      () => about('firing'),
      ({ length }) => length > 0,
    )
    expect(
      told.map(({ groupLabels, alerts }) => [
        groupLabels,
        alerts.map(({ annotations }) => annotations['summary']),
      ]),
    ).toEqual([
      [{ alertname: 'YiwangNodeDown', county }, [expect.stringMatching(/^节点中断：通许县.*（n-410222）$/u)]],
    ])

    demo.tell(`repair n-${county}`)
    await until(
      () => about('resolved'),
      ({ length }) => length > 0,
      60,
    )
    expect(await until(heldBack, ({ size }) => size === 0)).toEqual(new Map())
    expect([...tokens]).toEqual([`Bearer ${token}`])
    const names = [...about('firing'), ...about('resolved')].map(
      ({ groupLabels }) => groupLabels['alertname'],
    )
    expect(names).toEqual(['YiwangNodeDown', 'YiwangNodeDown'])
  }, 200_000)
})
