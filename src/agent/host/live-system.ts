import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readClock } from '../../../probes/host/clock.ts'
import { readListening } from '../../../probes/host/listening.ts'
import { listProcesses } from '../../../probes/host/processes.ts'
import type { LiveSystem } from './machine.ts'

const execute = promisify(execFile)
const deadlineMs = 4000
const mostBytes = 4 * 1024 * 1024
/** Nothing of the caller's environment: it may hold secrets, or change what a program says. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

const isProgramFailure = (error: unknown): boolean => error instanceof Error && 'code' in error

const run = async (
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> => {
  try {
    const { stdout } = await execute(program, args, {
      env: environment,
      cwd: '/',
      maxBuffer: mostBytes,
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    })
    return stdout
  } catch (error) {
    signal.throwIfAborted()
    if (!isProgramFailure(error)) throw error
    return undefined
  }
}

/** This machine as it runs. */
export const liveSystem = (signal: AbortSignal): LiveSystem => ({
  run: (program, args) => run(program, args, signal),
  listening: async () => (await readListening()).listening,
  clock: readClock,
  processes: async () => (await listProcesses()).map(({ name }) => name),
})
