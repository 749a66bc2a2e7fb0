import { execFile } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { icmpMethod } from '../../probes/icmp/index.ts'
import { hasRoom, startSender, stopSender } from '../../probes/icmp/sender.ts'
import { ahead, mostBatches, slotOf } from '../../probes/icmp/ring.ts'
import { type Network, createNetwork, requiresRoot } from '../support/netns.ts'
import type { BurstOrder, BurstResult } from './icmp-burst-child.ts'

const child = path.join(import.meta.dirname, 'icmp-burst-child.ts')
/** Without the right to start a thread. */
const threadless = ['--no-warnings', '--permission', '--allow-fs-read=*', '--allow-addons'] as const
/** Sooner than the engine's sockets and its thread would be closed for being idle. */
const soon = { timeout: 9000 }

const burst = async (order: BurstOrder, ...flags: readonly string[]): Promise<BurstResult> => {
  const args = [...flags, child, JSON.stringify(order)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as BurstResult
}

const loopback = { prefix: '127.20', count: 20_000 }
const allUp = { [loopback.prefix]: { 'up 1': loopback.count } }

describe.skipIf(!['raw', 'datagram'].includes(icmpMethod()))('a burst on loopback', () => {
  test('all are answered by way of the thread, in round trips as short as without', async () => {
    const [helped, alone] = [
      await burst({ targets: [loopback] }),
      await burst({ targets: [loopback] }, ...threadless),
    ]
    expect(helped).toMatchObject({ threads: 1, ends: [allUp], duplicates: 0 })
    expect(alone).toMatchObject({ threads: 0, ends: [allUp], duplicates: 0 })
    // A batch waits for some milliseconds until the thread has its turn: that is no part of a round trip.
    for (const { rttSeconds } of [helped, alone]) {
      expect(rttSeconds.min).toBeGreaterThanOrEqual(0)
      expect(rttSeconds.median).toBeLessThan(0.0005)
    }
  })

  test('three packets to each', async () => {
    const result = await burst({ targets: [loopback], options: { count: 3, intervalSeconds: 0.02 } })
    expect(result).toMatchObject({
      threads: 1,
      ends: [{ [loopback.prefix]: { 'up 3': 20_000 } }],
      duplicates: 0,
    })
  })

  test('a paced sweep starts no thread, not even after the event loop has stood still', async () => {
    const paced = { targets: [loopback], options: { packetsPerSecond: 20_000 }, standStillAfter: 2000 }
    expect(await burst(paced)).toMatchObject({ threads: 0, ends: [allUp] })
  })

  test('cancelled in its middle: each has one end, and the next sweep is whole', async () => {
    const { threads, ends } = await burst({ targets: [loopback], sweeps: 3, cancelAfter: 8000, disturbed: 1 })
    const { 'up 1': up = 0, 'unknown cancelled the sweep was cancelled': cancelled = 0 } =
      ends[1]![loopback.prefix]!
    expect({ threads, first: ends[0], last: ends[2] }).toEqual({ threads: 1, first: allUp, last: allUp })
    expect(up).toBeGreaterThanOrEqual(8000)
    expect(up + cancelled).toBe(loopback.count)
    expect(cancelled).toBeGreaterThan(0)
  })

  test('a thread that dies takes nothing with it', async () => {
    const result = await burst({ targets: [loopback], sweeps: 3, endThreadAfter: 3000, disturbed: 1 })
    expect(result).toMatchObject({ threads: 1, ends: [allUp, allUp, allUp] })
  })

  test('a process ends by itself after a burst, thread or not', async () => {
    const args = [child, JSON.stringify({ targets: [{ prefix: '127.21', count: 5000 }] })]
    const { stdout } = await promisify(execFile)(process.execPath, args, soon)
    expect(JSON.parse(stdout)).toMatchObject({ threads: 1, ends: [{ '127.21': { 'up 1': 5000 } }] })
  })

  test.each([1, 4200, 5000, 10_000])(
    'a process may exit after %i results, whatever the thread does',
    async (results) => {
      const args = [child, JSON.stringify({ targets: [loopback], exitAfter: results })]
      expect(await promisify(execFile)(process.execPath, args, soon)).toEqual({ stdout: '', stderr: '' })
    },
  )
})

describe.skipIf(requiresRoot().skip)('a burst across a link', () => {
  let network: Network
  beforeAll(async () => {
    network = await createNetwork([{ upper: 'near', lower: 'far' }])
    const near = (...args: readonly string[]) => network.run('near', 'ip', ...args)
    const far = (...args: readonly string[]) => network.run('far', 'ip', ...args)
    await near('address', 'add', 'fd97:1::1/64', 'dev', 'port0', 'nodad')
    await far('address', 'add', 'fd97:1::2/64', 'dev', 'uplink', 'nodad')
    await near('route', 'add', '11.0.0.0/8', 'via', network.address('far'))
    await near('route', 'add', 'fd97::/16', 'via', 'fd97:1::2')
    await near('route', 'add', 'unreachable', '11.1.0.0/16')
    await near('route', 'add', 'blackhole', '11.2.0.0/16')
    await near('route', 'add', 'prohibit', '11.3.0.0/16')
    await far('route', 'add', 'local', '11.9.0.0/16', 'dev', 'lo')
    await far('route', 'add', 'local', 'fd97:9::/32', 'dev', 'lo')
    await far('route', 'add', 'blackhole', '11.4.0.0/16')
    await far('route', 'add', 'blackhole', 'fd97:4::/32')
    await network.run('near', 'sysctl', '-qw', 'net.ipv4.ping_group_range=0 0')
    // Interfaces that have just come up take a moment: the first answer within 20 s.
    await network.run('near', 'ping', '-c1', '-w20', 'fd97:1::2')
  })
  afterAll(() => network[Symbol.asyncDispose]())

  const wrappers = [
    ['raw', []],
    // As root, which owns the files, but without any capability.
    ['datagram', ['setpriv', '--securebits=+noroot,+noroot_locked']],
  ] as const
  const silence = 'down timeout no reply to 1 packet within 1 s each'

  test.each(wrappers)(
    'the dead and the refused are told as without a thread, by a %s socket',
    async (_, wrapper) => {
      const targets = [
        { prefix: '11.9', count: 9000 },
        { prefix: '11.1', count: 200 },
        { prefix: 'fd97:9:', count: 9000 },
        { prefix: '11.2', count: 200 },
        { prefix: '11.4', count: 500 },
        { prefix: 'fd97:4:', count: 500 },
        { prefix: '11.3', count: 200 },
      ]
      const run = async (...flags: readonly string[]): Promise<BurstResult> => {
        const [command, ...args] = [
          'env',
          ...wrapper,
          process.execPath,
          ...flags,
          child,
          JSON.stringify({ targets }),
        ]
        return JSON.parse(await network.run('near', command, ...args)) as BurstResult
      }
      const [helped, alone] = [await run(), await run(...threadless)]
      expect([helped.threads, alone.threads]).toEqual([1, 0])
      expect(helped.ends).toEqual(alone.ends)
      expect(helped.ends[0]).toEqual({
        '11.9': { 'up 1': 9000 },
        'fd97:9:': { 'up 1': 9000 },
        '11.4': { [silence]: 500 },
        'fd97:4:': { [silence]: 500 },
        '11.1': { 'down unreachable the kernel refused to send: EHOSTUNREACH': 200 },
        '11.2': { 'unknown resource the kernel refused to send: EINVAL': 200 },
        '11.3': { 'unknown permission the kernel refused to send: EACCES': 200 },
      })
    },
  )
})

test('a thread that is told to end does so, and is no failure', async () => {
  const started = once(process, 'worker')
  const ends: string[] = []
  const sender = startSender(() => ends.push('by itself'))
  const [worker] = (await started) as [Worker]
  stopSender(sender)
  expect(await once(worker, 'exit')).toEqual([0])
  expect({ ends, hasRoom: hasRoom(sender) }).toEqual({ ends: [], hasRoom: false })
})

test('counts go round, and order and slots with them', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: mostBatches }), (number, batches) => {
      const later = (number + batches) | 0
      expect(ahead(later, number)).toBe(batches)
      expect(slotOf(later)).toBe((slotOf(number) + batches) % mostBatches)
    }),
  )
})
