import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { icmpMethod } from '../../probes/icmp/index.ts'
import type { StatusReport } from '../../src/collector/status.ts'
import { yiwang } from '../support/cli.ts'
import { listening, type Peer } from '../support/peers.ts'
import { type Child, startYiwang, until } from './child.ts'
import { copyOf, type DataFolder, emptyFolder, expectRefusal, kaifeng } from './data-folder.ts'

const cadence = 'intervalSeconds: 2, timeoutSeconds: 1'
const configuration = `
probing:
  icmp: { intervalSeconds: 2, count: 1 }
  tcp: { ${cadence} }
  http: { ${cadence} }
collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 30 }
`

let website: Peer
let city: DataFolder
beforeAll(async () => {
  website = await listening(http.createServer((_, response) => void response.end('ok')))
  city = await kaifeng()
  await writeFile(city.file('yiwang.yaml'), configuration)
  await addWebsite(city, 's-portal')
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await website[Symbol.asyncDispose]()
})

const addWebsite = (folder: DataFolder, id: string): Promise<string> =>
  folder.ok(
    ...['system', 'add', id, `name=${id}`, 'region=410200', 'kind=website'],
    `endpoints=http://127.0.0.1:${website.port}/`,
  )

const urlOf = async (collector: Child): Promise<string> => {
  const line = await collector.said(/collector listens on/u)
  return /http:\/\/[\d.]+:\d+/u.exec(line)?.[0] ?? ''
}

const statusOf = async (url: string): Promise<StatusReport> =>
  (await (await fetch(`${url}/v1/status`)).json()) as StatusReport

describe('yiwang sweep', () => {
  test('everything now: what is up, what is down, and the exit code for scripts', async () => {
    await using folder = await copyOf(city)
    const up = await folder.run('sweep')
    expect(up).toMatchObject({ code: 0, stderr: '' })
    expect(up.stdout).toMatch(/^systems +1 +1 +0 +0 +0 +0 +100\.0 %$/mu)

    await folder.ok('node', 'set', 'n-410200', 'addresses=127.0.0.1')
    await folder.ok(
      'system',
      'add',
      's-off',
      'name=停',
      'region=410202',
      'kind=other',
      'endpoints=tcp://127.0.0.1:1',
    )
    const down = await folder.run('sweep', '--json', '--observations')
    expect(down).toMatchObject({ code: 3, stderr: '' })
    expect(JSON.parse(down.stdout)).toMatchObject({
      coverage: { all: { up: 1 } },
      systems: { up: 1, down: 1 },
      observations: expect.arrayContaining([
        expect.objectContaining({ target: 's-off', status: 'down', cause: 'refused' }),
      ]) as unknown,
    })
    const county = JSON.parse(
      (await folder.run('sweep', '--region', '410202', '--json')).stdout,
    ) as StatusReport
    expect(county).toMatchObject({ jobs: 1, systems: { total: 1, down: 1 } })
  })

  test('a credential that is not there is our trouble, not the target’s: 4', async () => {
    await using folder = await copyOf(city)
    await folder.ok('system', 'remove', 's-portal')
    await folder.ok(
      ...['device', 'add', 'd-1', 'name=r', 'role=router', 'node=n-410200'],
      ...['address=127.0.0.1', 'snmp.credential=nobody'],
    )
    const { code, stdout, stderr } = await folder.run('sweep', '--kind', 'router')
    expect({ code, stderr }).toEqual({ code: 4, stderr: '1 could not be looked at by snmp: credential\n' })
    // It answers a ping: that it is up is known all the same.
    expect(stdout).toMatch(/^devices +1 +1 /mu)
  })

  test('with nothing to look at, it says so', async () => {
    const { code, stderr } = await city.run('sweep', '--level', 'township')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toMatch(/^nothing to look at: no target here has an address/u)
  })

  test.skipIf(!['raw', 'datagram'].includes(icmpMethod()))(
    'thousands of targets in no pace are swept with the help of a thread',
    async () => {
      await using folder = await copyOf(city)
      await folder.ok('system', 'remove', 's-portal')
      const options = (index: number): string =>
        JSON.stringify({
          address: `127.40.${index >> 8}.${index & 255}`,
          count: 3,
          packetsPerSecond: 1_000_000,
        })
      const rows = Array.from(
        { length: 5000 },
        (_, index) => `s-${index},系统${index},410202,other,icmp,"${options(index).replaceAll('"', '""')}"`,
      )
      const columns = 'id,name,region,kind,probes.1.kind,probes.1.options'
      await writeFile(folder.file('system.csv'), [columns, ...rows].join('\n'))
      await folder.ok('import', folder.file('system.csv'))
      // Three rounds: what the thread says of itself, or why it could not begin, is heard before the process ends.
      const watcher = folder.file('watch.cjs')
      const told = "on('online', () => console.error('begins')).on('error', (error) => console.error(error))"
      await writeFile(watcher, `process.on('worker', (worker) => worker.${told})`)
      const env = { NODE_OPTIONS: `--require ${watcher}` }
      const swept = await yiwang(['sweep', '--json', '--data', folder.path], { env })
      expect(swept).toMatchObject({ code: 0, stderr: 'begins\n' })
      expect(JSON.parse(swept.stdout)).toMatchObject({ systems: { total: 5000, up: 5000 } })
    },
  )
})

