import { setTimeout as pause } from 'node:timers/promises'
import type { ClientHello } from './client-hello.ts'
import { type Reply, exchange } from './exchange.ts'
import type { Until } from './flight.ts'

export interface ExaminerOptions {
  readonly address: string
  readonly port: number
  readonly family?: 4 | 6 | undefined
  readonly maxConnections: number
  readonly answerTimeoutSeconds: number
  readonly pauseSeconds: number
}

/** What the examination came to so far. */
export interface Account {
  readonly connections: number
  /** Address that was connected to first; all later connections go to it. */
  readonly remoteAddress?: string
  /** Hellos to which there was no telling answer: silence, no connection, or not asked at all. */
  readonly gaps: number
  /** How many connections went in each way. */
  readonly replies: Readonly<Partial<Record<Reply['kind'], number>>>
  /** Why the last connection that failed did. */
  readonly error?: unknown
}

/** Asks one hello after another, within its limits. */
export interface Examiner {
  readonly ask: (hello: ClientHello, until: Until) => Promise<Reply>
  readonly account: () => Account
}

const telling: readonly Reply['kind'][] = ['answered', 'closed', 'foreign']

const counted = (account: Account, reply: Reply, remoteAddress: string | undefined): Account => ({
  ...account,
  connections: account.connections + (reply.kind === 'unasked' ? 0 : 1),
  gaps: account.gaps + (telling.includes(reply.kind) ? 0 : 1),
  replies: { ...account.replies, [reply.kind]: (account.replies[reply.kind] ?? 0) + 1 },
  ...(reply.kind === 'failed' && { error: reply.error }),
  ...(remoteAddress !== undefined && { remoteAddress }),
})

const isDeadline = (signal: AbortSignal): boolean =>
  signal.aborted && (signal.reason as Error).name === 'TimeoutError'

/**
 * An examiner of one server: connections one at a time with a pause between them, each with its own patience.
 * When the run's deadline passes or the connections are used up, the rest is `unasked`.
 * Rejects only when the run is cancelled.
 */
export const examinerOf = (options: ExaminerOptions, signal: AbortSignal): Examiner => {
  let account: Account = { connections: 0, gaps: 0, replies: {} }

  const server = () => ({ ...options, address: account.remoteAddress ?? options.address })
  const unasked = { reply: { kind: 'unasked' } } as const

  const attempt = async (hello: ClientHello, until: Until) => {
    if (isDeadline(signal) || account.connections >= options.maxConnections) return unasked
    if (account.connections > 0)
      await pause(options.pauseSeconds * 1000, undefined, { signal }).catch(() => undefined)
    if (isDeadline(signal)) return unasked
    const patience = AbortSignal.timeout(Math.ceil(options.answerTimeoutSeconds * 1000))
    return exchange(server(), hello, until, AbortSignal.any([signal, patience]))
  }

  return {
    ask: async (hello, until) => {
      const { reply, remoteAddress } = { remoteAddress: undefined, ...(await attempt(hello, until)) }
      if (signal.aborted && !isDeadline(signal)) throw signal.reason
      account = counted(account, reply, account.remoteAddress ?? remoteAddress)
      return reply
    },
    account: () => account,
  }
}
