import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

const script = path.join(import.meta.dirname, 'store-writer.ts')

// Some tests start more than a hundred of them: each is then up in half the time.
const compileCache = path.resolve(import.meta.dirname, '../../node_modules/.cache/yiwang-test')

export interface Writer extends AsyncDisposable {
  readonly process: ChildProcess
  /** What it has said so far, line by line. */
  readonly lines: readonly string[]
  /** Resolves when it has said at least so many lines. */
  readonly said: (count: number) => Promise<void>
  /** Resolves when it has ended and everything that it said has been heard. */
  readonly ended: Promise<void>
}

/** Starts a process that writes to the store in `folder`; see `store-writer.ts`. Killed, if need be, when disposed of. */
export const startWriter = (
  folder: string,
  args: readonly string[],
  wrapper: readonly string[] = [],
): Writer => {
  const [command = '', ...rest] = [...wrapper, process.execPath, script, folder, ...args]
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  child.stdin.on('error', () => undefined)
  const lines: string[] = []
  const output = createInterface(child.stdout)
  output.on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'close'), once(output, 'close')]).then(() => undefined)
  const said = async (count: number): Promise<void> => {
    while (lines.length < count)
      await Promise.race([
        once(output, 'line'),
        ended.then(() => Promise.reject(new Error('the writer ended'))),
      ])
  }
  return {
    process: child,
    lines,
    said,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
