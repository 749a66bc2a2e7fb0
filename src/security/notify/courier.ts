import type { Channel } from '../../config/notify-settings.ts'
import type { Clock } from '../../core/clock.ts'
import { deadlineWithin } from '../../core/deadline.ts'
import type { Log } from '../../core/log.ts'
import { type Turns, takeTurns } from '../../core/turns.ts'
import type { Severity } from '../events.ts'
import { mailSeconds } from './email.ts'
import { retryAt } from './policy.ts'
import type { Attempt } from './post.ts'
import type { DeliveryQueue, Waiting } from './queue.ts'
import type { Notice } from './notice.ts'

/** Tells notices to one channel; gives up when the signal aborts. */
export type Send = (notices: readonly Notice[], signal: AbortSignal) => Promise<Attempt>

export interface CourierOptions {
  readonly channel: string
  readonly queue: DeliveryQueue
  readonly send: Send
  /** How long one attempt may take. */
  readonly seconds: number
  readonly perMinute: number
  /** When a notice may be told that is due again at an instant. */
  readonly notBefore: (severity: Severity, at: number) => number
  readonly clock: Clock
  readonly log: Log
}

export type Courier = Turns

const attemptSeconds = 15
const pollMs = 1000
const minuteMs = 60_000
/** Beyond, a message would only count them. */
const maxTogether = 100

/** How long one attempt may take on a channel. */
export const attemptSecondsOf = ({ kind }: Pick<Channel, 'kind'>): number =>
  kind === 'email' ? mailSeconds : attemptSeconds

/** Notices that went out in one message of which nobody knows whether it was taken. */
type Uncertain = Set<ReadonlySet<string>>

/** What goes in one message: what may have been taken goes again as it went, or nobody could tell the double. */
const bundleOf = (waiting: readonly Waiting[], uncertain: Uncertain) => {
  const sets = [...uncertain]
  const setOf = (each: Waiting | undefined) => sets.find((set) => each && set.has(each.notice.id))
  const sentBefore = setOf(waiting[0])
  return { sentBefore, bundle: waiting.filter((each) => setOf(each) === sentBefore) }
}

/** Puts off what was not taken, each by its own age: what has just been queued is not given up with what is a day old. */
const putOff = (
  { channel, queue, clock, log, notBefore }: CourierOptions,
  bundle: readonly Waiting[],
  detail: string,
  isTogether: boolean,
): void => {
  const now = clock()
  const dues = bundle.map(({ notice, attempts, queuedAt }) => {
    const dueAt = retryAt(attempts + 1, queuedAt, now)
    return dueAt && notBefore(notice.severity, dueAt)
  })
  const soonest = Math.min(...dues.filter((dueAt) => dueAt !== undefined))
  for (const [at, { notice }] of bundle.entries()) {
    const dueAt = dues[at] && (isTogether ? soonest : dues[at])
    queue.markFailed(channel, [notice.id], { detail, dueAt })
    if (dueAt === undefined) log('error', 'a notice was given up', { channel, notice: notice.id, detail })
  }
  log('warn', 'a channel did not take a message', { channel, detail, notices: bundle.length })
}

/** Tells what is due, all of it in one message where nothing speaks against it. False where nothing was. */
const deliver = async (
  options: CourierOptions,
  uncertain: Uncertain,
  signal: AbortSignal,
): Promise<boolean> => {
  const { channel, queue, send, seconds, clock } = options
  const { sentBefore, bundle } = bundleOf(queue.due(channel, clock(), maxTogether), uncertain)
  if (bundle.length === 0) return false
  using deadline = deadlineWithin(signal, seconds)
  const notices = bundle.map(({ notice }) => notice)
  const ids = notices.map(({ id }) => id)
  const attempt = await send(notices, deadline.signal)
  if (attempt.ok) {
    queue.markSent(channel, ids, clock())
    if (sentBefore) uncertain.delete(sentBefore)
    return true
  }
  if (signal.aborted) return true
  if (attempt.isUncertain && !sentBefore) uncertain.add(new Set(ids))
  putOff(options, bundle, attempt.detail, sentBefore !== undefined || attempt.isUncertain === true)
  return true
}

/**
 * Delivers what the queue holds for one channel, one message at a time, until it is disposed: an attempt that is
 * under way then is broken off, and made again after the next start. Channels have a courier each, so that one
 * that hangs holds up itself only.
 */
export const startCourier = (options: CourierOptions): Courier => {
  const { channel, perMinute, clock, log } = options
  const uncertain: Uncertain = new Set()
  let recent: readonly number[] = []
  return takeTurns({
    pauseMs: pollMs,
    turn: async (signal) => {
      recent = recent.filter((at) => at > clock() - minuteMs)
      if (recent.length >= perMinute || !(await deliver(options, uncertain, signal))) return false
      recent = [...recent, clock()]
      return true
    },
    failed: (error) => log('error', 'the delivery log cannot be used', { channel, error }),
  })
}
