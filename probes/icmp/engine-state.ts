import { randomBytes } from 'node:crypto'
import { push, remove } from './agenda.ts'
import { type ReceiveBatch, type SendBatch, createReceiveBatch, createSendBatch } from './batch.ts'
import { type Exchange, type Source, reportOf } from './exchange.ts'
import type { Sender } from './sender.ts'
import { type Slots, createSlots, release } from './slots.ts'
import { type IcmpSocket, type Owner, countDrops } from './socket.ts'

/** A socket with its buffers. */
export interface Endpoint extends IcmpSocket {
  /** The batch that is being filled. */
  sending: SendBatch<Exchange>
  readonly receiving: ReceiveBatch
  mayFragment: boolean
  /** Watches the socket; undefined before it is first watched and after it is closed. */
  watch: { readonly start: () => void; readonly stop: () => void; readonly close: () => void } | undefined
  isWatched: boolean
  drops: number
  /** When `drops` last grew. */
  droppedAt: number
}

/** Everything that the engine knows. One for each process; only the functions of this folder change it. */
export interface Engine extends Owner {
  readonly identifier: number
  readonly endpoints: Map<4 | 6, Endpoint>
  /** Open exchanges. */
  readonly exchanges: Slots<Exchange>
  /** Heap: exchanges by when they have to send or to give up, sources by when they start the next one. */
  readonly agenda: (Exchange | Source)[]
  /** Serial and packet number of the last user of each 16-bit sequence number, for errors that quote no tag. */
  readonly serialBySequence: Uint32Array
  readonly numberBySequence: Uint16Array
  sequence: number
  /** A full send buffer: since when, and until when sending pauses. */
  blockedSince: number | undefined
  blockedUntil: number
  /** Full batches in no pace to speak of, sent by the engine itself since it was last through with what was due. */
  unpacedBatches: number
  /** Helps with bursts; undefined before the first, and once the engine has rested. */
  sender: Sender | undefined
  /** The kernel has not taken all of a batch: until it does the engine sends itself, and learns why. */
  isTurnedBack: boolean
  /** When to read arrivals, while the sockets are not watched. */
  drainAt: number
  /** When the next tick comes, and how to call it off. */
  wakeAt: number
  /** Of the tick that is under way, else -Infinity. */
  tickAt: number
  stopWaking: () => void
  /** Nothing is under way, and the sockets are about to be closed. */
  isResting: boolean
}

const receiveCapacity = 64

export const createEngine = (): Engine => {
  const random = randomBytes(16)
  return {
    ownerHigh: random.readInt32LE(0),
    ownerLow: random.readInt32LE(4),
    identifier: random.readUInt16LE(8),
    endpoints: new Map(),
    exchanges: createSlots(),
    agenda: [],
    serialBySequence: new Uint32Array(0x10000),
    numberBySequence: new Uint16Array(0x10000),
    sequence: random.readUInt16LE(10),
    blockedSince: undefined,
    blockedUntil: 0,
    unpacedBatches: 0,
    sender: undefined,
    isTurnedBack: false,
    drainAt: Infinity,
    wakeAt: Infinity,
    tickAt: -Infinity,
    stopWaking: () => undefined,
    isResting: false,
  }
}

/** Gives a socket its buffers. */
export const createEndpoint = (socket: IcmpSocket): Endpoint => ({
  ...socket,
  sending: createSendBatch(),
  receiving: createReceiveBatch(receiveCapacity, socket.family),
  mayFragment: false,
  watch: undefined,
  isWatched: false,
  drops: countDrops(socket.fd),
  droppedAt: -Infinity,
})

/** Notices answers that the kernel dropped since the last look. */
export const noticeDrops = (endpoint: Endpoint): void => {
  const drops = countDrops(endpoint.fd)
  if (drops !== endpoint.drops) endpoint.droppedAt = performance.now()
  endpoint.drops = drops
}

export const endpointOf = ({ endpoints }: Engine, { address }: Exchange): Endpoint => {
  const endpoint = endpoints.get(address.family)
  if (endpoint === undefined) throw new Error('an exchange has outlived its socket')
  return endpoint
}

/** Forgets an exchange or a source. */
export const discard = (engine: Engine, item: Exchange | Source): void => {
  remove(engine.agenda, item)
  if (!('serial' in item)) return
  item.batch = undefined
  release(engine.exchanges, item.serial)
}

/** Ends an exchange and tells its owner. */
export const settle = (engine: Engine, endpoint: Endpoint, exchange: Exchange): void => {
  discard(engine, exchange)
  if (exchange.answered < exchange.order.count) noticeDrops(endpoint)
  const isOverflowed = endpoint.droppedAt >= (exchange.sentAt[0] ?? Infinity)
  exchange.onSettled(reportOf(exchange, endpoint.method, { now: performance.now(), isOverflowed }))
}

/** Puts an exchange or a source where its `dueAt` says. */
export const enqueue = ({ agenda }: Engine, item: Exchange | Source): void => {
  push(agenda, item)
}
