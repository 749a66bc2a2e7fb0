import { readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { expect, test } from 'vitest'
import type { Finding, Incident, SecurityEvent } from '../../src/security/events.ts'
import { listening } from '../support/peers.ts'
import { startYiwang, until } from './child.ts'
import { emptyFolder, expectRefusal } from './data-folder.ts'

const configuration = `
probing:
  http: { intervalSeconds: 1, timeoutSeconds: 1 }
agent: { hostChecks: { enabled: false } }
collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 30 }
`

/** A website that can hang up on whoever calls. */
const website = async () => {
  let isGone = false
  const server = http.createServer({ keepAliveTimeout: 1 }, (_, response) => void response.end('ok'))
  server.on('connection', (socket) => {
    if (isGone) socket.destroy()
  })
  const goes = (gone: boolean): void => {
    isGone = gone
  }
  return { ...(await listening(server)), goes }
}

test.each([
  [
    { thresholds: { clockSeconds: 'fast' } },
    /security\.thresholds\.clockSeconds: expected number, got "fast"/u,
  ],
  [{ thresholds: { lossRatio: 3 } }, /security\.thresholds\.lossRatio: expected number to be <=1, got 3/u],
  [{ thresholds: { lossRatoi: 0.2 } }, /lossRatoi/u],
  [{ retentionDays: 90 }, /security\.retentionDays: expected at least 184 days.*got 90/u],
])('numbers of rules that cannot be: %j', async (security, words) => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  await writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({ collector: { listen: '127.0.0.1:0' }, security }),
  )
  expectRefusal(await folder.run('collector', 'run'), 2, words)
})

test('a system fails: a finding, an incident, what people do about it, and its recovery', async () => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  await writeFile(folder.file('yiwang.yaml'), configuration)
  expectRefusal(await folder.run('incident', 'list'), 4, /there are none yet\n {2}→ run a collector/u)

  await using server = await website()
  await folder.ok('contact', 'add', 'c-wang', 'name=王')
  await folder.ok(
    ...['duty', 'add', 'd-1', 'contacts=c-wang'],
    ...['startsAt=2020-01-01T00:00:00Z', 'endsAt=2120-01-01T00:00:00Z'],
  )
  await folder.ok(
    ...['system', 'add', 's-1', 'name=门户', 'region=410221', 'kind=website'],
    `endpoints=http://127.0.0.1:${server.port}/`,
  )
  await using site = startYiwang(['run', '--data', folder.path])
  const url = /http:\S+\d/u.exec(await site.said(/collector listens on/u))?.[0] ?? ''
  const metric = async (name: string): Promise<string> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return text
      .split('\n')
      .filter((line) => line.startsWith(name))
      .join('\n')
  }
  await until(
    () => metric('yiwang_security_evaluation'),
    (text) => text !== '',
  )
  expect(await folder.json('finding', 'list')).toEqual([])

  server.goes(true)
  const open = () => folder.run('finding', 'list', '--json')
  const failed = await until(open, ({ code }) => code === 3)
  expect(JSON.parse(failed.stdout)).toMatchObject([
    {
      rule: 'system.down',
      target: 's-1',
      severity: 'high',
      incident: expect.stringMatching(/^INC-\d{8}-0001$/u) as unknown,
    },
  ])
  const [{ incident: id = '' } = {}] = JSON.parse(failed.stdout) as readonly Finding[]
  await until(
    () => metric('yiwang_security_open_findings{'),
    (text) => text.includes('yiwang_security_open_findings{rule="system.down",severity="high"} 1'),
  )
  const list = await folder.run('incident', 'list')
  expect(list.code).toBe(3)
  expect(list.stdout).toMatch(/预警 +高 +门户：信息系统无法访问/u)

  const waiting = await folder.ok('incident', 'show', id)
  expect(waiting).toMatch(/^未消除 门户：信息系统无法访问：全部探测失败：.+（system\.down）$/mu)
  expect(waiting).toMatch(/^处置 核实服务器/mu)
  expect(waiting).toMatch(/collector +发生 +预警/u)

  await folder.ok('incident', 'ack', id, '--actor', '王')
  expectRefusal(await folder.run('incident', 'ack', id), 2, /nobody acknowledged yet/u)
  expectRefusal(await folder.run('incident', 'assign', id, '--to', 'c-wan'), 2, /did you mean c-wang\?/u)
  expectRefusal(await folder.run('incident', 'resolve', id, '--note', '好'), 2, /expected no open finding/u)
  await folder.ok('incident', 'assign', id, '--to', 'c-wang', '--actor', '王')
  await folder.ok('unit', 'add', 'u-1', 'name=大数据局', 'kind=department', 'region=410221')
  await folder.ok(
    ...['incident', 'assign', id, '--unit', 'u-1', '--task', '查服务器', '--due', '2119-01-01'],
    ...['--note', '已电话告知', '--actor', '王'],
  )
  await folder.ok('incident', 'note', id, '--note', '已重启', '--actor', '王')
  const then = new Date().toISOString()

  server.goes(false)
  await until(open, ({ code }) => code === 0)
  await folder.ok('incident', 'resolve', id, '--note', '已恢复', '--actor', '王')
  await folder.ok(
    'incident',
    'close',
    id,
    '--cause',
    '宕机',
    '--measures',
    '重启',
    '--lessons',
    '加监控',
    '--actor',
    '王',
  )

  const shown = (await folder.json('incident', 'show', id)) as {
    readonly incident: Incident
    readonly events: readonly SecurityEvent[]
  }
  expect(shown.incident).toMatchObject({
    state: 'archived',
    assignee: 'c-wang',
    postmortem: { cause: '宕机' },
  })
  expect(shown.events.map(({ change }) => change)).toEqual([
    ...['opened', 'acknowledged', 'assigned', 'tasked', 'noted', 'noted', 'recovered', 'resolved', 'closed'],
  ])
  expect(shown.events.filter(({ change }) => change === 'noted')).toMatchObject([
    { note: '已电话告知' },
    { note: '已重启' },
  ])
  expect(shown.events[0]).toMatchObject({ notify: ['c-wang'], by: 'collector' })
  await folder.ok('incident', 'export', id, '--out', folder.file('incident.json'))
  expect(JSON.parse(await readFile(folder.file('incident.json'), 'utf8'))).toMatchObject({
    chain: { intact: true },
  })

  const past = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse((await folder.run(...args, '--json')).stdout)
  expect(await past('finding', 'list')).toEqual([])
  expect(await past('finding', 'list', '--as-of', then)).toMatchObject([{ rule: 'system.down' }])
  expect(await past('finding', 'list', '--as-of', '2020-01-01')).toEqual([])
  expect(await past('incident', 'list')).toMatchObject({ incidents: [] })
  expect(await past('incident', 'list', '--as-of', then)).toMatchObject({
    incidents: [{ id, state: 'handling', assignee: 'c-wang' }],
  })
  expectRefusal(await folder.run('finding', 'list', '--as-of', '昨天'), 2, /--as-of: expected a day/u)
  expectRefusal(await folder.run('incident', 'show', 'INC-1'), 2, /expected the id of an incident/u)

  site.send('SIGTERM')
  expect(await site.ended).toEqual([0, null])
})
