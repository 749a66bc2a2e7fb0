import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { closedPort, isOpen } from '../support/peers.ts'

const run = promisify(execFile)

/** `PATH` with the folders of daemons. */
export const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

const lengthOf = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}

export const string = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([lengthOf(bytes), bytes])
}

/** A packet in clear as RFC 4253 §6 draws it. */
export const packet = (payload: Buffer, padding = 8): Buffer => {
  const rest = Buffer.concat([Buffer.of(padding), payload, Buffer.alloc(padding)])
  return Buffer.concat([lengthOf(rest), rest])
}

const usual = ['curve25519-sha256', 'ssh-ed25519', 'aes128-ctr', 'aes128-ctr', 'hmac-sha2-256'] as const

/** SSH_MSG_KEXINIT with these ten lists; those not given are usual. */
export const kexInit = (...lists: readonly string[]): Buffer => {
  const all = [...lists, ...[...usual, 'hmac-sha2-256', 'none', 'none', '', ''].slice(lists.length)]
  return Buffer.concat([Buffer.of(20), Buffer.alloc(16, 1), ...all.map(string), Buffer.alloc(5)])
}

export interface Sshd extends AsyncDisposable {
  readonly port: number
}

const keys = { rsa: 2048, ecdsa: 384, ed25519: 256 } as const

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** A folder with host keys, and what starts private daemons with them. */
export interface Workshop extends AsyncDisposable {
  readonly start: (...directives: readonly string[]) => Promise<Sshd>
}

export const sshWorkshop = async (): Promise<Workshop> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-sshd-'))
  // Where sshd separates privileges; Debian makes it when the service starts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const fileOf = (type: string): string => path.join(folder, `key-${type}`)
  for (const [type, bits] of Object.entries(keys))
    await run('ssh-keygen', ['-q', '-t', type, '-b', String(bits), '-N', '', '-f', fileOf(type)])
  let started = 0
  const start = async (...directives: readonly string[]): Promise<Sshd> => {
    const port = await closedPort()
    const file = path.join(folder, `sshd-${(started += 1)}.conf`)
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      'PidFile none',
      ...Object.keys(keys).map((type) => `HostKey ${fileOf(type)}`),
      ...directives,
    ]
    await writeFile(file, `${lines.join('\n')}\n`)
    // sshd wants its absolute path: it runs itself for each connection.
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: 'ignore' })
    const deadline = AbortSignal.timeout(10_000)
    while (!(await isOpen(port))) {
      deadline.throwIfAborted()
      if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}`)
    }
    return { port, [Symbol.asyncDispose]: () => stop(child) }
  }
  return { start, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
