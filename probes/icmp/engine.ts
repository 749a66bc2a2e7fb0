import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { remove } from './agenda.ts'
import {
  type Endpoint,
  type Engine,
  createEndpoint,
  createEngine,
  discard,
  enqueue,
  noticeDrops,
  settle,
} from './engine-state.ts'
import { type Exchange, type Launch, type Source, createExchange, isAllSent } from './exchange.ts'
import { libc } from './libc.ts'
import { drain } from './receive.ts'
import { type Refused, openSocket } from './socket.ts'
import { flush, load } from './transmit.ts'

/** Packets, or endings, of one turn of the event loop. */
const mostPerTurn = 512
/** After a stall of the event loop so much of the missed time is caught up at once. */
const burstMs = 10
/** Sockets are kept for the next run for so long. */
const idleMs = 10_000

/** When the exchange's next packet has its place in the pace: now at the earliest. */
const placeOf = ({ pace, isAdmitted }: Exchange, at: number): number => {
  if (isAdmitted) return at
  pace.slotAt = Math.max(pace.slotAt + pace.gapMs, at - burstMs)
  return Math.max(pace.slotAt, at)
}

const defer = (engine: Engine, exchange: Exchange, until: number): void => {
  exchange.isAdmitted = true
  exchange.dueAt = until
  enqueue(engine, exchange)
}

const proceed = (engine: Engine, exchange: Exchange, at: number): void => {
  const endpoint = engine.endpoints.get(exchange.order.address.family)
  if (endpoint === undefined) return
  if (isAllSent(exchange)) {
    settle(engine, endpoint, exchange)
    return
  }
  const place = placeOf(exchange, at)
  if (place <= at) load(engine, endpoint, exchange)
  else defer(engine, exchange, place)
}

const proceedSource = (engine: Engine, source: Source): void => {
  const nextAt = source.start()
  if (nextAt === undefined) return
  source.dueAt = nextAt
  enqueue(engine, source)
}

const proceedAll = (engine: Engine, at: number): void => {
  for (let turn = 0; turn < mostPerTurn && engine.blockedUntil <= at; turn += 1) {
    const item = engine.agenda[0]
    if (item === undefined || item.dueAt > at) break
    remove(engine.agenda, item)
    if ('start' in item) proceedSource(engine, item)
    else proceed(engine, item, at)
  }
  for (const endpoint of engine.endpoints.values()) flush(engine, endpoint)
}

/** What has arrived counts before anything is given up: a late turn of the event loop loses no answer. */
const tick = (engine: Engine): void => {
  // Nothing that happens in a tick has to set the timer for the next one.
  engine.wakeAt = -Infinity
  for (const endpoint of engine.endpoints.values()) {
    drain(engine, endpoint)
    noticeDrops(endpoint)
  }
  proceedAll(engine, performance.now())
  engine.wakeAt = Infinity
  wakeWhenDue(engine)
}

const callLater = (callback: () => void, delayMs: number): (() => void) => {
  if (delayMs <= 0) {
    const immediate = setImmediate(callback)
    return () => {
      clearImmediate(immediate)
    }
  }
  const timer = setTimeout(callback, Math.ceil(delayMs))
  return () => {
    clearTimeout(timer)
  }
}

const wakeWhenDue = (engine: Engine): void => {
  const next = engine.agenda[0]
  if (next === undefined) {
    rest(engine)
    return
  }
  const at = Math.max(next.dueAt, engine.blockedUntil)
  if (at >= engine.wakeAt) return
  engine.stopWaking()
  engine.wakeAt = at
  engine.stopWaking = callLater(() => tick(engine), at - performance.now())
}

const close = (engine: Engine): void => {
  for (const endpoint of engine.endpoints.values()) {
    endpoint.watch?.close()
    endpoint.watch = undefined
    libc().close(endpoint.fd)
  }
  engine.endpoints.clear()
}

/** Nothing is under way: no timer holds the process any more, and soon there is no socket either. */
const rest = (engine: Engine): void => {
  if (engine.isResting) return
  engine.isResting = true
  engine.stopWaking()
  engine.wakeAt = Infinity
  const timer = setTimeout(() => close(engine), idleMs).unref()
  engine.stopWaking = () => {
    clearTimeout(timer)
  }
}

/** The event loop stops watching a socket that has an error queued, hence a datagram socket is watched anew. */
const watch = (engine: Engine, endpoint: Endpoint): void => {
  const onReadable = (): void => {
    drain(engine, endpoint)
    if (engine.agenda[0] === undefined) rest(engine)
    if (endpoint.method === 'datagram') handle.start({ readable: true }, onReadable)
  }
  const handle = libc().poll(endpoint.fd, { readable: true }, onReadable)
  handle.unref()
  endpoint.watch = handle
}

const openEndpoint = (engine: Engine, family: 4 | 6): Endpoint | Refused => {
  const known = engine.endpoints.get(family)
  if (known !== undefined) return known
  const socket = openSocket(family, engine)
  if ('code' in socket) return socket
  const endpoint = createEndpoint(socket)
  engine.endpoints.set(family, endpoint)
  watch(engine, endpoint)
  return endpoint
}

let shared: Engine | undefined

/** The process's one engine. */
const engineOf = (): Engine => {
  shared ??= createEngine()
  return shared
}

const add = (engine: Engine, item: Exchange | Source): void => {
  enqueue(engine, item)
  engine.isResting = false
  wakeWhenDue(engine)
}

/** Starts an exchange with one target. The process stays alive until it is settled or cancelled. */
export const launch = (order: Launch): Exchange | Refused => {
  const engine = engineOf()
  const endpoint = openEndpoint(engine, order.order.address.family)
  if ('code' in endpoint) return endpoint
  engine.serial = (engine.serial + 1) >>> 0
  const exchange = createExchange(engine.serial, order)
  engine.exchanges.set(exchange.serial, exchange)
  add(engine, exchange)
  return exchange
}

/** Lets a source start its exchanges at their times. The process stays alive until it ends or is cancelled. */
export const launchFrom = (source: Source): void => add(engineOf(), source)

/** Ends an exchange without a report, or a source. */
export const cancel = (item: Exchange | Source): void => {
  const engine = engineOf()
  discard(engine, item)
  if (engine.agenda[0] === undefined) rest(engine)
}
