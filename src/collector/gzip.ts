import zlib from 'node:zlib'
import type { Block } from '../metrics/exposition.ts'
import { combineCrc, shiftOf } from './crc.ts'

/**
 * Gzip of pieces that were compressed each by itself (RFC 1951, 1952): one member, which every reader knows, out of
 * deflate blocks that end at a byte. So what did not change since the last scrape is not compressed again.
 */

interface Segment {
  readonly deflated: readonly Buffer[]
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
  return { deflated: [copyOf(deflated)], length, crc: zlib.crc32(bytes), shift: shiftOf(length) }
}

/** A block that is kept as it is sent, a tenth as long, and not compressed when somebody asks. */
class PackedBlock implements Block {
  readonly segment: Segment
  readonly parts: readonly Block[] | undefined

  constructor(segment: Segment, parts?: readonly Block[]) {
    this.segment = segment
    this.parts = parts
  }

  get length(): number {
    return this.segment.length
  }

  get bytes(): Buffer {
    const { deflated, length } = this.segment
    if (this.parts !== undefined) return Buffer.concat(this.parts.map(({ bytes }) => bytes))
    const chunkSize = Math.max(64, length)
    return zlib.inflateRawSync(deflated[0] ?? '', { chunkSize, finishFlush: zlib.constants.Z_SYNC_FLUSH })
  }
}

/** Those of others, compressed once and known for as long as the block lives. */
const known = new WeakMap<Block, Segment>()

const segmentOfBlock = (block: Block): Segment => {
  if (block instanceof PackedBlock) return block.segment
  const segment = known.get(block) ?? segmentOf(block.bytes)
  known.set(block, segment)
  return segment
}

/** A copy of the bytes. */
export const packed = (bytes: Buffer): Block => new PackedBlock(segmentOf(bytes))

/** Nothing. */
export const emptyBlock: Block = { length: 0, bytes: Buffer.alloc(0) }

const joinedSegment = (segments: readonly Segment[]): Segment => {
  const length = segments.reduce((sum, each) => sum + each.length, 0)
  const crc = segments.reduce((sum, each) => combineCrc(sum, each.crc, each.shift), 0)
  return { deflated: segments.flatMap(({ deflated }) => deflated), length, crc, shift: shiftOf(length) }
}

/** Packed blocks as one; what is short all in all is not worth a stream of its own. */
export const joined = (blocks: readonly Block[]): Block => {
  const parts = blocks.filter(({ length }) => length > 0)
  const length = parts.reduce((sum, each) => sum + each.length, 0)
  if (length === 0) return emptyBlock
  if (length < shortPiece) return { length, bytes: copyOf(Buffer.concat(parts.map(({ bytes }) => bytes))) }
  return parts.length === 1
    ? (parts[0] as Block)
    : new PackedBlock(joinedSegment(parts.map(segmentOfBlock)), parts)
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
    yield* segment.deflated
  }
  yield tail(crc, length)
}
