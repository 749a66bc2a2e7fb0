import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { statfsSync } from 'node:fs'
import os from 'node:os'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTimex } from '../../probes/host/clock.ts'
import type { HostFacts } from '../../probes/host/facts.ts'
import { host } from '../../probes/host/index.ts'
import { countOf } from '../../probes/host/interfaces.ts'
import { parseOsRelease } from '../../probes/host/os-release.ts'
import { parseSockets } from '../../probes/host/proc-net.ts'
import { socketInode } from '../../probes/host/processes.ts'
import { parseUnits } from '../../probes/host/services.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { probeContext } from '../support/context.ts'
import { peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'

const run = promisify(execFile)
const english = { env: { ...process.env, LC_ALL: 'C' } }

const look = (options: Readonly<Record<string, unknown>> = {}) =>
  host.bind({ address: 'localhost', ...options })(probeContext())

const factsNow = async (): Promise<HostFacts> => (await look()).facts as unknown as HostFacts

/** What changes by itself may differ so much between two looks. */
const isNear = (left: number, right: number, share: number): boolean =>
  Math.abs(left - right) <= share * Math.max(left, right)

test('the machine is up, and each part is read', async () => {
  const measurement = await look()
  expect(measurement).toMatchObject({
    status: 'up',
    facts: {
      hostname: os.hostname(),
      kernel: os.release(),
      architecture: process.arch,
      cpuCount: os.cpus().length,
      unread: [],
    },
  })
  const facts = measurement.facts as unknown as HostFacts
  expect(isNear(facts.uptimeSeconds!, os.uptime(), 0.1)).toBe(true)
  expect(facts.cpuBusyRatio).toBeGreaterThanOrEqual(0)
  expect(facts.cpuBusyRatio).toBeLessThanOrEqual(1)
  expect(facts.processCount).toBeGreaterThan(1)
  expect(facts.clock!.maxErrorSeconds).toBeGreaterThanOrEqual(0)
})

test('its metrics are read from the facts, with labels in their bounds', async () => {
  const facts = await factsNow()
  const shown = new Map(host.metrics.map(({ name, read }) => [name, read(facts as never)]))
  expect(shown.get('yiwang_host_memory_size_bytes')).toBe(facts.memory!.totalBytes)
  expect(shown.get('yiwang_host_filesystem_size_bytes')).toContainEqual({
    value: facts.filesystems![0]!.sizeBytes,
    labels: { mountpoint: facts.filesystems![0]!.mountpoint },
  })
  for (const value of shown.values()) {
    if (!Array.isArray(value)) continue
    expect(value.length).toBeLessThanOrEqual(64)
    for (const reading of value as { value: unknown; labels: Record<string, string> }[]) {
      expect(reading.value).toBeTypeOf('number')
      expect(Object.values(reading.labels)[0]!.length).toBeLessThanOrEqual(128)
    }
  }
})

test.each(['192.0.2.1', 'example.test', '::2', ''])('%s is not the agent’s own machine', (address) => {
  expect(() => host.bind({ address })).toThrow(UsageFault)
})

test('what has not come by the deadline is left out, and said', async () => {
  const measurement = await look({ timeoutSeconds: 0.001 })
  const parts =
    measurement.status === 'up'
      ? (measurement.facts as unknown as HostFacts).unread
      : [{ reason: measurement.detail }]
  expect(parts.length).toBeGreaterThan(0)
  for (const { reason } of parts) expect(reason).toContain('no answer in time')
  // Nothing is left of it: the next look is whole.
  expect((await factsNow()).unread).toEqual([])
})

test('a run that is cancelled in the middle is unknown', async () => {
  const cancel = new AbortController()
  const measuring = host.bind({ address: 'localhost' })(probeContext({ signal: cancel.signal }))
  cancel.abort()
  expect(await measuring).toMatchObject({ status: 'unknown', cause: 'cancelled', facts: {} })
})

describe('what other programs say', () => {
  test.skipIf(requires('df').skip)('df: file systems and inodes', async () => {
    const { stdout } = await run('df', ['-B1', '--output=target,size,used,avail,itotal'], english)
    const rows = new Map(
      stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/u))
        .map(([target = '', ...numbers]) => [target, numbers.map(Number)]),
    )
    const { filesystems = [] } = await factsNow()
    expect(filesystems.map(({ mountpoint }) => mountpoint)).toContain('/')
    for (const { mountpoint, sizeBytes, usedBytes, availableBytes, inodes } of filesystems) {
      const [size = 0, used = 0, available = 0, itotal] = rows.get(mountpoint) ?? []
      expect(isNear(sizeBytes, size, 0.001), mountpoint).toBe(true)
      expect(isNear(usedBytes, used, 0.2), mountpoint).toBe(true)
      expect(isNear(availableBytes, available, 0.2), mountpoint).toBe(true)
      if (inodes !== undefined) expect(inodes).toBe(itotal)
    }
    expect(filesystems.find(({ mountpoint }) => mountpoint === '/')?.inodes).toBe(
      statfsSync('/').files || undefined,
    )
  })

  test.skipIf(requires('free').skip)('free: memory and swap', async () => {
    const { stdout } = await run('free', ['-b'], english)
    const rowOf = (name: string) =>
      new RegExp(`^${name}: +(.*)$`, 'mu').exec(stdout)?.[1]?.split(/\s+/u).map(Number)
    const { memory } = await factsNow()
    expect(memory!.totalBytes).toBe(rowOf('Mem')?.[0])
    expect(isNear(memory!.availableBytes, rowOf('Mem')?.[5] ?? 0, 0.2)).toBe(true)
    expect(memory!.swapTotalBytes).toBe(rowOf('Swap')?.[0])
  })

  test.skipIf(requires('ss').skip)('ss: who listens, of us by name', async () => {
    await using first = await peer(() => undefined)
    await using second = await peer(() => undefined, '::1')
    const datagram = dgram.createSocket('udp4')
    datagram.bind(0, '127.0.0.1')
    await once(datagram, 'listening')
    const ours = [
      ['tcp', '127.0.0.1', first.port],
      ['tcp', '::1', second.port],
      ['udp', '127.0.0.1', datagram.address().port],
    ] as const
    const [{ stdout }, { listening = [], listeningCount = 0 }] = await Promise.all([
      run('ss', ['-Hltun']),
      factsNow(),
    ])
    datagram.close()
    const printed = new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/u))
        .map(
          ([protocol, , , , local = '']) =>
            `${protocol} ${local.replace(/%\w+(?=:\d+$)/u, '').replace(/^\*:/u, '[::]:')}`,
        ),
    )
    const shown = ({ address, port }: { readonly address: string; readonly port: number }): string =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
    for (const [protocol, address, port] of ours) {
      expect(printed).toContain(`${protocol} ${shown({ address, port })}`)
      // Where thousands listen beside us, ours need not be among the first 512.
      if (listeningCount <= 512)
        expect(listening).toContainEqual(
          expect.objectContaining({ protocol, address, port, pid: process.pid, userId: process.getuid?.() }),
        )
    }
    // Others come and go between two looks: most must agree.
    const agreed = listening.filter((socket) => printed.has(`${socket.protocol} ${shown(socket)}`))
    expect(agreed.length).toBeGreaterThan(listening.length * 0.8)
  })

  test.skipIf(requires('ip').skip)('ip: interfaces, their state and addresses', async () => {
    const { stdout } = await run('ip', ['-json', '-stats', 'address'])
    const links = JSON.parse(stdout) as {
      readonly ifname: string
      readonly operstate: string
      readonly address?: string
      readonly stats64: { readonly rx: { readonly bytes: number } }
      readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[]
    }[]
    const { interfaces = [] } = await factsNow()
    const loopback = links.find(({ ifname }) => ifname === 'lo')!
    const ours = interfaces.find(({ name }) => name === 'lo')!
    expect(ours.state).toBe(loopback.operstate.toLowerCase())
    expect(ours.addresses).toEqual(loopback.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`))
    expect(ours.receiveBytes).toBeGreaterThanOrEqual(loopback.stats64.rx.bytes)
    for (const { ifname, address } of links.slice(0, 64)) {
      const row = interfaces.find(({ name }) => name === ifname)
      if (row !== undefined) expect(row.mac).toBe(address)
    }
  })
})

describe('parsing', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 })

  test('rows of /proc/net/tcp and udp', () => {
    const head =
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
    const tail = '1 0000000000000000 100 0 0 10 0'
    const rows = [
      `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 ${tail}`,
      `   1: 0100007F:1F90 0100007F:ABCD 01 00000000:00000000 02:000A7214 00000000  1000        0 4712 ${tail}`,
      `  10: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9 ${tail}`,
      `4000: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 10 ${tail}`,
    ]
    expect(parseSockets([head, ...rows, ''].join('\n'), 'tcp')).toEqual([
      { protocol: 'tcp', address: '127.0.0.1', port: 8080, userId: 1000, inode: 4711 },
      { protocol: 'tcp', address: '::1', port: 22, userId: 0, inode: 9 },
      { protocol: 'tcp', address: '2001:db8::1', port: 443, userId: 33, inode: 10 },
    ])
    const datagram = ` 123: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 77 2 0000 0`
    expect(parseSockets(datagram, 'udp')).toEqual([
      { protocol: 'udp', address: '0.0.0.0', port: 514, userId: 0, inode: 77 },
    ])
    expect(parseSockets(datagram, 'tcp')).toEqual([])
  })

  test('any text is rows or none', () => {
    const hex = fc.stringMatching(/^[0-9A-F]{0,40}$/u)
    const row = fc
      .tuple(hex, hex, hex)
      .map(([address, port, state]) => `0: ${address}:${port} 0:0000 ${state} 0:0 0:0 0  0        0 1 2`)
    fc.assert(
      fc.property(fc.oneof(text, row), fc.constantFrom('tcp' as const, 'udp' as const), (lines, protocol) => {
        for (const { port, address } of parseSockets(lines, protocol)) {
          expect(port).toBeLessThanOrEqual(65_535)
          expect(address).toMatch(/^[\da-f.:]+$/u)
        }
      }),
    )
  })

  test('os-release: quotes, escapes, comments', () => {
    const values = parseOsRelease(
      '# a comment\nNAME="openEuler"\nVERSION_ID="22.03"\nID=\'kylin\'\nPRETTY_NAME="A \\"B\\" \\$C"\nBAD LINE\nlower=x\n',
    )
    expect(Object.fromEntries(values)).toEqual({
      NAME: 'openEuler',
      VERSION_ID: '22.03',
      ID: 'kylin',
      PRETTY_NAME: 'A "B" $C',
    })
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((value) => `NAME="${value}"`),
        ),
        (lines) => {
          const parsed = parseOsRelease(lines)
          expect(parsed.size).toBeLessThanOrEqual(100)
          for (const value of parsed.values()) expect(value).not.toMatch(/[\p{Cc}\u202e]/u)
        },
      ),
    )
  })

  test('failed units of systemctl', () => {
    const output =
      'nginx.service loaded failed failed A high performance web server\nmnt-data.mount loaded failed failed /mnt/data\n\n0 loaded units listed.\n'
    expect(parseUnits(output)).toEqual(['nginx.service', 'mnt-data.mount'])
    fc.assert(
      fc.property(text, (lines) => {
        expect(parseUnits(lines).length).toBeLessThanOrEqual(100)
      }),
    )
  })

  test('counts and links, or nothing', () => {
    expect(countOf('1000\n')).toBe(1000)
    expect(['-1\n', '', 'x', '1 2', undefined].map(countOf)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
    expect(socketInode('socket:[4711]')).toBe(4711)
    fc.assert(
      fc.property(text, (link) => {
        expect(countOf(link) ?? 0).toBeGreaterThanOrEqual(0)
        expect(socketInode(link) ?? 0).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('any bytes of the kernel are a clock', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 208, maxLength: 208 }), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        expect(readTimex(view).synchronised).toBe(view.getBigInt64(24, true) < 16_000_000n)
        expect(readTimex(view).maxErrorSeconds).not.toBeNaN()
      }),
    )
  })
})
