import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { HostEvidence } from '../../core/host-evidence.ts'

/** Beside this module, under the ending that it has itself: `.ts`, or `.js` once it is built. */
const script = path.join(import.meta.dirname, `child${path.extname(import.meta.filename)}`)

/** Thirty times what it takes. */
const deadlineMs = 120_000
/** Nothing of ours: it may hold secrets. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

/**
 * Checks this machine in a process of its own, so that neither its processor time nor its memory is the agent's.
 * Rejects where that process fails, is too slow, or the signal aborts; it is killed then.
 */
export const checkElsewhere = async (version: string, signal: AbortSignal): Promise<HostEvidence> => {
  const child = fork(script, [version], {
    env: environment,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    killSignal: 'SIGKILL',
  })
  let evidence: HostEvidence | undefined
  let said = ''
  child.on('message', (message) => {
    evidence = message as unknown as HostEvidence
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-500)
  })
  const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  if (evidence !== undefined && code === 0) return evidence
  throw new Error(`the check of this machine ended with ${String(code ?? killedBy)}: ${said.trim()}`)
}
