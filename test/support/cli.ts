import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'

export const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built CLI as a user would, to its end. */
export const yiwang = async (
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Finished> => {
  // Vitest's NODE_ENV would make oclif speak to its developers.
  const child = spawn(launcher, args, { env: { ...process.env, NODE_ENV: undefined, ...options.env } })
  child.stdin.end(options.input ?? '')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** As `yiwang`, with `--json`, and the output parsed. */
export const yiwangJson = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> => {
  const { code, stdout, stderr } = await yiwang([...args, '--json'], { env })
  if (stdout === '') throw new Error(`yiwang ${args.join(' ')} ended with ${String(code)}: ${stderr}`)
  return JSON.parse(stdout) as unknown
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export const temporaryFolder = async (): Promise<TemporaryFolder> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-test-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
