import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
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
  /** Rejects with `EnvironmentFault`, and with its last words, once it ends though nobody stopped it; never resolves. */
  readonly lost: Promise<never>
}

export interface ChildOptions {
  /** What the demo calls it. */
  readonly name: string
  readonly args: readonly string[]
  /** Its standard error goes there, so that the terminal stays the demo's. */
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>>
}

const entry = path.resolve(import.meta.dirname, '../main.js')

const stop = async (child: ChildProcess, closed: Promise<unknown>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  await closed
}

const shownLines = 5

/** The last lines that a process said on its standard error. */
const lastWordsOf = (child: ChildProcessWithoutNullStreams): (() => readonly string[]) => {
  let last: readonly string[] = []
  readline.createInterface({ input: child.stderr }).on('line', (line) => {
    last = [...last, line].slice(-shownLines)
  })
  return () => last
}

/** Starts `yiwang <args>` under this process's own runtime. */
export const startChild = ({ name, args, logFile, env = {} }: ChildOptions): Child => {
  const child = spawn(process.execPath, [...process.execArgv, entry, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // Ctrl-C reaches the demo alone, which stops its processes in their order.
    detached: true,
  })
  child.stderr.pipe(createWriteStream(logFile))
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const lastWords = lastWordsOf(child)
  const closed = once(child, 'close')
  let isStopped = false
  const failed = (): EnvironmentFault => {
    const how = child.signalCode ?? `code ${child.exitCode}`
    const words = [...lastWords()].map((line) => `\n    ${line}`).join('')
    return new EnvironmentFault(
      'COLLECTOR_UNREACHABLE',
      `the ${name} ended (${how}); its last words:${words === '' ? ' none' : words}`,
      { suggestion: 'mend what it says, and run the demo again' },
    )
  }
  const lost = closed.then(() => (isStopped ? new Promise<never>(() => undefined) : Promise.reject(failed())))
  // It may be that nobody waits for its end.
  lost.catch(() => undefined)
  return {
    nextLine: async () => {
      const next = await lines.next()
      if (next.done !== true) return next.value
      await closed
      throw failed()
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    ended: async () => {
      await closed
      if (child.exitCode !== 0) throw failed()
    },
    lost,
    [Symbol.asyncDispose]: () => {
      isStopped = true
      return stop(child, closed)
    },
  }
}
