import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type TrapFacts, type TrapReceiver, openTrapReceiver } from '../../probes/snmp/trap/index.ts'
import type { TrapJob } from '../../probes/snmp/trap/senders.ts'
import { credentials } from './snmp-peers.ts'

const run = promisify(execFile)

export interface Taken {
  readonly job: string
  readonly facts: TrapFacts
}

export interface Reception extends AsyncDisposable {
  readonly receiver: TrapReceiver
  readonly taken: readonly Taken[]
  readonly bugs: readonly unknown[]
  /** What becomes of the next traps: `false`, and they are not kept. */
  keeps: boolean
  /** Resolves when as many traps were taken. */
  readonly until: (count: number) => Promise<void>
  /** Resolves when as many datagrams were not taken for that reason. */
  readonly untilDropped: (reason: string, count?: number) => Promise<void>
}

export const device = (id: string, address: string, credential: string, more = {}): TrapJob => ({
  id,
  spec: { address, port: 161, credential, ...more },
})

export const engine = { engineId: Buffer.from('800000000501020304', 'hex'), boots: 7 }

/** Waits until it is so; a test that waits in vain says for what. */
export const until = async (isSo: () => boolean, what: () => unknown): Promise<void> => {
  for (const startedAt = performance.now(); !isSo();) {
    if (performance.now() - startedAt > 30_000) throw new Error(`waited in vain: ${JSON.stringify(what())}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** A receiver on loopback that listens to these devices; what it takes is kept at once. */
export const receive = async (jobs: readonly TrapJob[], host = '127.0.0.1'): Promise<Reception> => {
  const taken: Taken[] = []
  const bugs: unknown[] = []
  const receiver = await openTrapReceiver({
    host,
    port: 0,
    engine,
    credential: (name) => credentials[name],
    now: () => 1_000_000,
    onBug: (error) => bugs.push(error),
  })
  const stop = new AbortController()
  receiver.follow(jobs)
  const reception: Reception = {
    receiver,
    taken,
    bugs,
    keeps: true,
    until: (count) => until(() => taken.length >= count, receiver.dropped),
    untilDropped: (reason, count = 1) =>
      until(() => (Reflect.get(receiver.dropped(), reason) ?? 0) >= count, receiver.dropped),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await receiving
      await receiver[Symbol.asyncDispose]()
    },
  }
  const receiving = receiver.receive((job, facts) => {
    taken.push({ job, facts })
    return Promise.resolve(reception.keeps)
  }, stop.signal)
  return reception
}

export interface Speaker extends AsyncDisposable {
  readonly send: (datagram: Buffer, port: number) => Promise<void>
  /** The next datagram that comes. */
  readonly hear: () => Promise<Buffer>
  readonly port: number
}

/** A socket that sends from an address of loopback. */
export const speakFrom = async (address: string): Promise<Speaker> => {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const heard: Buffer[] = []
  socket.on('message', (datagram) => heard.push(datagram))
  return {
    port: socket.address().port,
    send: async (datagram, port) => {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>()
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve(undefined)))
      await promise
    },
    hear: async () => {
      await until(
        () => heard.length > 0,
        () => 'an answer',
      )
      return heard.shift()!
    },
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

export const toolOptions = {
  community: ['-v2c', '-c', 'read-only-word'],
  wrongCommunity: ['-v2c', '-c', 'another-word'],
  sha1: user('sha1user', 'SHA', 'authentication-1', 'encryption-1'),
  sha256: user('sha256user', 'SHA-256', 'authentication-2', 'encryption-2'),
  wrongAuthPassword: user('sha256user', 'SHA-256', 'authentication-X', 'encryption-2'),
  wrongPrivPassword: user('sha256user', 'SHA-256', 'authentication-2', 'encryption-X'),
  unknownUser: user('nobody', 'SHA-256', 'authentication-2', 'encryption-2'),
  inClear: ['-v3', '-l', 'noAuthNoPriv', '-u', 'sha256user'],
  notEncrypted: ['-v3', '-l', 'authNoPriv', '-u', 'sha256user', '-a', 'SHA-256', '-A', 'authentication-2'],
} as const

function user(name: string, protocol: string, auth: string, priv: string): readonly string[] {
  return ['-v3', '-l', 'authPriv', '-u', name, '-a', protocol, '-A', auth, '-x', 'AES', '-X', priv]
}

export const linkDown = [
  '1.3.6.1.6.3.1.1.5.3',
  ...['1.3.6.1.2.1.2.2.1.1.7', 'i', '7'],
  ...['1.3.6.1.2.1.2.2.1.7.7', 'i', '1'],
  ...['1.3.6.1.2.1.2.2.1.8.7', 'i', '2'],
  ...['1.3.6.1.2.1.31.1.1.1.1.7', 's', 'GigabitEthernet0/0/7'],
] as const

interface Said {
  readonly from?: string
  readonly trap?: readonly string[]
  readonly repeats?: number
  /** How long each try waits for its answer. */
  readonly seconds?: number
}

/** Debian's `snmptrap` or `snmpinform`, once and without repeats, in a folder of its own. */
export const tool = async (
  program: 'snmptrap' | 'snmpinform',
  port: number,
  options: readonly string[],
  { from = '127.0.0.1', trap = linkDown, repeats = 0, seconds = 10 }: Said = {},
): Promise<void> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-trap-'))
  const where = [
    '-r',
    String(repeats),
    '-t',
    String(seconds),
    `--clientAddr=${from}`,
    `udp:127.0.0.1:${port}`,
  ]
  try {
    await run(program, [...options, ...where, '4711', ...trap], {
      env: { MIBS: '', MIBDIRS: folder, SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}
