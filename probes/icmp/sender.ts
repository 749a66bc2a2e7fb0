import path from 'node:path'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { type SendBatch, createSendBatch } from './batch.ts'
import { monotonicOriginMs } from './clock.ts'
import type { Exchange } from './exchange.ts'
import { type Ring, ahead, counter, createRing, mostBatches, slotOf, thread } from './ring.ts'

/** The engine's side of the thread that only sends. */
export interface Sender {
  readonly ring: Ring
  /** Batches handed over and not yet taken back, by slot. */
  readonly underWay: SendBatch<Exchange>[]
  /** Empty batches. */
  readonly spare: SendBatch<Exchange>[]
  handedOver: number
  /** So many were done when it was last looked. */
  seenDone: number
  takenBack: number
  /** Milliseconds from packet to packet in the last batch that was taken back. */
  stepMs: number
  /** The thread is no more: what it has not begun was not sent. */
  hasEnded: boolean
  readonly leave: () => void
}

export interface SenderData {
  readonly memory: SharedArrayBuffer
  readonly originMs: number
}

/** Beside this module, under the ending that it has itself: `.ts`, or `.js` once it is built. */
const script = path.join(import.meta.dirname, `sender-thread${path.extname(import.meta.filename)}`)
/** It allocates next to nothing. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

/** More than enough for what is handed over, and for a thread that has only just been started. */
const longestEndMs = 1000

interface Order {
  readonly fd: number
  readonly length: number
  readonly address: bigint
}

/** Puts an order into the next slot. */
const submit = (sender: Sender, { fd, length, address }: Order): void => {
  const { ring, handedOver } = sender
  const slot = slotOf(handedOver)
  ring.sockets[slot] = fd
  ring.lengths[slot] = length
  ring.headers[slot] = address
  sender.handedOver = (handedOver + 1) | 0
  Atomics.store(ring.counts, counter.handedOver, sender.handedOver)
}

/** Wakes the thread, if it waits: many batches at a time, as waking costs as much as ten packets. */
export const wake = ({ ring }: Sender): void => {
  Atomics.notify(ring.counts, counter.handedOver)
}

const awaitEnd = ({ counts }: Ring): void => {
  const read = (): number => Atomics.load(counts, counter.thread)
  for (let state = read(); state !== thread.hasEnded; state = read())
    if (Atomics.wait(counts, counter.thread, state, longestEndMs) === 'timed-out') return
}

/** Lets the thread end once it is through with what it was given. */
export const stopSender = (sender: Sender): void => {
  if (sender.hasEnded) return
  submit(sender, { fd: -1, length: 0, address: 0n })
  wake(sender)
  sender.leave()
}

const startThread = (ring: Ring, onEnd: () => void): void => {
  const workerData: SenderData = { memory: ring.memory, originMs: monotonicOriginMs() }
  const worker = new Worker(script, { workerData, resourceLimits })
  worker.unref()
  worker.on('error', onEnd)
  worker.on('exit', onEnd)
}

/** Starts the thread, which does not keep the process alive; `onEnd` is called when it has ended by itself. */
export const startSender = (onEnd: (sender: Sender) => void): Sender => {
  const ring = createRing()
  // Node would end it wherever it is, and an FFI that is just being loaded then ends the process as a fatal error.
  const endFirst = (): void => {
    stopSender(sender)
    awaitEnd(ring)
  }
  const leave = (): void => {
    sender.hasEnded = true
    process.off('exit', endFirst)
  }
  const counts = { handedOver: 0, seenDone: 0, takenBack: 0, stepMs: 0 }
  const sender: Sender = { ring, underWay: [], spare: [], ...counts, hasEnded: false, leave }
  process.once('exit', endFirst)
  try {
    startThread(ring, () => {
      if (sender.hasEnded) return
      leave()
      onEnd(sender)
    })
  } catch {
    // No thread may be had here.
    leave()
  }
  return sender
}

/** Something is handed over and not yet taken back. */
export const isSending = (sender: Sender | undefined): boolean =>
  sender !== undefined && sender.handedOver !== sender.takenBack

/** There would not be room for one more batch of each family. */
export const isFull = (sender: Sender | undefined): boolean =>
  sender !== undefined && ahead(sender.handedOver, sender.takenBack) > mostBatches - 2

/** Whether a batch may be handed over: not before the thread is ready. */
export const hasRoom = (sender: Sender): boolean =>
  !sender.hasEnded && !isFull(sender) && Atomics.load(sender.ring.counts, counter.thread) === thread.isReady

/** Hands a full batch over for an empty one. */
export const handOver = (sender: Sender, fd: number, batch: SendBatch<Exchange>): SendBatch<Exchange> => {
  sender.underWay[slotOf(sender.handedOver)] = batch
  batch.number = sender.handedOver
  submit(sender, { fd, length: batch.loaded.length, address: batch.address })
  return sender.spare.pop() ?? createSendBatch()
}

const isPast = ({ ring }: Sender, which: number, number: number): boolean =>
  ahead(Atomics.load(ring.counts, which), number) > 0

const lastStepMs = ({ ring }: Sender, slot: number): number =>
  ((ring.doneAt[slot] ?? 0) - (ring.begunAt[slot] ?? 0)) / Math.max(1, ring.taken[slot] ?? 1)

/** When the packet of an exchange left that the thread was given; undefined before that. */
export const departureOf = (sender: Sender, exchange: Exchange): number | undefined => {
  const { batch } = exchange
  if (batch?.number === undefined || !isPast(sender, counter.begun, batch.number)) return undefined
  const slot = slotOf(batch.number)
  const stepMs = isPast(sender, counter.done, batch.number) ? lastStepMs(sender, slot) : sender.stepMs
  return (sender.ring.begunAt[slot] ?? 0) + stepMs * batch.loaded.indexOf(exchange)
}

/** Looks what the thread is through with: answers that came to it at once can be read from now on. */
export const lookForDone = (sender: Sender): void => {
  sender.seenDone = Atomics.load(sender.ring.counts, counter.done)
}

/** A batch of which it is known how many of its packets were sent, and when. */
export interface Sent {
  readonly batch: SendBatch<Exchange>
  readonly begunAt: number
  readonly stepMs: number
  readonly taken: number
}

/**
 * The next batch that the thread was seen to be through with. What it had only begun when it ended counts as not
 * sent: one echo request too many harms nobody, one too few would accuse a target.
 */
export const takeSent = (sender: Sender): Sent | undefined => {
  const { ring, underWay, spare, takenBack: number } = sender
  const isDone = ahead(sender.seenDone, number) > 0
  if (!isSending(sender) || !(isDone || sender.hasEnded)) return undefined
  const slot = slotOf(number)
  const batch = underWay[slot]
  if (batch === undefined) return undefined
  if (isDone) sender.stepMs = lastStepMs(sender, slot)
  sender.takenBack = (number + 1) | 0
  batch.number = undefined
  spare.push(batch)
  const taken = isDone ? Math.max(0, ring.taken[slot] ?? 0) : 0
  return { batch, begunAt: ring.begunAt[slot] ?? 0, stepMs: sender.stepMs, taken }
}
