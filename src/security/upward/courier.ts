import { backoffMs } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { takeTurns, type Turns } from '../../core/turns.ts'
import type { Dispatch, Receipt, Waiting } from './dispatch.ts'

/** What came of one attempt. The words are shown to people and hold no secret. */
export type Attempt =
  /** Of messages without a receipt it is not known whether they were taken: they are sent again. */
  | { readonly ok: true; readonly receipts: readonly Receipt[] }
  | {
      readonly ok: false
      readonly detail: string
      /** They will not have these very messages, and would say the same tomorrow. */
      readonly isOfContent?: boolean
    }

/** Sends messages in their order; gives up when the signal aborts. Never rejects for what the network does. */
export type Send = (messages: readonly Waiting[], signal: AbortSignal) => Promise<Attempt>

export interface Route {
  readonly destination: string
  readonly dispatch: Dispatch
  readonly send: Send
  readonly batch: number
  readonly clock: Clock
  readonly log: Log
}

const maxRetryMs = 5 * 60_000

/** Receipts of the first messages, up to one that has none: what comes after it is sent again with it. */
const leading = (batch: readonly Waiting[], receipts: readonly Receipt[]): readonly (Receipt & Waiting)[] => {
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const end = batch.findIndex(({ id }) => !byId.has(id))
  return (end === -1 ? batch : batch.slice(0, end)).flatMap((message) => {
    const receipt = byId.get(message.id)
    return receipt === undefined ? [] : [{ ...message, ...receipt }]
  })
}

const receiptsOf = (attempt: Attempt, { id }: Waiting): readonly Receipt[] => {
  if (attempt.ok) return attempt.receipts
  return attempt.isOfContent === true ? [{ id, result: 'refused', detail: attempt.detail }] : []
}

export type Delivered = 'nothing' | 'some' | 'failed'

const fail = ({ destination, dispatch, clock, log }: Route, detail: string): Delivered => {
  const now = clock()
  dispatch.fail(destination, detail, now, (failures) => now + backoffMs(failures, maxRetryMs))
  log('warn', 'the platform above did not take messages', { destination, detail })
  return 'failed'
}

const settle = (
  { destination, dispatch, clock, log }: Route,
  settled: readonly (Receipt & Waiting)[],
): Delivered => {
  dispatch.settle(destination, settled, clock())
  for (const { id, kind, result, detail } of settled)
    if (result === 'refused')
      log('error', 'the platform above refused a message', { destination, id, kind, detail })
  return 'some'
}

/** Makes attempts: each sends what waits for a destination, in order, and writes down what it said. */
export const createDelivery = (route: Route): ((signal: AbortSignal) => Promise<Delivered>) => {
  const { destination, dispatch, send, batch: usual, clock } = route
  let most = usual
  return async (signal) => {
    const batch = dispatch.waiting(destination, clock(), most)
    const [first] = batch
    if (first === undefined) return 'nothing'
    const attempt = await send(batch, signal)
    if (!attempt.ok && signal.aborted) return 'nothing'
    if (!attempt.ok && attempt.isOfContent === true && batch.length > 1) {
      // One by one until the one is found that they do not want.
      most = 1
      return 'some'
    }
    most = Math.min(usual, most * 2)
    const settled = leading(batch, receiptsOf(attempt, first))
    if (settled.length > 0) return settle(route, settled)
    return fail(route, attempt.ok ? `no receipt for ${first.id}` : attempt.detail)
  }
}

/**
 * Delivers to one destination, one attempt at a time, until it is disposed: an attempt that is under way then is
 * broken off, and made again after the next start, with the same ids. Nothing is ever given up: what is refused has
 * a receipt that says so.
 */
export const startCourier = (route: Route): Turns => {
  const attempt = createDelivery(route)
  return takeTurns({
    pauseMs: 1000,
    turn: async (signal) => (await attempt(signal)) === 'some',
    failed: (error) =>
      route.log('error', 'the outbox cannot be used', { destination: route.destination, error }),
  })
}

/** Delivers until nothing waits or an attempt fails. */
export const drain = async (route: Route, signal: AbortSignal): Promise<Exclude<Delivered, 'some'>> => {
  const attempt = createDelivery(route)
  for (;;) {
    const delivered = await attempt(signal)
    if (delivered !== 'some') return delivered
  }
}
