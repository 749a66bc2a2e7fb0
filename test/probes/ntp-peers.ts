import { type ChildProcess, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freeUdpPort } from '../support/peers.ts'

const epochSeconds = 2_208_988_800
const stamp = (unixMs: number): bigint => {
  const [seconds, rest] = [Math.floor(unixMs / 1000), unixMs % 1000]
  return (BigInt(seconds + epochSeconds) << 32n) | BigInt(Math.floor((rest / 1000) * 2 ** 32))
}

export interface Answer {
  readonly leap?: number
  readonly version?: number
  readonly mode?: number
  readonly stratum?: number
  readonly referenceId?: string | number
  readonly rootDelay?: number
  readonly rootDispersion?: number
  /** The server's clock minus ours, in milliseconds. */
  readonly aheadMs?: number
  /** How long the server says that it held the request. */
  readonly heldMs?: number
  readonly origin?: bigint
}

/** A server's answer to a request, written from RFC 5905 figure 8. */
export const answerTo = (request: Buffer, answer: Answer = {}): Buffer => {
  const { leap = 0, version = 4, mode = 4, stratum = 2, referenceId = 0xc0_00_02_01, aheadMs = 0 } = answer
  const bytes = Buffer.alloc(48)
  bytes[0] = (leap << 6) | (version << 3) | mode
  bytes[1] = stratum
  bytes[2] = 6
  bytes.writeInt8(-20, 3)
  bytes.writeInt32BE((answer.rootDelay ?? 0) * 65_536, 4)
  bytes.writeUInt32BE((answer.rootDispersion ?? 0) * 65_536, 8)
  if (typeof referenceId === 'string') bytes.write(referenceId, 12, 'latin1')
  else bytes.writeUInt32BE(referenceId, 12)
  const now = Date.now() + aheadMs
  bytes.writeBigUInt64BE(stamp(now - 60_000), 16)
  bytes.writeBigUInt64BE(answer.origin ?? request.readBigUInt64BE(40), 24)
  bytes.writeBigUInt64BE(stamp(now), 32)
  bytes.writeBigUInt64BE(stamp(now + (answer.heldMs ?? 0)), 40)
  return bytes
}

export interface Chronyd extends AsyncDisposable {
  readonly port: number
}

const isAnswering = async (port: number): Promise<boolean> => {
  const socket = dgram.createSocket('udp4')
  try {
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const request = Buffer.alloc(48)
    request[0] = 0x23
    socket.send(request)
    await once(socket, 'message', { signal: AbortSignal.timeout(200) })
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** A private chronyd on a free port that leaves the machine's clock alone. */
export const startChronyd = async (...directives: readonly string[]): Promise<Chronyd> => {
  await using undo = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-chronyd-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freeUdpPort()
  const config = path.join(folder, 'chrony.conf')
  const lines = [
    `port ${port}`,
    'cmdport 0',
    `bindcmdaddress ${folder}/chronyd.sock`,
    `pidfile ${folder}/chronyd.pid`,
    'bindaddress 127.0.0.1',
    'allow 127.0.0.0/8',
    ...directives,
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  const child = spawn('chronyd', ['-d', '-x', '-U', '-f', config], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  })
  undo.defer(() => stop(child))
  const deadline = AbortSignal.timeout(10_000)
  while (!(await isAnswering(port))) {
    deadline.throwIfAborted()
    if (child.exitCode !== null) throw new Error(`chronyd ended with ${child.exitCode}`)
  }
  const made = undo.move()
  return { port, [Symbol.asyncDispose]: () => made.disposeAsync() }
}
