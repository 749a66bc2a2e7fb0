import type { Clock } from '../core/clock.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { CollectorRefusal } from '../transport/refusal.ts'
import type { Uplink } from '../transport/uplink.ts'
import type { Batch } from '../transport/wire.ts'
import type { Counters } from './counters.ts'
import { createLinkLog } from './link-log.ts'
import type { Log } from '../core/log.ts'
import type { PeekLimit, Spool, SpooledBatch } from './spool.ts'

export interface DeliveryPace {
  /** Time between two batches while nothing has piled up. */
  readonly lingerMs: number
  /**
   * An empty batch is sent where nothing else was for so long: it tells that the agent lives.
   * In force until the collector says how often it wants to hear of the agent.
   */
  readonly heartbeatMs: number
  /** First wait after a failure; it doubles up to the cap. */
  readonly retryMs: number
  readonly retryCapMs: number
  /** Wait after a refusal that a retry does not mend by itself: a revoked key, another protocol. */
  readonly slowRetryMs: number
  readonly batch: PeekLimit
}

export const deliveryPace: DeliveryPace = {
  lingerMs: 1000,
  heartbeatMs: 10_000,
  retryMs: 250,
  retryCapMs: 30_000,
  slowRetryMs: 30_000,
  batch: { observations: 2000, bytes: 1_000_000 },
}

