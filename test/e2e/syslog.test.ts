import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { openLogStore } from '../../src/collector/syslog/store.ts'
import type { Finding } from '../../src/security/events.ts'
import { residentMegabytes } from '../bench/process.ts'
import { type Child, startYiwang, until } from './child.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

interface Running extends AsyncDisposable {
  readonly folder: DataFolder
  readonly child: Child
  readonly url: string
  readonly port: number
}

const configure = (folder: DataFolder, syslog: object): Promise<void> =>
  writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({
      agent: { hostChecks: { enabled: false } },
      collector: { listen: '127.0.0.1:0', syslog },
    }),
  )

/** Two devices of one node. */
const deviceFolder = async (): Promise<DataFolder> => {
  const folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  const [node] = (await folder.json('node', 'list')) as readonly { readonly id: string }[]
  const devices = [
    ['fw-1', 'name=边界防火墙', 'role=firewall', 'address=127.0.0.1'],
    ['sw-1', 'name=核心交换机', 'role=switch', 'address=127.0.0.9'],
  ]
  for (const device of devices) await folder.ok('device', 'add', ...device, `node=${node?.id ?? ''}`)
  return folder
}

const silentOnes = async (folder: DataFolder): Promise<readonly Finding[]> =>
  ((await folder.json('finding', 'list')) as readonly Finding[]).filter(({ rule }) => rule === 'log.silent')

