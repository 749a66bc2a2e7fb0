import { type Endpoint, type Engine, enqueue, sendCapacity, settle } from './engine-state.ts'
import { type Exchange, isComplete, recordDeparture, recordFault } from './exchange.ts'
import { libc } from './libc.ts'
import { drain } from './receive.ts'

const dontWait = 0x40
/** The socket's send buffer is full: nobody can send now. */
const full: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR'])
/** There is no room on this packet's way (interface queue, neighbour table): others may get through. */
const crowded: ReadonlySet<string> = new Set(['ENOBUFS', 'ENOMEM'])
const pauseMs = { full: 1, crowded: 10 } as const
/** What has not moved for so long is a fault, not a burst. */
const patienceMs = 1000

const takeSequence = (engine: Engine, serial: number, number: number): number => {
  engine.sequence = (engine.sequence + 1) & 0xffff
  engine.serialBySequence[engine.sequence] = serial
  engine.numberBySequence[engine.sequence] = number
  return engine.sequence
}

/** Writes the exchange's next packet into the batch; a full batch is sent. */
export const load = (engine: Engine, endpoint: Endpoint, exchange: Exchange): void => {
  const { serial, order, attempted } = exchange
  endpoint.sending.write(endpoint.loaded.length, order.address, {
    family: order.address.family,
    identifier: engine.identifier,
    sequence: takeSequence(engine, serial, attempted),
    ownerHigh: engine.ownerHigh,
    ownerLow: engine.ownerLow,
    serial,
    number: attempted,
    sizeBytes: order.sizeBytes,
  })
  if (endpoint.loaded.push(exchange) === sendCapacity) flush(engine, endpoint)
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
const turnBack = (engine: Engine, endpoint: Endpoint, exchange: Exchange, code: string): void => {
  const at = performance.now()
  if (waitForRoom(engine, exchange, code, at) || mayBeAnothers(endpoint, exchange, code)) {
    putBack(engine, exchange)
    return
  }
  recordFault(exchange, at, code)
  if (isComplete(exchange)) settle(engine, endpoint, exchange)
  else enqueue(engine, exchange)
}

const recordDepartures = (
  engine: Engine,
  sent: readonly Exchange[],
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number },
): void => {
  const stepMs = (endedAt - startedAt) / sent.length
  sent.forEach((exchange, index) => {
    recordDeparture(exchange, startedAt + stepMs * index)
    enqueue(engine, exchange)
  })
  if (sent.length > 0) engine.blockedSince = undefined
}

/** Sends the batch. What the kernel does not take stays due. */
export const flush = (engine: Engine, endpoint: Endpoint): void => {
  const loaded = endpoint.loaded.splice(0)
  if (loaded.length === 0) return
  const startedAt = performance.now()
  const taken = libc().sendmmsg(endpoint.fd, endpoint.sending.headers, loaded.length, dontWait)
  const code = taken < 0 ? libc().errorCode() : undefined
  const sent = Math.max(taken, 0)
  recordDepartures(engine, loaded.slice(0, sent), { startedAt, endedAt: performance.now() })
  for (const [index, exchange] of loaded.slice(sent).entries())
    if (index === 0 && code !== undefined) turnBack(engine, endpoint, exchange, code)
    else putBack(engine, exchange)
  drain(engine, endpoint)
}
