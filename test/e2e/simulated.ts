import { spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'
import type { Ready, Reply } from '../../src/simulator/control.ts'
import { launcher } from '../support/cli.ts'

export interface Simulated extends AsyncDisposable {
  readonly ready: Ready
}

/** The simulated city as `yiwang simulate` serves it; it ends with its standard input. */
export const simulate = async (): Promise<Simulated> => {
  const child = spawn(launcher, ['simulate', '--port', '0'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [line] = (await once(readline.createInterface({ input: child.stdout }), 'line')) as [string]
  const reply = JSON.parse(line) as Reply
  if (!('ready' in reply)) throw new Error(line)
  return {
    ready: reply.ready,
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close')
      child.stdin.end()
      await closed
    },
  }
}
