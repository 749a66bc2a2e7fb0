import { type SendBatch, sendCapacity } from './batch.ts'
import { type Endpoint, type Engine, endpointOf, enqueue, settle } from './engine-state.ts'
import { type Exchange, isComplete, recordDeparture, recordFault } from './exchange.ts'
import { libc } from './libc.ts'
import { drain } from './receive.ts'
import { type Sender, handOver, hasRoom, isSending, takeSent } from './sender.ts'
import { allowFragments, wholePayloadBytes } from './socket.ts'

const dontWait = 0x40
/** The socket's send buffer is full: nobody can send now. */
const full: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR'])
/** There is no room on this packet's way (interface queue, neighbour table): others may get through. */
const crowded: ReadonlySet<string> = new Set(['ENOBUFS', 'ENOMEM'])
const pauseMs = { full: 1, crowded: 10 } as const
/** One thread keeps such a pace, 100,000 packets a second; where it does not, the machine has none to spare. */
const pacedMs = 0.01
/** What has not moved for so long is a fault, not a burst. */
const patienceMs = 1000

const takeSequence = (engine: Engine, serial: number, number: number): number => {
  engine.sequence = (engine.sequence + 1) & 0xffff
  engine.serialBySequence[engine.sequence] = serial
  engine.numberBySequence[engine.sequence] = number
  return engine.sequence
}

const allowFragmentsOnce = (endpoint: Endpoint): void => {
  if (endpoint.mayFragment) return
  allowFragments(endpoint)
  endpoint.mayFragment = true
}

/** Writes the exchange's next packet into the batch; a full batch is sent. */
export const load = (engine: Engine, endpoint: Endpoint, exchange: Exchange): void => {
  const { serial, address, order, attempted } = exchange
  if (order.sizeBytes > wholePayloadBytes) allowFragmentsOnce(endpoint)
  const { sending: batch } = endpoint
  batch.write(batch.loaded.length, address, {
    family: address.family,
    identifier: engine.identifier,
    sequence: takeSequence(engine, serial, attempted),
    ownerHigh: engine.ownerHigh,
    ownerLow: engine.ownerLow,
    serial,
    number: attempted,
    sizeBytes: order.sizeBytes,
  })
  exchange.batch = batch
  if (batch.loaded.push(exchange) === sendCapacity) flush(engine, endpoint)
}

const putBack = (engine: Engine, exchange: Exchange): void => {
  exchange.isAdmitted = true
  enqueue(engine, exchange)
}

const isPatient = (since: number, at: number): boolean => at - since < patienceMs

/** Whether the packet is to be tried again, which is arranged. */
const waitForRoom = (engine: Engine, exchange: Exchange, code: string, at: number): boolean => {
  if (full.has(code)) {
    engine.blockedSince ??= at
    engine.blockedUntil = at + pauseMs.full
    return isPatient(engine.blockedSince, at)
  }
  if (!crowded.has(code)) return false
  exchange.crowdedSince ??= at
  exchange.dueAt = at + pauseMs.crowded
  return isPatient(exchange.crowdedSince, at)
}

/** An ICMP error that waits at a datagram socket comes back from the next send, whoever it was about. */
const mayBeAnothers = ({ method }: Endpoint, exchange: Exchange, code: string): boolean => {
  if (method !== 'datagram' || full.has(code) || crowded.has(code) || exchange.isRetried) return false
  exchange.isRetried = true
  return true
}

/** The first packet of a batch was not sent: wait, try again, or give this packet up. */
const turnBack = (engine: Engine, exchange: Exchange, code: string): void => {
  const at = performance.now()
  const endpoint = endpointOf(engine, exchange)
  if (waitForRoom(engine, exchange, code, at) || mayBeAnothers(endpoint, exchange, code)) {
    putBack(engine, exchange)
    return
  }
  recordFault(exchange, at, code)
  if (isComplete(exchange)) settle(engine, endpoint, exchange)
  else enqueue(engine, exchange)
}

/** What the kernel did with a batch. */
interface Passage {
  readonly begunAt: number
  readonly stepMs: number
  /** So many of the first packets were taken. */
  readonly taken: number
  /** errno of the next one, where it is known. */
  readonly code?: string | undefined
}

/** Takes down what was sent. What the kernel did not take stays due. */
const conclude = (engine: Engine, batch: SendBatch<Exchange>, passage: Passage): void => {
  const { begunAt, stepMs, taken, code } = passage
  for (const [index, exchange] of batch.loaded.entries()) {
    // It was answered meanwhile, or cancelled.
    if (exchange.batch !== batch) continue
    exchange.batch = undefined
    if (index < taken) {
      recordDeparture(exchange, begunAt + stepMs * index)
      enqueue(engine, exchange)
    } else if (index === taken && code !== undefined) turnBack(engine, exchange, code)
    else putBack(engine, exchange)
  }
  if (taken > 0) engine.blockedSince = undefined
  if (taken < batch.loaded.length) engine.isTurnedBack = true
  batch.loaded.length = 0
}

const isUnpaced = ({ loaded }: SendBatch<Exchange>): boolean =>
  loaded.length === sendCapacity && (loaded[0]?.pace.gapMs ?? pacedMs) < pacedMs

const sendNow = (engine: Engine, endpoint: Endpoint): void => {
  const { sending: batch } = endpoint
  const { length } = batch.loaded
  if (isUnpaced(batch)) engine.unpacedBatches += 1
  const begunAt = performance.now()
  const taken = libc().sendmmsg(endpoint.fd, batch.headers, length, dontWait)
  const code = taken < 0 ? libc().errorCode() : undefined
  const stepMs = (performance.now() - begunAt) / taken
  engine.isTurnedBack = false
  conclude(engine, batch, { begunAt, stepMs, taken: Math.max(taken, 0), code })
  drain(engine, endpoint)
}

/** It is worth waking the thread for a full batch, and what follows goes the same way. */
const senderFor = ({ sender, isTurnedBack }: Engine, { loaded }: SendBatch<Exchange>): Sender | undefined =>
  sender && !isTurnedBack && hasRoom(sender) && (loaded.length === sendCapacity || isSending(sender))
    ? sender
    : undefined

/** Sends the batch, or hands it to the thread that sends. */
export const flush = (engine: Engine, endpoint: Endpoint): void => {
  const { sending: batch, fd } = endpoint
  if (batch.loaded.length === 0) return
  const sender = senderFor(engine, batch)
  if (sender === undefined) sendNow(engine, endpoint)
  else endpoint.sending = handOver(sender, fd, batch)
}

/** Takes back what the thread has sent since. */
export const takeBack = (engine: Engine): void => {
  const { sender } = engine
  if (sender === undefined) return
  for (let sent = takeSent(sender); sent; sent = takeSent(sender)) conclude(engine, sent.batch, sent)
}
