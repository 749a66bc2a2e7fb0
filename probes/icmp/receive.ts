import { formatWords, isSame } from './address.ts'
import type { ReceivedSlot } from './batch.ts'
import { type Correspondence, readCorrespondence } from './clock.ts'
import { readExtendedError, readTimestamp } from './control.ts'
import { type Endpoint, type Engine, enqueue, settle } from './engine-state.ts'
import { type Exchange, type Refusal, isComplete, recordAnswer, recordDeparture } from './exchange.ts'
import { libc } from './libc.ts'
import { type Framing, type QuotedRequest, isError, readMessage, readRequest } from './messages.ts'
import type { Tag } from './packet.ts'
import { departureOf } from './sender.ts'
import { find } from './slots.ts'

const dontWait = 0x40
const errorQueue = 0x2000
/** Bounds one turn of the event loop; what is left makes the socket readable again. */
const mostRounds = 256

const framingOf = ({ family, method }: Endpoint): Framing => {
  if (family === 6) return 'icmp6'
  return method === 'raw' ? 'ip4' : 'icmp4'
}

interface PacketOf {
  readonly exchange: Exchange
  readonly number: number
}

/** An answer may come before the thread that sends says what it has sent. */
const noticeDeparture = ({ sender }: Engine, exchange: Exchange): void => {
  const sentAt = sender && departureOf(sender, exchange)
  if (sentAt === undefined) return
  exchange.batch = undefined
  recordDeparture(exchange, sentAt)
}

const isSent = (engine: Engine, { exchange, number }: PacketOf, target: readonly number[]): boolean => {
  if (!isSame(exchange.address.words, target)) return false
  if (number === exchange.attempted) noticeDeparture(engine, exchange)
  return number < exchange.attempted
}

/** The packet that a tag names, if we sent it and it went to this target. */
const byTag = (engine: Engine, tag: Tag, target: readonly number[]): PacketOf | undefined => {
  if (tag.ownerHigh !== engine.ownerHigh || tag.ownerLow !== engine.ownerLow) return undefined
  const exchange = find(engine.exchanges, tag.serial)
  const packet = exchange && { exchange, number: tag.number }
  return packet && isSent(engine, packet, target) ? packet : undefined
}

/** The packet that an error means which quotes no more than the eight bytes of RFC 792. */
const bySequence = (
  engine: Engine,
  { sequence }: QuotedRequest,
  target: readonly number[],
): PacketOf | undefined => {
  const exchange = find(engine.exchanges, engine.serialBySequence[sequence] ?? 0)
  const packet = exchange && { exchange, number: engine.numberBySequence[sequence] ?? 0 }
  return packet && isSent(engine, packet, target) ? packet : undefined
}

/** A stamp outside of what the monotonic clock allows comes from a wall clock that was set meanwhile. */
const roundTripMs = (arrivedAt: number | undefined, sentAt: number, now: number): number => {
  const elapsed = now - sentAt
  if (arrivedAt === undefined) return elapsed
  const roundTrip = arrivedAt - sentAt
  return roundTrip > elapsed || roundTrip < -1 ? elapsed : Math.max(roundTrip, 0)
}

interface Arrival {
  readonly slot: ReceivedSlot
  readonly readAt: number
  readonly onMonotonic: Correspondence
}

const goOn = (engine: Engine, endpoint: Endpoint, exchange: Exchange): void => {
  if (isComplete(exchange)) settle(engine, endpoint, exchange)
  else if (exchange.place < 0 && exchange.batch === undefined) enqueue(engine, exchange)
}

const takeReply = (engine: Engine, endpoint: Endpoint, tag: Tag, arrival: Arrival): void => {
  const { slot, readAt, onMonotonic } = arrival
  const packet = byTag(engine, tag, slot.source)
  if (packet === undefined) return
  const { exchange, number } = packet
  if (exchange.answers[number] !== undefined) {
    exchange.duplicates += 1
    return
  }
  const stamp = readTimestamp(slot.control, slot.controlLength)
  const arrivedAt = stamp && onMonotonic(stamp)
  const seconds = roundTripMs(arrivedAt, exchange.sentAt[number] ?? 0, readAt) / 1000
  recordAnswer(exchange, number, seconds <= exchange.order.packetTimeoutSeconds ? seconds : 'late')
  goOn(engine, endpoint, exchange)
}

