import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { EnvironmentFault } from '../core/fault.ts'

/** One yiwang process that the demo started; disposing it stops it by SIGTERM and waits. */
export interface Child extends AsyncDisposable {
  /** The next line on its standard output. Rejects with `EnvironmentFault` when it ended instead. */
  nextLine(): Promise<string>
  send(line: string): void
  /** Resolves when it ended by itself; rejects with `EnvironmentFault` unless with code 0. */
  ended(): Promise<void>
}

export interface ChildOptions {
  readonly args: readonly string[]
  /** Its standard error goes there, so that the terminal stays the demo's. */
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>>
}

const entry = path.resolve(import.meta.dirname, '../main.js')

const stop = async (child: ChildProcess, exited: Promise<unknown>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  await exited
}

/** Starts `yiwang <args>` under this process's own runtime. */
export const startChild = ({ args, logFile, env = {} }: ChildOptions): Child => {
  const child = spawn(process.execPath, [...process.execArgv, entry, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // Ctrl-C reaches the demo alone, which stops its processes in their order.
    detached: true,
  })
  child.stderr.pipe(createWriteStream(logFile))
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  const failed = (): EnvironmentFault =>
    new EnvironmentFault('COLLECTOR_UNREACHABLE', `yiwang ${args.join(' ')} ended early; see ${logFile}`)
  return {
    nextLine: async () => {
      const next = await lines.next()
      if (next.done === true) throw failed()
      return next.value
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    ended: async () => {
      await exited
      if (child.exitCode !== 0) throw failed()
    },
    [Symbol.asyncDispose]: () => stop(child, exited),
  }
}
