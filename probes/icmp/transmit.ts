import { type Endpoint, type Engine, enqueue, sendCapacity } from './engine-state.ts'
import { type Exchange, recordDeparture, recordFault } from './exchange.ts'
import { libc } from './libc.ts'
import { drain } from './receive.ts'

const dontWait = 0x40
/** The queue of the interface or of the socket is full: wait for it to drain. */
const passing: ReadonlySet<string> = new Set(['EAGAIN', 'ENOBUFS', 'ENOMEM', 'EINTR'])
const pauseMs = 1
/** A queue that has not moved for so long is a fault, not a burst. */
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

const pause = (engine: Engine, at: number): void => {
  engine.blockedSince ??= at
  engine.blockedUntil = at + pauseMs
}

/** The first packet of a batch was not sent: wait, try again, or give this packet up. */
const turnBack = (engine: Engine, endpoint: Endpoint, exchange: Exchange, code: string): void => {
  const at = performance.now()
  const isPassing = passing.has(code)
  if (isPassing && at - (engine.blockedSince ?? at) < patienceMs) {
    pause(engine, at)
    putBack(engine, exchange)
    return
  }
  // An ICMP error that waits at a datagram socket comes back from the next send, whoever it was about.
  if (endpoint.method === 'datagram' && !isPassing && !exchange.isRetried) {
    exchange.isRetried = true
    putBack(engine, exchange)
    return
  }
  recordFault(exchange, at, code)
  enqueue(engine, exchange)
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