describe('yiwang run', () => {
  test('probes, judges, serves; follows the inventory; ends on SIGTERM', async () => {
    await using folder = await copyOf(city)
    await folder.ok('node', 'set', 'n-410200', 'addresses=127.0.0.1')
    await using site = startYiwang(['run', '--data', folder.path])
    const url = await urlOf(site)
    const isUp = ({ systems, coverage }: StatusReport): boolean => systems.up === 1 && coverage.all.up === 1
    await until(() => statusOf(url), isUp)

    const status = await folder.run('status', '--collector', url)
    expect(status).toMatchObject({ code: 0, stderr: '' })
    expect(status.stdout).toMatch(/^city +1 +1 +0 +0 +0 +0 +100\.0 %$/mu)
    expect(status.stdout).not.toContain('no agent is known')
    expect(await folder.json('status', '--collector', url)).toMatchObject({ systems: { total: 1, up: 1 } })

    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/^yiwang_probe_up\{.*target="s-portal".*\} 1$/mu)

    await addWebsite(folder, 's-second')
    await until(
      () => statusOf(url),
      ({ systems }) => systems.up === 2,
    )

    site.send('SIGTERM')
    expect(await site.ended).toEqual([0, null])
    expect(site.log.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })

  test('what is down is told, with its exit code', async () => {
    await using folder = await copyOf(city)
    await folder.ok('system', 'set', 's-portal', 'endpoints=tcp://127.0.0.1:1')
    await using site = startYiwang(['run', '--data', folder.path])
    const url = await urlOf(site)
    await until(
      () => statusOf(url),
      ({ systems }) => systems.down === 1,
    )
    const { code, stdout } = await folder.run('status', '--collector', url)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^s-portal +s-portal +tcp: refused +\d+ s +connect ECONNREFUSED/mu)
  })
})

describe('a collector and an agent', () => {
  interface Field extends AsyncDisposable {
    readonly collector: string
    readonly city: DataFolder
    readonly county: DataFolder
    readonly agent: Child
  }

  const enrol = async (collector: string, at: { city: DataFolder; county: DataFolder }, id: string) => {
    const { stdout, code } = await at.city.run('agent', 'invite', id)
    expect(code).toBe(0)
    return startYiwang(['agent', 'enroll', '--collector', collector, '--id', id, '--data', at.county.path], {
      input: stdout,
    }).ended
  }

  const startField = async (): Promise<Field> => {
    await using stack = new AsyncDisposableStack()
    const own = stack.use(await copyOf(city))
    const county = stack.use(await emptyFolder())
    const running = stack.use(startYiwang(['collector', 'run', '--data', own.path]))
    const collector = await urlOf(running)
    expect(await enrol(collector, { city: own, county }, 'lankao')).toEqual([0, null])
    const agent = stack.use(startYiwang(['agent', 'run', '--data', county.path]))
    await until(
      () => statusOf(collector),
      ({ systems }) => systems.up === 1,
    )
    const owned = stack.move()
    return { collector, city: own, county, agent, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  const recordOf = async (folder: DataFolder) =>
    (await folder.json('agent', 'show', 'lankao')) as Readonly<Record<string, unknown>>

  test('invite, enrol, run; a changed plan, a new key, a revocation reach the running agent', async () => {
    await using field = await startField()
    const before = await recordOf(field.city)
    expect(before).toMatchObject({ state: 'active' })

    await field.county.ok('agent', 'rotate')
    await addWebsite(field.city, 's-second')
    await until(
      () => statusOf(field.collector),
      ({ systems }) => systems.up === 2,
    )
    const after = await until(
      () => recordOf(field.city),
      ({ previousKeyHash }) => previousKeyHash === undefined,
    )
    expect(after['keyHash']).not.toBe(before['keyHash'])

    await field.city.ok('agent', 'revoke', 'lankao', '--reason', '设备退役')
    await field.agent.said(/was revoked/u)
    await until(
      () => statusOf(field.collector),
      ({ agents }) => agents[0]?.state === 'revoked',
    )
    expectRefusal(await field.county.run('agent', 'rotate'), 4, /403: agent lankao was revoked\n {2}→ /u)

    field.agent.send('SIGTERM')
    expect(await field.agent.ended).toEqual([0, null])
    const said = [...field.agent.output, ...field.agent.log].join('\n')
    expect(said).not.toMatch(/Bearer|[A-Za-z0-9_-]{32,}/u)
  })

  test('an invitation is good once, and only for its agent', async () => {
    await using field = await startField()
    await using other = await emptyFolder()
    const { stdout: invitation } = await field.city.run('agent', 'invite', 'weishi')
    const args = (id: string) => [
      'agent',
      'enroll',
      '--collector',
      field.collector,
      '--id',
      id,
      '--data',
      other.path,
    ]
    const asAnother = startYiwang(args('lankao'), { input: invitation })
    expect(await asAnother.ended).toEqual([4, null])
    expect(asAnother.log[0]).toMatch(/^yiwang: collector http:.* answered 40[13]: /u)
    expect(await startYiwang(args('weishi'), { input: invitation }).ended).toEqual([0, null])
    const again = startYiwang(args('weishi'), { input: invitation })
    expect(await again.ended).toEqual([4, null])
    expect(again.log.join('\n')).not.toContain(invitation.trim())
  })
})

test('eight writers at once lose nothing', async () => {
  await using folder = await copyOf(city)
  const ids = Array.from({ length: 8 }, (_, index) => `c-${index}`)
  const results = await Promise.all(ids.map((id) => folder.run('contact', 'add', id, `name=${id}`)))
  expect(results.map(({ code }) => code)).toEqual(ids.map(() => 0))
  const contacts = (await folder.json('contact', 'list')) as readonly { readonly id: string }[]
  expect(contacts.map(({ id }) => id)).toEqual(ids)
  expect(await folder.ok('audit', 'head')).toMatch(/^10:/u)
  expect((await folder.run('audit', 'verify')).code).toBe(0)
})
