import type { Clock } from '../../core/clock.ts'
import { deadlineWithin } from '../../core/deadline.ts'
import type { Log } from '../../core/log.ts'
import { type Turns, takeTurns } from '../../core/turns.ts'
import { retryAt } from './policy.ts'
import type { Attempt } from './post.ts'
import type { DeliveryQueue } from './queue.ts'
import type { Notice } from './notice.ts'

/** Tells notices to one channel; gives up when the signal aborts. */
export type Send = (notices: readonly Notice[], signal: AbortSignal) => Promise<Attempt>

export interface CourierOptions {
  readonly channel: string
  readonly queue: DeliveryQueue
  readonly send: Send
  readonly perMinute: number
  readonly clock: Clock
  readonly log: Log
}

export type Courier = Turns

export const attemptSeconds = 15
const pollMs = 1000
const minuteMs = 60_000
/** Beyond, a message would only count them. */
const maxTogether = 100

/** Tells what is due, all of it in one message. False where nothing was. */
const deliver = async (
  { channel, queue, send, clock, log }: CourierOptions,
  signal: AbortSignal,
): Promise<boolean> => {
  const waiting = queue.due(channel, clock(), maxTogether)
  const [first] = waiting
  if (first === undefined) return false
  using deadline = deadlineWithin(signal, attemptSeconds)
  const ids = waiting.map(({ notice }) => notice.id)
  const attempt = await send(
    waiting.map(({ notice }) => notice),
    deadline.signal,
  )
  const now = clock()
  if (attempt.ok) {
    queue.markSent(channel, ids, now)
    return true
  }
  if (signal.aborted) return true
  // Each by its own age: what has just been queued is not given up with what is a day old.
  for (const { notice, attempts, queuedAt } of waiting) {
    const dueAt = retryAt(attempts + 1, queuedAt, now)
    queue.markFailed(channel, [notice.id], { detail: attempt.detail, dueAt })
    if (dueAt === undefined)
      log('error', 'a notice was given up', { channel, notice: notice.id, detail: attempt.detail })
  }
  log('warn', 'a channel did not take a message', { channel, detail: attempt.detail, notices: ids.length })
  return true
}

/**
 * Delivers what the queue holds for one channel, one message at a time, until it is disposed: an attempt that is
 * under way then is broken off, and made again after the next start. Channels have a courier each, so that one
 * that hangs holds up itself only.
 */
export const startCourier = (options: CourierOptions): Courier => {
  const { channel, perMinute, clock, log } = options
  let recent: readonly number[] = []
  return takeTurns({
    pauseMs: pollMs,
    turn: async (signal) => {
      recent = recent.filter((at) => at > clock() - minuteMs)
      if (recent.length >= perMinute || !(await deliver(options, signal))) return false
      recent = [...recent, clock()]
      return true
    },
    failed: (error) => log('error', 'the delivery log cannot be used', { channel, error }),
  })
}
