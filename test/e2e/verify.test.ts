import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Node, System } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import { addDays, dayIn } from '../../src/core/day.ts'
import type { Ready } from '../../src/simulator/control.ts'
import { writeHistory } from '../migration/history.ts'
import { startYiwang, until } from './child.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'
import { simulate } from './simulated.ts'

const onIpv6 = async (): Promise<{ readonly port: number } & AsyncDisposable> => {
  const server = http.createServer((_, response) => response.end('<title>站点</title>'))
  server.listen(0, '::1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const recordsIn = (ready: Ready, collection: string): readonly unknown[] =>
  ready.operations.flatMap((each) =>
    each.op === 'put' && each.collection === collection ? [each.record] : [],
  )

const put = (
  collection: 'node' | 'system' | 'cloud' | 'migration' | 'region' | 'unit',
  record: unknown,
): Operation => ({
  op: 'put',
  collection,
  record,
})

/** Nothing listens there. */
const dead = 'http://127.0.0.1:1/'
const today = dayIn('Asia/Shanghai', Date.now())

const moving = (id: string, endpoint: string, more: object): readonly Operation[] => [
  put('system', { id, name: id, region: '410200', kind: 'application', endpoints: [] }),
  put('migration', {
    id,
    state: 'accepted',
    oldEndpoints: [dead],
    newEndpoints: [endpoint],
    moves: [
      { at: `${addDays(today, -9)}T16:00:00Z`, by: '王', from: 'deploying', to: 'trial', reason: '试运行' },
      { at: `${addDays(today, -5)}T16:00:00Z`, by: '王', from: 'trial', to: 'accepted', reason: '验收' },
    ],
    ...more,
  }),
]

const site = (id: string, ...endpoints: readonly string[]): Operation =>
  put('system', { id, name: id, region: '410200', kind: 'website', endpoints })

const cadence = '{ intervalSeconds: 1, timeoutSeconds: 1 }'
const configuration = `
probing: { http: ${cadence}, tcp: ${cadence} }
collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 120 }
migration: { probeDays: 2, silentDays: 2, ranRatio: 0.0001 }
verify: { outageSeconds: 0 }
`

interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly claims: readonly {
    readonly claim: { readonly id: string; readonly subject: string }
    readonly verdict: string
    readonly because: string
  }[]
}

const verdicts = async (
  folder: DataFolder,
  ...args: readonly string[]
): Promise<Readonly<Record<string, string>>> => {
  const { stdout } = await folder.run('verify', '--json', ...args)
  const { claims } = JSON.parse(stdout) as Report
  return Object.fromEntries(claims.map(({ claim: { subject }, verdict }) => [subject, verdict]))
}

const claims: readonly (readonly [subject: string, kind: string, verdict: string])[] = [
  ['node:n-true', 'connected', 'consistent'],
  ['node:n-false', 'connected', 'contradicted'],
  ['system:s-true', 'migrated', 'consistent'],
  ['system:s-outside', 'migrated', 'contradicted'],
  ['system:s-lingers', 'migrated', 'contradicted'],
  ['system:w-true', 'ipv6', 'consistent'],
  ['system:w-false', 'ipv6', 'contradicted'],
  ['system:s-unseen', 'online', 'unverifiable'],
]

const plant = async (folder: DataFolder, ready: Ready, ipv6: number): Promise<void> => {
  const systems = recordsIn(ready, 'system') as readonly System[]
  const endpoint = systems.flatMap(({ endpoints }) => endpoints).find((text) => text.startsWith('http://'))!
  const node = (recordsIn(ready, 'node') as readonly Node[]).find(({ probes }) => probes.length > 0)!
  const bare = { name: 'n', region: '410200', level: 'city', kind: 'department' }
  const probe = (options: object) => ({ probes: [{ kind: 'tcp', options }] })
  const wanted: readonly Operation[] = [
    ...recordsIn(ready, 'region').map((record) => put('region', record)),
    put('node', { ...bare, id: 'n-true', ...probe(node.probes[0]!.options) }),
    put('node', { ...bare, id: 'n-false', ...probe({ address: '127.0.0.1', port: 1 }) }),
    put('cloud', { id: 'c-here', name: '政务云', networks: ['127.0.0.0/8'] }),
    put('cloud', { id: 'c-there', name: '别处的云', networks: ['10.20.0.0/16'] }),
    ...moving('s-true', endpoint, { cloud: 'c-here' }),
    ...moving('s-outside', endpoint, { cloud: 'c-there' }),
    ...moving('s-lingers', endpoint, { cloud: 'c-here', oldEndpoints: [endpoint] }),
    site('w-true', endpoint, `http://[::1]:${ipv6}/`),
    site('w-false', endpoint, 'http://[::1]:1/'),
    put('system', { id: 's-unseen', name: 's', region: '410200', kind: 'application' }),
  ]
  await writeFile(folder.file('yiwang.yaml'), configuration)
  {
    await using store = await openInventory(path.join(folder.path, 'inventory'), {
      clock: Date.now,
      create: true,
    })
    await store.change({ actor: 'test', reason: '模拟', operations: () => wanted })
  }
  const host = endpoint.replace(/^http:\/\/|\/$/gu, '')
  await writeHistory(
    folder.path,
    ['s-true', 's-outside', 's-lingers'].flatMap((id) => [
      {
        job: `${id}/new/http/http:${host}@public`,
        days: [addDays(today, -8), addDays(today, -5)] as const,
        status: 'up' as const,
      },
      {
        job: `${id}/old/tcp/127.0.0.1:1@public`,
        days: [addDays(today, -4), addDays(today, -1)] as const,
        status: 'down' as const,
        cause: 'refused' as const,
      },
    ]),
  )
  await writeHistory(folder.path, [
    { job: 'n-true/tcp@public', days: [addDays(today, -8), addDays(today, -1)], status: 'up', agent: 'b' },
  ])
}

test('true and false claims at the simulated city, from `run` to 申诉', async () => {
  await using simulated = await simulate()
  await using ipv6 = await onIpv6()
  await using folder = await emptyFolder()
  await plant(folder, simulated.ready, ipv6.port)
  for (const [subject, kind] of claims) await folder.ok('claim', 'add', subject, kind)
  const expected = Object.fromEntries(
    claims.map(([subject, , verdict]) => [subject.replace(/^\w+:/u, ''), verdict]),
  )
  {
    await using service = startYiwang(['run', '--data', folder.path])
    await service.said(/collector listens on/u)
    await until(
      () => verdicts(folder),
      (seen) => Object.entries(expected).every(([subject, verdict]) => seen[subject] === verdict),
      120,
    )
    service.send('SIGTERM')
    expect(await service.ended).toEqual([0, null])
  }
  const shown = await folder.run('verify', '--record')
  expect(shown.code).toBe(3)
  expect(shown.stdout).toMatch(/节点 n-false .*矛盾 .*127\.0\.0\.1 自 .* 起无应答/u)
  expect(shown.stdout).toMatch(/信息系统 s-outside .*不在政务云网段内/u)
  expect(shown.stdout).toMatch(/信息系统 s-lingers .*仍有应答/u)
  expect(shown.stderr).toContain('相符 3，矛盾 4，证据过期 0，无法验证 1')
  expect(shown.stderr).toContain('核验记录新增 8 条')
  expect((await folder.run('verify', '--record')).stderr).toContain('核验记录新增 0 条')

  const id = 'c-000002'
  await writeFile(folder.file('说明.txt'), '割接')
  await folder.ok(
    'contradiction',
    'answer',
    id,
    '--text',
    '当日割接',
    '--document',
    folder.file('说明.txt'),
    '--by',
    '张',
  )
  const one = await folder.ok('contradiction', 'show', id)
  expect(one).toMatch(/^结论 矛盾：节点/mu)
  expect(one).toMatch(/^申诉 .* 张：当日割接（附 说明\.txt）$/mu)
  expect(one).toMatch(/^记录 .* 矛盾：/mu)
  expectRefusal(
    await folder.run('contradiction', 'answer', 'c-000001', '--text', 'x'),
    2,
    /expected a claim that is contradicted \(矛盾\), got 相符/u,
  )
  expectRefusal(await folder.run('verify', 's-tru'), 2, /did you mean s-true\?/u)
  const listed = await folder.run('contradiction', 'list', 's-outside')
  expect(listed).toMatchObject({ code: 3, stderr: expect.stringContaining('矛盾 1') as string })

  // Nobody is heard any more: nothing is contradicted by what agents would have to see now.
  const later = new Date(Date.now() + 600_000).toISOString()
  expect(await verdicts(folder, '--as-of', later)).toMatchObject({
    'n-true': 'unverifiable',
    'n-false': 'unverifiable',
    's-outside': 'unverifiable',
    'w-false': 'unverifiable',
  })
  // Of a time before anything was claimed there is nothing to verify.
  expect(await verdicts(folder, '--as-of', addDays(today, -1))).toEqual({})
}, 240_000)
