import zlib from 'node:zlib'
import type { Block } from '../metrics/exposition.ts'
import { combineCrc, shiftOf } from './crc.ts'

/**
 * Gzip of pieces that were compressed each by itself (RFC 1951, 1952): one member, which every reader knows, out of
 * deflate blocks that end at a byte. So what did not change since the last scrape is not compressed again.
 */

interface Segment {
  readonly deflated: Buffer
  readonly length: number
  readonly crc: number
  readonly shift: number
}

/** Shorter pieces are compressed together, and anew each time: by themselves they would hardly shrink. */
const shortPiece = 512
const mostTogether = 65_536

const fastest = { level: 1, finishFlush: zlib.constants.Z_SYNC_FLUSH }
/** As long as its window: to clear tables for more would cost as much as to compress it. */
const smallPiece = 8192
const fastestOfSmall = { ...fastest, windowBits: 13, memLevel: 4, chunkSize: 2048 }

/** In memory of its own: what zlib and Buffer hand out is a part of more, all of which would be kept. */
const copyOf = (bytes: Buffer): Buffer => {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}

/** On this thread: to hand a block to another costs as much as to compress it. */
const segmentOf = (bytes: Buffer): Segment => {
  const deflated = zlib.deflateRawSync(bytes, bytes.length > smallPiece ? fastest : fastestOfSmall)
  const { length } = bytes
  return { deflated: copyOf(deflated), length, crc: zlib.crc32(bytes), shift: shiftOf(length) }
}

const known = new WeakMap<Block, Segment>()

/** Compressed once, and known for as long as the block lives. */
const segmentOfBlock = (block: Block): Segment => {
  const segment = known.get(block) ?? segmentOf(block.bytes)
  known.set(block, segment)
  return segment
}

const unpacked = ({ deflated, length }: Segment): Buffer =>
  zlib.inflateRawSync(deflated, { chunkSize: Math.max(64, length), finishFlush: zlib.constants.Z_SYNC_FLUSH })

/**
 * A copy of the bytes as a block. What is long enough to be sent by itself is kept as it is sent, a tenth as long, and
 * is not compressed when somebody asks.
 */
export const packed = (bytes: Buffer): Block => {
  const { length } = bytes
  if (length < shortPiece) return { length, bytes: copyOf(bytes) }
  const segment = segmentOf(bytes)
  const block = {
    length,
    get bytes() {
      return unpacked(segment)
    },
  }
  known.set(block, segment)
  return block
}

/** No name, no time; the fastest way; Unix. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3])

const tail = (crc: number, length: number): Buffer => {
  const bytes = Buffer.alloc(10)
  // An empty last block.
  bytes.writeUInt16LE(0x0003)
  bytes.writeUInt32LE(crc, 2)
  bytes.writeUInt32LE(length % 2 ** 32, 6)
  return bytes
}

const bytesOf = (chunk: Buffer | Block): Buffer => (Buffer.isBuffer(chunk) ? chunk : chunk.bytes)

/** Long pieces as they are, what is short between them in one. */
function* gathered(chunks: Iterable<Buffer | Block>): Generator<Buffer | Block, void> {
  let [short, length]: [Buffer[], number] = [[], 0]
  for (const chunk of chunks) {
    const isShort = chunk.length < shortPiece
    if (isShort) {
      short.push(bytesOf(chunk))
      length += chunk.length
    }
    if (length > 0 && (!isShort || length >= mostTogether)) {
      yield Buffer.concat(short)
      ;[short, length] = [[], 0]
    }
    if (!isShort) yield chunk
  }
  if (length > 0) yield Buffer.concat(short)
}

/** The bytes of a gzip stream of these. */
export const gzipOf = function* (chunks: Iterable<Buffer | Block>): Generator<Buffer, void> {
  yield head
  let [crc, length] = [0, 0]
  for (const chunk of gathered(chunks)) {
    const segment = Buffer.isBuffer(chunk) ? segmentOf(chunk) : segmentOfBlock(chunk)
    crc = combineCrc(crc, segment.crc, segment.shift)
    length += segment.length
    yield segment.deflated
  }
  yield tail(crc, length)
}