const started = async (folder: DataFolder): Promise<Running> => {
  await using stack = new AsyncDisposableStack()
  const child = stack.use(startYiwang(['collector', 'run', '--data', folder.path]))
  const taken = JSON.parse(await child.said(/log messages are taken/u)) as { readonly port: number }
  const url = (await child.said(/^collector listens on/u)).replace('collector listens on ', '')
  const owned = stack.move()
  return { folder, child, url, port: taken.port, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const collecting = async (): Promise<Running> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await deviceFolder())
  await configure(folder, { tcp: '127.0.0.1:0', allow: ['127.0.0.0/8'] })
  const running = stack.use(await started(folder))
  const owned = stack.move()
  return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const say = async (port: number, text: string): Promise<void> => {
  const socket = net.connect(port, '127.0.0.1')
  socket.end(text)
  await once(socket, 'close')
}

interface Entry {
  readonly text: string
  readonly severity: string
}

const search = async (folder: DataFolder, ...flags: readonly string[]): Promise<readonly Entry[]> =>
  (await folder.json('log', 'search', ...flags)) as readonly Entry[]

describe('log messages of devices', () => {
  test('are taken, found, counted and shown; who never logged is named; they outlive kill -9', async () => {
    await using running = await collecting()
    const { folder, port, child, url } = running
    await say(
      port,
      '<187>Nov 26 08:00:00 fw-1 sshd[7]: login failed for 李四\n<190>Nov 26 08:00:01 fw-1 kernel: fine\n',
    )
    const all = await until(
      () => search(folder),
      (entries) => entries.length === 2,
    )
    expect(all.map(({ severity }) => severity)).toEqual(['err', 'info'])
    expect(await search(folder, '--text', 'LOGIN failed')).toMatchObject([
      { text: 'sshd[7]: login failed for 李四' },
    ])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('yiwang_syslog_messages_total{source="127.0.0.1"} 2')
    expect(metrics).toContain(`yiwang_syslog_retention_seconds ${190 * 86_400}`)
    // Who never logged is a finding of low severity, and no incident.
    const findings = await until(
      () => silentOnes(folder),
      ({ length }) => length > 0,
    )
    expect(findings).toMatchObject([{ target: 'sw-1', severity: 'low', saw: '从未收到 127.0.0.9 的日志' }])
    child.send('SIGKILL')
    await child.ended
    expect(await folder.ok('log', 'search', '--severity', 'err')).toMatch(
      /127\.0\.0\.1 tcp +err +fw-1 +sshd\[7\]: login failed/u,
    )
    const { code, stdout } = await folder.run('log', 'sources')
    expect(code).toBe(3)
    expect(stdout).toMatch(/127\.0\.0\.9 +never +0 +sw-1 核心交换机/u)
    expect(stdout).toMatch(/127\.0\.0\.1 +logging +2 .*fw-1 边界防火墙/u)
    expect(stdout).toContain('kept for 190 days')

    const assets = ['--asset', 'net.fw=安全设备:防火墙:fw-1', '--asset', 'net.sw=网络设备:交换机:sw-1']
    await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', ...assets)
    const evidence = await folder.ok('mlps', 'evidence', 'net', '--item', 'L3-ABS1-16')
    expect(evidence).toMatch(/net\.fw +L3-ABS1-16 +支持符合 +设备日志送达采集端，共 2 条/u)
    expect(evidence).toMatch(/net\.sw +L3-ABS1-16 +不能判断 +采集端没有收到过该设备的日志/u)
  })

  describe('a device that stopped logging is a finding', () => {
    /** A collector that heard a device two minutes ago, and takes a minute for silence. */
    const stopped = async (): Promise<Running> => {
      await using stack = new AsyncDisposableStack()
      const folder = stack.use(await deviceFolder())
      await configure(folder, { tcp: '127.0.0.1:0', allow: ['127.0.0.1/32'], silentAfterSeconds: 60 })
      {
        using store = openLogStore(folder.file('collector', 'log.sqlite'))
        const line = '<190>Nov 26 08:00:01 fw-1 kernel: fine'
        store.append([
          { receivedAt: Date.now() - 120_000, source: '127.0.0.1', transport: 'tcp', isCut: false, line },
        ])
      }
      const running = stack.use(await started(folder))
      await until(
        () => silentOnes(folder),
        ({ length }) => length > 0,
      )
      expect(await silentOnes(folder)).toMatchObject([
        { target: 'fw-1', severity: 'medium', incident: expect.any(String) as string },
      ])
      const owned = stack.move()
      return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() }
    }
    const gone = ({ folder }: Running) =>
      until(
        () => silentOnes(folder),
        ({ length }) => length === 0,
      )
    const shown = async ({ url }: Running): Promise<string | undefined> =>
      /^yiwang_syslog_source_silent.*$/mu.exec(await (await fetch(`${url}/metrics`)).text())?.[0]

    test('and none any more when it logs again', async () => {
      await using running = await stopped()
      expect(await shown(running)).toBe('yiwang_syslog_source_silent{source="127.0.0.1"} 1')
      await say(running.port, '<190>Nov 26 08:00:01 fw-1 kernel: back\n')
      await gone(running)
      expect(await shown(running)).toBe('yiwang_syslog_source_silent{source="127.0.0.1"} 0')
    })

    test('and none any more when it is removed from the inventory; its log is kept', async () => {
      await using running = await stopped()
      const { folder } = running
      await folder.ok('device', 'remove', 'fw-1')
      await gone(running)
      expect(
        await until(
          () => shown(running),
          (line) => line === undefined,
        ),
      ).toBeUndefined()
      expect(await folder.json('log', 'search', '--text', 'fine')).toHaveLength(1)
      const { code, stdout } = await folder.run('log', 'sources')
      expect(stdout).toMatch(/127\.0\.0\.1 +former +1 /u)
      expect(code).toBe(0)
    })
  })

  test('a line of 1 GiB: little memory, its beginning kept, and others are heard meanwhile', async () => {
    await using running = await collecting()
    const { folder, port, child } = running
    const before = residentMegabytes(child.pid).now
    let atQuarter = 0
    const long = net.connect(port, '127.0.0.1')
    const piece = Buffer.alloc(1024 * 1024, 'x')
    for (let sent = 0; sent < 1024; sent += 1) {
      if (!long.write(piece)) await once(long, 'drain')
      if (sent === 256) atQuarter = residentMegabytes(child.pid).peak
      if (sent === 512) await say(port, '<190>Nov 26 08:00:01 fw-1 kernel: meanwhile\n')
    }
    long.end('\n<190>Nov 26 08:00:02 fw-1 kernel: next\n')
    await once(long, 'close')
    const found = await until(
      () => search(folder, '--text', 'kernel'),
      ({ length }) => length === 2,
    )
    expect(found.map(({ text }) => text).toSorted()).toEqual(['kernel: meanwhile', 'kernel: next'])
    expect(await (await fetch(`${running.url}/metrics`)).text()).toContain(
      'yiwang_syslog_cut_messages_total 1',
    )
    // What was read and is not collected yet, and no more of it for a longer line.
    const { peak } = residentMegabytes(child.pid)
    expect(peak - before).toBeLessThan(150)
    expect(peak - atQuarter).toBeLessThan(100)
  }, 120_000)

  test.each([
    [{ tcp: '127.0.0.1:0' }, /collector\.syslog\.allow: expected the networks of the devices/u],
    [{ tcp: '127.0.0.1:0', allow: ['10.1.2.3'] }, /allow\.0: expected a network as address\/length/u],
    [{ retentionDays: 90 }, /retentionDays: expected number to be >=184, got 90/u],
  ])('a configuration that cannot be: %j', async (syslog, words) => {
    await using folder = await emptyFolder()
    await configure(folder, syslog)
    expectRefusal(await folder.run('collector', 'run'), 2, words)
  })

  test('where nothing was ever taken, the search says what to do', async () => {
    await using folder = await emptyFolder()
    expectRefusal(
      await folder.run('log', 'search'),
      4,
      /no log messages were ever taken here\n {2}→ configure collector\.syslog/u,
    )
    expectRefusal(
      await folder.run('log', 'search', '--since', 'yesterday'),
      2,
      /--since: expected a time as/u,
    )
  })
})
