import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { finding, ground, hourMs, minuteMs, opening } from '../security/findings.ts'
import { type Reply, type Stub, robots, stub } from '../security/notify/stubs.ts'
import { type Child, startYiwang, until } from './child.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

const secret = 'SEC-e2e-9c1f'
const token = 'alertmanager-token-77'

interface Site extends AsyncDisposable {
  readonly folder: DataFolder
  readonly duty: Stub
  readonly start: () => Promise<{ readonly child: Child; readonly url: string }>
}

const site = async (reply: Reply): Promise<Site> => {
  await using stack = new AsyncDisposableStack()
  const duty = stack.use(await stub(reply))
  const folder = stack.use(await emptyFolder())
  await folder.ok('init', '--region', '410221')
  const channels = { duty: { kind: 'dingtalk', credential: 'duty-robot' } }
  await writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({
      agent: { hostChecks: { enabled: false } },
      collector: { listen: '127.0.0.1:0' },
      notify: { alertmanagerCredential: 'alerts', channels, link: 'https://grafana.example/d/1' },
    }),
  )
  const secrets = {
    'duty-robot': { kind: 'endpoint', url: duty.url, secret },
    alerts: { kind: 'bearer', token },
  }
  await writeFile(folder.file('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  const owned = stack.move()
  return {
    folder,
    duty,
    start: async () => {
      const child = owned.use(startYiwang(['collector', 'run', '--data', folder.path]))
      const said = await child.said(/^collector listens on/u)
      return { child, url: said.replace('collector listens on ', '') }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const group = (status: string, summary: string) => ({
  version: '4',
  status,
  groupKey: '{}:{alertname="LinkDown"}',
  receiver: 'yiwang',
  truncatedAlerts: 0,
  externalURL: 'http://alertmanager',
  groupLabels: {},
  commonLabels: { severity: 'critical' },
  commonAnnotations: {},
  alerts: [
    {
      status,
      labels: { alertname: 'LinkDown', name: '兰考县' },
      annotations: { summary },
      startsAt: '2026-11-26T08:00:00.123Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus',
      fingerprint: 'a1b2',
    },
  ],
})

const send = async (url: string, body: unknown, bearer?: string): Promise<readonly [number, unknown]> => {
  const response = await fetch(`${url}/v1/alerts`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
  })
  return [response.status, await response.json()]
}

const states = async (folder: DataFolder): Promise<readonly string[]> =>
  ((await folder.json('notify', 'log')) as readonly { readonly state: string }[]).map(({ state }) => state)

/** Findings, and incidents where they are grave, as a collector would have written them down. */
const record = (
  folder: DataFolder,
  targets: readonly string[],
  at: number,
  severity: 'high' | 'low' = 'high',
): void => {
  using ledger = openLedger(folder.file('security', 'ledger.sqlite'))
  const found = targets.map((target) => opening(finding(target, { severity })))
  recordFindings(ledger, found, ground(at))
}

/** Whose incidents the delivery log has when it has that one's, the newest first. */
const toldUntil = (folder: DataFolder, target: string): Promise<readonly string[]> =>
  until(
    async () =>
      ((await folder.json('notify', 'log')) as readonly { readonly title: string }[])
        .map(({ title }) => /^新事件：(\w+)/u.exec(title)?.[1] ?? '')
        .filter((name) => name !== ''),
    (names) => names.includes(target),
  )

describe('notifications', () => {
  test('a test message goes out signed; one that is not taken is exit code 3 and says why, without a secret', async () => {
    await using good = await site(robots.dingtalk(secret))
    expect(await good.folder.ok('notify', 'test')).toMatch(/duty +dingtalk +taken/u)
    await using bad = await site(robots.dingtalk('another'))
    const { code, stdout, stderr } = await bad.folder.run('notify', 'test')
    expect([code, stderr]).toEqual([3, ''])
    expect(stdout).toMatch(/duty +dingtalk +not taken: errcode 310000: sign not match/u)
    expect(stdout).not.toContain(secret)
    expectRefusal(
      await bad.folder.run('notify', 'test', '--channel', 'chief'),
      2,
      /--channel: expected one of duty, got chief/u,
    )
  })

  test('alerts: forged and malformed ones are refused, replayed ones said once, text is harmless', async () => {
    await using own = await site(robots.dingtalk(secret))
    const { child, url } = await own.start()
    const firing = group('firing', '[链路](http://evil.example) @all\n# 中断')
    expect(await send(url, firing)).toMatchObject([401, {}])
    expect(await send(url, firing, 'wrong-token')).toMatchObject([401, {}])
    expect(await send(url, { ...firing, version: '3' }, token)).toMatchObject([422, {}])
    expect(await send(url, firing, token)).toEqual([200, { taken: true }])
    expect(await send(url, firing, token)).toEqual([200, { taken: false }])
    await until(
      () => states(own.folder),
      (found) => found.join() === 'sent',
    )
    expect(own.duty.got).toHaveLength(1)
    const { markdown } = JSON.parse(own.duty.got[0]?.body ?? '') as { markdown: { text: string } }
    expect(markdown.text).toContain('**【严重】告警：［链路］(http：//evil.example) ＠all ＃ 中断**')
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('yiwang_notify_deliveries{channel="duty",state="sent"} 1')
    expect([...child.log, ...child.output, metrics].join('\n')).not.toMatch(
      new RegExp(`${secret}|${token}|key=k`, 'u'),
    )
  })

  test('what a messenger did not take before kill -9 is told after the next start', async () => {
    let isUp = false
    const robot = robots.dingtalk(secret)
    await using own = await site((got) => (isUp ? robot(got) : { status: 503, body: '' }))
    const first = await own.start()
    expect(await send(first.url, group('firing', '中断'), token)).toEqual([200, { taken: true }])
    await until(
      () => own.duty.got.length,
      (count) => count > 0,
    )
    first.child.send('SIGKILL')
    await first.child.ended
    expect(await states(own.folder)).toEqual(['waiting'])
    isUp = true
    const second = await own.start()
    await until(
      () => states(own.folder),
      (found) => found.join() === 'sent',
    )
    expect(await send(second.url, group('firing', '中断'), token)).toEqual([200, { taken: false }])
  })

  test('after a start: whatever happened within an hour is told, however much came after it; nothing older', async () => {
    await using own = await site(robots.dingtalk(secret))
    const now = Date.now()
    record(own.folder, ['old'], now - 2 * hourMs)
    record(own.folder, ['first'], now - 10 * minuteMs)
    const minor = Array.from({ length: 1200 }, (_, at) => `minor-${at}`)
    record(own.folder, minor, now - minuteMs, 'low')
    record(own.folder, ['second'], now)
    const { child } = await own.start()
    expect(await toldUntil(own.folder, 'second')).toEqual(['second', 'first'])
    child.send('SIGKILL')
    await child.ended
    record(own.folder, ['third'], Date.now())
    await own.start()
    expect(await toldUntil(own.folder, 'third')).toEqual(['third', 'second', 'first'])
  })

  test('people and units are called by their names, by their ids where they have none', async () => {
    await using own = await site(robots.dingtalk(secret))
    await own.folder.ok('contact', 'add', 'c-wang', 'name=王伟', 'organisation=市大数据局')
    await own.folder.ok('unit', 'add', 'u-line', 'name=线路处', 'kind=department', 'region=410221')
    {
      using ledger = openLedger(own.folder.file('security', 'ledger.sqlite'))
      const roster = { tiers: [['c-wang', 'c-gone']] }
      recordFindings(ledger, [opening(finding('first'))], ground(Date.now(), { roster }))
    }
    await own.start()
    const said = (): readonly string[] =>
      own.duty.got.map(({ body }) => (JSON.parse(body) as { markdown: { text: string } }).markdown.text)
    await until(said, ({ length }) => length === 1)
    expect(said()[0]).toMatch(/值班：王伟、c-gone$/mu)
    const { incidents } = (await own.folder.json('incident', 'list')) as {
      incidents: readonly { readonly id: string }[]
    }
    const step = ['--to', 'c-wang', '--unit', 'u-line', '--task', '更换光模块', '--due', '2099-01-01']
    await own.folder.ok('incident', 'assign', incidents[0]?.id ?? '', ...step)
    await until(said, ({ length }) => length === 2)
    expect(said()[1]).toMatch(/处理人：王伟$/mu)
    expect(said()[1]).toMatch(/说明：线路处：更换光模块$/mu)
    expect(said().join('\n')).not.toMatch(/c-wang|u-line/u)
  })

  test('a delivery log that cannot be written holds up news, which is told afterwards, and no findings', async () => {
    await using own = await site(robots.dingtalk(secret))
    const { child, url } = await own.start()
    const evaluatedAt = async (): Promise<number> => {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return Number(/^yiwang_security_evaluation_timestamp_seconds (\S+)$/mu.exec(metrics)?.[1] ?? 0)
    }
    {
      using other = new DatabaseSync(own.folder.file('collector', 'notify.sqlite'))
      other.exec('BEGIN IMMEDIATE')
      record(own.folder, ['first'], Date.now())
      await until(
        () => child.log.join('\n'),
        (log) => log.includes('news cannot be told'),
      )
      const before = await evaluatedAt()
      await until(evaluatedAt, (at) => at > before)
    }
    expect(await toldUntil(own.folder, 'first')).toEqual(['first'])
  })

  test.each([
    [
      { channels: { a: { kind: 'wecom', credential: 'none' } } },
      /notify\.channels\.a\.credential: expected a credential of kind endpoint named "none", got none/u,
    ],
    [{ channels: { a: { kind: 'pager' } } }, /notify\.channels\.a/u],
    [{ quiet: { from: '22:00' } }, /notify\.quiet\.to: expected both from and to/u],
    [
      { alertmanagerCredential: 'none' },
      /notify\.alertmanagerCredential: expected a credential of kind bearer/u,
    ],
  ])('a configuration that cannot be: %j', async (notify, words) => {
    await using folder = await emptyFolder()
    await folder.ok('init', '--region', '410221')
    await writeFile(
      folder.file('yiwang.yaml'),
      JSON.stringify({ collector: { listen: '127.0.0.1:0' }, notify }),
    )
    expectRefusal(await folder.run('collector', 'run'), 2, words)
  })
})
