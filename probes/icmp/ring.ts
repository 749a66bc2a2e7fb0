/**
 * Memory that the engine shares with the thread that only sends: a ring of batches. Whoever writes a slot's members
 * counts it up afterwards, so that whoever has seen the count sees them. Counts go round at 2^32.
 */

/** Batches that may be under way at once; a power of two. */
export const mostBatches = 64

/** Indices of the counts: batches handed over by the engine; begun and done by the thread; and how far that is. */
export const counter = { handedOver: 0, begun: 1, done: 2, thread: 3 } as const
/** How far the thread is. */
export const thread = { starts: 0, isReady: 1, hasEnded: 2 } as const

export interface Ring {
  readonly memory: SharedArrayBuffer
  readonly counts: Int32Array
  /** By slot; written by the engine: file descriptor, packets (none: end), and where their `struct mmsghdr` lie. */
  readonly sockets: Int32Array
  readonly lengths: Int32Array
  readonly headers: BigUint64Array
  /** By slot; written by the thread: milliseconds of the engine's `performance.now()`, what sendmmsg(2) returned. */
  readonly begunAt: Float64Array
  readonly doneAt: Float64Array
  readonly taken: Int32Array
}

const wide = mostBatches * 8
const narrow = mostBatches * 4
const ringBytes = 3 * wide + 3 * narrow + 4 * Object.keys(counter).length

/** The ring in memory that both threads see. */
export const ringIn = (memory: SharedArrayBuffer): Ring => ({
  memory,
  headers: new BigUint64Array(memory, 0, mostBatches),
  begunAt: new Float64Array(memory, wide, mostBatches),
  doneAt: new Float64Array(memory, 2 * wide, mostBatches),
  sockets: new Int32Array(memory, 3 * wide, mostBatches),
  lengths: new Int32Array(memory, 3 * wide + narrow, mostBatches),
  taken: new Int32Array(memory, 3 * wide + 2 * narrow, mostBatches),
  counts: new Int32Array(memory, 3 * wide + 3 * narrow),
})

export const createRing = (): Ring => ringIn(new SharedArrayBuffer(ringBytes))

/** The slot of a batch by its number. */
export const slotOf = (number: number): number => number & (mostBatches - 1)

/** How many batches a count is ahead of a number; not negative for two numbers of the ring's length. */
export const ahead = (counted: number, number: number): number => (counted - number) | 0