interface Complaint {
  readonly about: QuotedRequest
  readonly target: readonly number[]
  readonly refusal: Refusal
}

const takeRefusal = (engine: Engine, endpoint: Endpoint, { about, target, refusal }: Complaint): void => {
  // A datagram socket's identifier is the kernel's, which hands over errors about our own requests only.
  if (endpoint.method === 'raw' && about.identifier !== engine.identifier) return
  const packet = about.tag ? byTag(engine, about.tag, target) : bySequence(engine, about, target)
  if (packet === undefined || packet.exchange.answers[packet.number] !== undefined) return
  packet.exchange.refusal = refusal
  recordAnswer(packet.exchange, packet.number, 'refused')
  goOn(engine, endpoint, packet.exchange)
}

const takeMessage = (engine: Engine, endpoint: Endpoint, arrival: Arrival): void => {
  const { packet, length, isWhole, source } = arrival.slot
  const message = readMessage(framingOf(endpoint), packet, length, isWhole)
  if (message === undefined) return
  if (message.kind === 'reply') {
    takeReply(engine, endpoint, message.tag, arrival)
    return
  }
  const { family, type, code, mtu, about } = message
  if (about.target === undefined) return
  const refusal = { family, type, code, mtu, from: formatWords(source) }
  takeRefusal(engine, endpoint, { about, target: about.target, refusal })
}

/** An entry of the error queue: the request comes back with its destination as source, the error as control data. */
const takeQueuedError = (engine: Engine, endpoint: Endpoint, { slot }: Arrival): void => {
  const { family } = endpoint
  const error = readExtendedError(slot.control, slot.controlLength, family)
  const about = readRequest(slot.packet, 0, Math.min(slot.length, slot.packet.byteLength), family)
  if (error === undefined || about === undefined) return
  const { type, code, info, offender } = error
  if (!isError(family, type)) return
  const refusal = {
    family,
    type,
    code,
    mtu: info,
    from: offender ? formatWords(offender) : 'an unknown host',
  }
  takeRefusal(engine, endpoint, { about, target: slot.source, refusal })
}

type Take = (engine: Engine, endpoint: Endpoint, arrival: Arrival) => void

/** Reads one batch; how many there were, and whether there may be more. */
const receive = (
  engine: Engine,
  endpoint: Endpoint,
  flags: number,
  take: Take,
): readonly [number, boolean] => {
  const { receiving, fd } = endpoint
  const count = libc().recvmmsg(fd, receiving.headers, receiving.capacity, flags | dontWait)
  // Any other error is one that an earlier packet left at the socket; reading it has cleared it.
  if (count < 0) return [0, libc().errorCode() !== 'EAGAIN']
  const onMonotonic = readCorrespondence()
  const readAt = performance.now()
  for (let index = 0; index < count; index += 1)
    take(engine, endpoint, { slot: receiving.slot(index), readAt, onMonotonic })
  receiving.reset(count)
  return [count, count === receiving.capacity]
}

const receiveAll = (engine: Engine, endpoint: Endpoint, flags: number, take: Take): number => {
  let total = 0
  for (let round = 0; round < mostRounds; round += 1) {
    const [count, isMore] = receive(engine, endpoint, flags, take)
    total += count
    if (!isMore) break
  }
  return total
}

/** Reads what has arrived at the socket, without waiting; says how many messages that were. */
export const drain = (engine: Engine, endpoint: Endpoint): number => {
  const messages = receiveAll(engine, endpoint, 0, takeMessage)
  if (endpoint.method === 'raw') return messages
  return messages + receiveAll(engine, endpoint, errorQueue, takeQueuedError)
}
