import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import readline from 'node:readline'
import type { Measurement } from '../../src/core/probe.ts'
import { temporaryFolder } from '../support/cli.ts'
import { createNetwork, type Network } from '../support/netns.ts'
import type { Measure, SocketPlant, Stack } from './stand.ts'

/** Places with a fault and without, in namespaces of their own: a network with two ways, a machine with a small disk. */

const script = path.join(import.meta.dirname, 'look-child.ts')

/** Looks from where a process runs `look-child.ts`, one look at a time. */
const lookingIn = (child: ChildProcess): Measure => {
  const lines = readline.createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return async (look, previous) => {
    child.stdin!.write(`${JSON.stringify({ ...look, previous })}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error('expected a look, the process ended')
    return JSON.parse(value) as Measurement
  }
}

const behind = '10.97.64'

interface TwoWays {
  readonly measure: Measure
  /** From now on the way past the county is taken: one router less, and who answers there is not at his best. */
  readonly detour: () => Promise<void>
}

/** `10.97.64.0/24` is a township's behind a county, and somebody else's on another line of the city. */
const twoWays = async (stack: Stack): Promise<TwoWays> => {
  const network: Network = stack.use(
    await createNetwork([
      { upper: 'city', lower: 'county' },
      { upper: 'county', lower: 'township' },
      { upper: 'city', lower: 'detour' },
    ]),
  )
  const route = (place: string, ...words: readonly string[]) => network.run(place, 'ip', 'route', ...words)
  const prefix = `${behind}.0/24`
  await route('city', 'add', prefix, 'via', network.address('county'))
  await route('county', 'add', prefix, 'via', network.address('township'))
  for (const place of ['township', 'detour']) await route(place, 'add', 'local', prefix, 'dev', 'lo')
  for (const place of ['county', 'township', 'detour'])
    await network.run(place, 'sysctl', '-qw', 'net.ipv4.icmp_ratemask=0')
  await network.run('detour', 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1')
  const peer = path.join(import.meta.dirname, '../probes/icmp-peer.ts')
  const answering = network.spawn('detour', [process.execPath, peer], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(readline.createInterface({ input: answering.stdout! }), 'line')
  const looking = network.spawn('city', [process.execPath, script], { stdio: ['pipe', 'pipe', 'inherit'] })
  // Interfaces that have just come up take a moment: the first answer within 20 s.
  await network.run('city', 'ping', '-c1', '-w20', `${behind}.1`)
  return {
    measure: lookingIn(looking),
    detour: async () => {
      await route('city', 'replace', prefix, 'via', network.address('detour'))
    },
  }
}

const options = {
  icmp: { count: 3, intervalSeconds: 0.2, packetTimeoutSeconds: 1 },
  path: { hopTimeoutSeconds: 0.3 },
} as const

/** Looks after which the way changes, where it does. */
const usualLooks = 6

/** The peer behaves by the last octet: `test/probes/icmp-peer.ts`. */
const changing =
  (kind: 'icmp' | 'path', octet: number, looksAfter: number): SocketPlant['stand'] =>
  async (isBad, stack) => {
    const { measure, detour } = await twoWays(stack)
    return {
      kind,
      options: { address: `${behind}.${octet}`, ...options[kind] },
      measure,
      turns: usualLooks + looksAfter,
      before: async (turn) => {
        if (isBad && turn === usualLooks) await detour()
      },
    }
  }

/** A machine of which a mebibyte is called a disk; it is filled to so many bytes. */
const disk: SocketPlant['stand'] = async (isBad, stack) => {
  const { path: folder } = stack.use(await temporaryFolder())
  const used = isBad ? 1_000_000 : 100_000
  const mounting = `mount -t tmpfs -o size=1m /dev/small ${folder} && head -c ${used} /dev/zero >${folder}/file`
  const command = `${mounting} && exec "$0" "$1"`
  const child = spawn('unshare', ['--mount', 'sh', '-c', command, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  stack.defer(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  return {
    ...{ kind: 'host', options: { address: 'localhost' }, measure: lookingIn(child) },
    place: folder,
  }
}

export const placePlants: readonly SocketPlant[] = [
  { rule: 'quality.loss', stand: changing('icmp', 17, 5) },
  { rule: 'quality.latency', stand: changing('icmp', 18, 5) },
  { rule: 'quality.jitter', stand: changing('icmp', 19, 5) },
  { rule: 'path.changed', stand: changing('path', 1, 1) },
  { rule: 'host.disk-full', stand: disk },
]
