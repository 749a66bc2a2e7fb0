import type { Address } from './address.ts'
import type { Due } from './agenda.ts'
import type { SendBatch } from './batch.ts'
import type { SocketMethod } from './socket.ts'

/** What one target is sent. */
export interface Order {
  readonly count: number
  readonly intervalSeconds: number
  readonly packetTimeoutSeconds: number
  readonly sizeBytes: number
}

/** An ICMP error that a router or the target itself sent about a request. */
export interface Refusal {
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
  readonly mtu: number
  /** Who sent it. */
  readonly from: string
}

/** What became of an order. */
export interface Report {
  readonly method: SocketMethod
  /** Packets that the kernel took. */
  readonly sent: number
  /** Round-trip times of the packets that were answered in time, in the order of sending. */
  readonly rttSeconds: readonly number[]
  readonly duplicates: number
  readonly refusal: Refusal | undefined
  /** errno of a packet that the kernel would not send. */
  readonly fault: string | undefined
  /** Our own receive buffer overflowed meanwhile: silence may be ours. */
  readonly isOverflowed: boolean
  readonly elapsedSeconds: number
}

/** Spacing of a group's packets: at least `gapMs` between two, the last one's place being `slotAt`. */
export interface Pace {
  readonly gapMs: number
  slotAt: number
  /** So much later than due may a packet leave together with others. */
  readonly slackMs: number
}

/** What a pace that nobody is in a hurry for leaves. */
export const mostSlackMs = 40

/** Round-trip time in seconds, or why there is none. */
export type Answer = number | 'late' | 'refused'

/** An order under way. Times are milliseconds of `performance.now()`. */
export interface Exchange extends Due {
  readonly serial: number
  readonly address: Address
  readonly order: Order
  readonly pace: Pace
  readonly onSettled: (report: Report) => void
  /** By packet number; holds packets that the kernel refused too. */
  readonly sentAt: number[]
  readonly answers: (Answer | undefined)[]
  attempted: number
  answered: number
  unsent: number
  duplicates: number
  refusal: Refusal | undefined
  fault: string | undefined
  /** The next packet has its place in the pace. */
  isAdmitted: boolean
  /** The next packet was tried again after an error that may have been another packet's. */
  isRetried: boolean
  /** Since when the kernel has had no room for the next packet. */
  crowdedSince: number | undefined
  /** Where the next packet lies while it is about to be sent; the exchange then has no place in the agenda. */
  batch: SendBatch<Exchange> | undefined
}

export interface Launch {
  readonly address: Address
  readonly order: Order
  readonly pace: Pace
  readonly startAt: number
  /** Called once, unless the exchange is cancelled, in the middle of the engine's work: it must not launch or cancel. */
  readonly onSettled: (report: Report) => void
}

/** An exchange that has sent nothing yet. */
export const createExchange = (
  serial: number,
  { address, order, pace, startAt, onSettled }: Launch,
): Exchange => ({
  serial,
  address,
  order,
  pace,
  onSettled,
  dueAt: startAt,
  slackMs: 0,
  place: -1,
  sentAt: new Array<number>(order.count),
  answers: new Array<Answer | undefined>(order.count),
  attempted: 0,
  answered: 0,
  unsent: 0,
  duplicates: 0,
  refusal: undefined,
  fault: undefined,
  isAdmitted: false,
  isRetried: false,
  crowdedSince: undefined,
  batch: undefined,
})

/** All packets are away; what is still missing is waited for until `dueAt`. */
export const isAllSent = ({ attempted, order }: Exchange): boolean => attempted === order.count

/** Nothing is left to wait for. */
export const isComplete = (exchange: Exchange): boolean =>
  isAllSent(exchange) && exchange.answered === exchange.order.count

/** Takes down the answer to one packet. */
export const recordAnswer = (exchange: Exchange, number: number, answer: Answer): void => {
  exchange.answers[number] = answer
  exchange.answered += 1
}

/** Slack is no more than this of the time to wait. */
const slackShare = 0.2

/** Takes down a departure and sets when the exchange is due again. */
export const recordDeparture = (exchange: Exchange, sentAt: number): void => {
  const { order } = exchange
  exchange.sentAt[exchange.attempted] = sentAt
  exchange.attempted += 1
  exchange.isAdmitted = false
  exchange.isRetried = false
  exchange.crowdedSince = undefined
  const waitMs = 1000 * (isAllSent(exchange) ? order.packetTimeoutSeconds : order.intervalSeconds)
  exchange.dueAt = sentAt + waitMs
  exchange.slackMs = Math.min(exchange.pace.slackMs, waitMs * slackShare)
}

/** Takes down that the kernel would not send the next packet. */
export const recordFault = (exchange: Exchange, at: number, code: string): void => {
  const number = exchange.attempted
  recordDeparture(exchange, at)
  recordAnswer(exchange, number, 'refused')
  exchange.unsent += 1
  exchange.fault = code
}

const isNumber = (answer: Answer | undefined): answer is number => typeof answer === 'number'

/** What is known of an exchange now. */
export const reportOf = (
  exchange: Exchange,
  method: SocketMethod,
  { now, isOverflowed }: { readonly now: number; readonly isOverflowed: boolean },
): Report => ({
  method,
  sent: exchange.attempted - exchange.unsent,
  rttSeconds: exchange.answers.filter(isNumber),
  duplicates: exchange.duplicates,
  refusal: exchange.refusal,
  fault: exchange.fault,
  isOverflowed,
  elapsedSeconds: (now - (exchange.sentAt[0] ?? now)) / 1000,
})

/**
 * Starts exchanges when their time comes, so that a sweep of 41,000 targets holds no more than those under way.
 * `start` starts the one that is due and says when the next is; undefined ends the source.
 */
export interface Source extends Due {
  readonly start: () => number | undefined
}