export interface DeliveryOptions {
  readonly uplink: Uplink
  readonly spool: Spool
  readonly clock: Clock
  readonly random: () => number
  readonly counters: Counters
  readonly log: Log
  readonly pace: DeliveryPace
  /** Ends early where the collector was reached otherwise. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** An observation that the collector refused alone so many times in a row is given up. */
const refusalsAlone = 5

/** What one attempt came to. */
type Attempt =
  | { readonly end: 'delivered'; readonly heartbeatSeconds?: number | undefined }
  /** The collector would not take this batch, and might take a smaller one. */
  | { readonly end: 'unfit'; readonly batch: SpooledBatch; readonly fault: EnvironmentFault }
  | { readonly end: 'failed'; readonly fault: EnvironmentFault; readonly slow: boolean }

const isUnfit = (fault: EnvironmentFault): boolean =>
  fault instanceof CollectorRefusal && (fault.reason === 'malformed' || fault.reason === 'too-large')

const isSlow = ({ code }: EnvironmentFault): boolean =>
  code === 'COLLECTOR_REFUSED' || code === 'PROTOCOL_MISMATCH'

const failed = (fault: EnvironmentFault): Attempt => ({ end: 'failed', fault, slow: isSlow(fault) })

const toWire = (
  { stream, firstSequence, observations }: SpooledBatch,
  spooled: number,
  sentAt: number,
): Batch => ({
  stream,
  firstSequence,
  sentAt,
  spooled,
  observations: [...observations] as Batch['observations'],
})

/** Takes note of an acknowledgement: forgets what the collector has, and nothing else. */
const settle = async (
  { spool, counters, log }: DeliveryOptions,
  { firstSequence, observations }: SpooledBatch,
  acknowledged: number,
  nextSequence: number,
): Promise<void> => {
  if (acknowledged >= nextSequence) {
    log('error', 'the spool was set back to an earlier state: a new stream was begun', {
      acknowledged,
      nextSequence,
    })
    return spool.beginStream()
  }
  if (observations.length === 0) return
  if (acknowledged < firstSequence)
    throw new EnvironmentFault(
      'COLLECTOR_UNREACHABLE',
      `expected the collector to acknowledge ${firstSequence} or more, got ${acknowledged}`,
    )
  const before = spool.depth()
  await spool.acknowledge(acknowledged)
  counters.deliveredObservations += before - spool.depth()
}

/** Sends the oldest `limit` observations, or an empty batch where none wait. */
const attempt = async (options: DeliveryOptions, limit: number, signal: AbortSignal): Promise<Attempt> => {
  const { uplink, spool, clock, counters, pace } = options
  let batch: SpooledBatch | undefined
  try {
    batch = await spool.peek({ observations: limit, bytes: pace.batch.bytes })
    const depth = spool.depth()
    const wire = toWire(batch, depth - batch.observations.length, clock())
    const { acknowledged, heartbeatSeconds } = await uplink.deliver(wire, signal)
    await settle(options, batch, acknowledged, batch.firstSequence + depth)
    return { end: 'delivered', heartbeatSeconds }
  } catch (fault) {
    if (!(fault instanceof EnvironmentFault)) throw fault
    counters.failedDeliveries += 1
    return batch !== undefined && batch.observations.length > 0 && isUnfit(fault)
      ? { end: 'unfit', batch, fault }
      : failed(fault)
  }
}

/** Forgets the oldest observation, loudly. */
const giveUp = async (
  { spool, counters, log }: DeliveryOptions,
  { firstSequence, observations: [observation] }: SpooledBatch,
  fault: EnvironmentFault,
): Promise<void> => {
  await spool.acknowledge(firstSequence)
  counters.rejectedObservations += 1
  log('error', `an observation is given up, the collector would not take it: ${fault.message}`, {
    sequence: firstSequence,
    job: observation?.job,
    observedAt: observation?.observedAt,
  })
}

/**
 * Gives up one observation that the collector will not take, so that it does not block the spool for ever; but
 * only where the collector takes an empty batch and then refuses this observation again: it may have mended itself.
 */
const reject = async (
  options: DeliveryOptions,
  batch: SpooledBatch,
  signal: AbortSignal,
): Promise<Attempt> => {
  const { uplink, spool, clock } = options
  try {
    await uplink.deliver(toWire({ ...batch, observations: [] }, spool.depth(), clock()), signal)
    const again = await attempt(options, 1, signal)
    if (again.end !== 'unfit') return again
    await giveUp(options, again.batch, again.fault)
    return { end: 'delivered' }
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error
    return failed(error)
  }
}

/** Exponential, with half of it random, so that agents that a restart brought into step get out of it. */
export const backoffMs = (failures: number, { retryMs, retryCapMs }: DeliveryPace, random: number): number =>
  Math.min(retryCapMs, retryMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + random / 2)

/** Sends once. A batch that is refused for what it holds is followed by its first half, down to one observation. */
const createSender = (options: DeliveryOptions) => {
  const most = options.pace.batch.observations
  let limit = most
  let refused = { sequence: 0, times: 0 }

  const refuseAlone = (sequence: number): number => {
    refused = { sequence, times: refused.sequence === sequence ? refused.times + 1 : 1 }
    return refused.times
  }

  return async (signal: AbortSignal): Promise<Attempt> => {
    const sent = await attempt(options, limit, signal)
    if (sent.end === 'delivered') limit = Math.min(most, limit * 2)
    if (sent.end !== 'unfit') return sent
    const { batch, fault } = sent
    limit = Math.max(1, Math.floor(batch.observations.length / 2))
    if (batch.observations.length > 1) return sent
    return refuseAlone(batch.firstSequence) < refusalsAlone
      ? { end: 'failed', fault, slow: false }
      : reject(options, batch, signal)
  }
}

/**
 * Delivers the spool, oldest first and one batch at a time, until the signal aborts.
 * Waits out whatever the collector and the way to it do; rejects for a bug only.
 */
export const deliver = async (options: DeliveryOptions, signal: AbortSignal): Promise<void> => {
  const { spool, pace, random, log } = options
  const link = createLinkLog('delivery', log)
  const send = createSender(options)
  let failures = 0
  let spokenAt = -Infinity
  let { heartbeatMs } = pace

  const waitAfter = (sent: Attempt): number => {
    if (sent.end === 'unfit') return 0
    if (sent.end === 'failed') {
      link.fails(sent.fault)
      failures += 1
      return sent.slow ? pace.slowRetryMs * (0.5 + random() / 2) : backoffMs(failures, pace, random())
    }
    link.works()
    failures = 0
    spokenAt = performance.now()
    if (sent.heartbeatSeconds !== undefined) heartbeatMs = sent.heartbeatSeconds * 1000
    return spool.depth() >= pace.batch.observations ? 0 : pace.lingerMs
  }

  const turn = async (): Promise<number> => {
    const isDue = spool.depth() > 0 || performance.now() - spokenAt >= heartbeatMs
    return isDue ? waitAfter(await send(signal)) : pace.lingerMs
  }

  try {
    while (!signal.aborted) await options.wait(await turn(), signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Delivers what waits until nothing does, something fails, or the signal aborts. Rejects for a bug only. */
export const drain = async (options: DeliveryOptions, signal: AbortSignal): Promise<void> => {
  const send = createSender(options)
  try {
    while (options.spool.depth() > 0 && !signal.aborted) if ((await send(signal)).end === 'failed') return
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
