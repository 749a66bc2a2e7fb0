import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'

/** One yiwang process that the demo started; disposing it stops it by SIGTERM and waits. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  /** The next line on its standard output; undefined when it ended. */
  nextLine(): Promise<string | undefined>
  send(line: string): void
}

const entry = path.resolve(import.meta.dirname, '../main.js')

/** Starts `yiwang <args>`; its standard error goes to a log file, so that the terminal stays the demo's. */
export const startChild = (args: readonly string[], logFile: string): Child => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile))
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  return {
    process: child,
    nextLine: async () => {
      const { value, done } = await lines.next()
      return done === true ? undefined : value
    },
    send: (line) => child.stdin.write(`${line}\n`),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}
