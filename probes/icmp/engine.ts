import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { remove } from './agenda.ts'
import {
  type Endpoint,
  type Engine,
  createEndpoint,
  createEngine,
  discard,
  endpointOf,
  enqueue,
  noticeDrops,
  settle,
} from './engine-state.ts'
import { type Exchange, type Launch, type Source, createExchange, isAllSent } from './exchange.ts'
import { drain } from './receive.ts'
import { type Refused, openSocket } from './socket.ts'
import { isFull, isSending, lookForDone, startSender, wake } from './sender.ts'
import { occupy } from './slots.ts'
import { flush, load, takeBack } from './transmit.ts'
import { close, prepareWatch, stopWatching, watchAfter } from './watch.ts'

/** Packets, or endings, of one turn of the event loop. */
const mostPerTurn = 512
/** So many full batches without a pause are a burst: sending them takes about as long as starting a thread. */
const burstBatches = 128
/** How long a thread that has all it can take is left alone. */
const fullMs = 1
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

const proceed = (engine: Engine, exchange: Exchange, at: number): void => {
  const endpoint = endpointOf(engine, exchange)
  if (isAllSent(exchange)) {
    settle(engine, endpoint, exchange)
    return
  }
  const place = placeOf(exchange, at)
  exchange.isAdmitted = true
  exchange.dueAt = place
  if (place <= at) load(engine, endpoint, exchange)
  else enqueue(engine, exchange)
}

interface Turns {
  readonly at: number
  left: number
}

const isPaused = ({ sender, blockedUntil }: Engine, { at, left }: Turns): boolean =>
  left <= 0 || blockedUntil > at || isFull(sender)

/** Starts what is due of a source, until it has its turn again. */
const proceedSource = (engine: Engine, source: Source, turns: Turns): void => {
  do {
    turns.left -= 1
    const nextAt = source.start()
    if (nextAt === undefined) return
    source.dueAt = nextAt
  } while (source.dueAt <= turns.at && !isPaused(engine, turns))
  enqueue(engine, source)
}

const proceedAll = (engine: Engine, turns: Turns): void => {
  for (let item = engine.agenda[0]; item && item.dueAt <= turns.at; item = engine.agenda[0]) {
    if (isPaused(engine, turns)) break
    remove(engine.agenda, item)
    turns.left -= 1
    if ('start' in item) proceedSource(engine, item, turns)
    else proceed(engine, item, turns.at)
  }
  for (const endpoint of engine.endpoints.values()) flush(engine, endpoint)
  if (engine.sender) wake(engine.sender)
  if (isFull(engine.sender)) engine.blockedUntil = Math.max(engine.blockedUntil, turns.at + fullMs)
}

/** A thread takes a burst's packets to the kernel. It is not started for less: it has a price in memory. */
const noticeBurst = (engine: Engine, { left }: Turns): void => {
  if (left > 0) engine.unpacedBatches = 0
  if (engine.unpacedBatches < burstBatches) return
  engine.sender ??= startSender((sender) => {
    lookForDone(sender)
    takeBack(engine)
    wakeWhenDue(engine)
  })
}

const drainAll = (engine: Engine): number => {
  let messages = 0
  for (const endpoint of engine.endpoints.values()) {
    messages += drain(engine, endpoint)
    noticeDrops(endpoint)
  }
  return messages
}

/** What has arrived counts before anything is given up: a late turn of the event loop loses no answer. */
const tick = (engine: Engine): void => {
  // Nothing that happens in a tick has to set the timer for the next one.
  engine.wakeAt = -Infinity
  engine.tickAt = performance.now()
  if (engine.sender) lookForDone(engine.sender)
  const messages = drainAll(engine)
  // Whatever was answered at once has departed by its answer: it need not enter the agenda.
  takeBack(engine)
  const turns = { at: engine.tickAt, left: mostPerTurn }
  proceedAll(engine, turns)
  noticeBurst(engine, turns)
  watchAfter(engine, messages, isSending(engine.sender))
  engine.tickAt = -Infinity
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

const isIdle = ({ agenda, sender }: Engine): boolean => agenda.length === 0 && !isSending(sender)

const wakeWhenDue = (engine: Engine): void => {
  if (isIdle(engine)) {
    rest(engine)
    return
  }
  engine.isResting = false
  const next = engine.agenda[0]
  const dueAt = next === undefined ? Infinity : next.dueAt + next.slackMs
  const at = Math.max(Math.min(dueAt, engine.drainAt), engine.blockedUntil)
  if (at >= engine.wakeAt) return
  engine.stopWaking()
  engine.wakeAt = at
  engine.stopWaking = callLater(() => tick(engine), at - performance.now())
}

/** Nothing is under way: no timer holds the process any more, and soon there is no socket either. */
const rest = (engine: Engine): void => {
  if (engine.isResting) return
  engine.isResting = true
  engine.stopWaking()
  engine.wakeAt = Infinity
  stopWatching(engine)
  const timer = setTimeout(() => close(engine), idleMs).unref()
  engine.stopWaking = () => {
    clearTimeout(timer)
  }
}

const onReadable = (engine: Engine, endpoint: Endpoint): void => {
  // A socket that has an error queued is readable too: it counts as an answer.
  watchAfter(engine, Math.max(1, drain(engine, endpoint)), isSending(engine.sender))
  wakeWhenDue(engine)
}

const openEndpoint = (engine: Engine, family: 4 | 6): Endpoint | Refused => {
  const known = engine.endpoints.get(family)
  if (known !== undefined) return known
  const socket = openSocket(family, engine)
  if ('code' in socket) return socket
  const endpoint = createEndpoint(socket)
  engine.endpoints.set(family, endpoint)
  prepareWatch(endpoint, () => onReadable(engine, endpoint))
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
  wakeWhenDue(engine)
}

/** Starts an exchange with one target. The process stays alive until it is settled or cancelled. */
export const launch = (started: Launch): Exchange | Refused => {
  const engine = engineOf()
  const endpoint = openEndpoint(engine, started.address.family)
  if ('code' in endpoint) return endpoint
  const exchange = occupy(engine.exchanges, (serial) => createExchange(serial, started))
  if (exchange === undefined) return { code: 'ENOBUFS' }
  // What a source starts goes into the batch that is being filled.
  if (exchange.dueAt <= engine.tickAt) proceed(engine, exchange, engine.tickAt)
  else add(engine, exchange)
  return exchange
}

/** Lets a source start its exchanges at their times. The process stays alive until it ends or is cancelled. */
export const launchFrom = (source: Source): void => add(engineOf(), source)

/** Ends an exchange without a report, or a source. */
export const cancel = (item: Exchange | Source): void => {
  const engine = engineOf()
  discard(engine, item)
  if (isIdle(engine)) rest(engine)
}
