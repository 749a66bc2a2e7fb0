import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Block } from '../metrics/exposition.ts'
import { combineCrc } from './crc.ts'

/**
 * Gzip of pieces that were compressed each by itself (RFC 1951, 1952): one member, which every reader knows, out of
 * deflate blocks that end at a byte. So what did not change since the last scrape is not compressed again.
 */

interface Segment {
  readonly deflated: Buffer
  readonly length: number
  readonly crc: number
}

/** Shorter than this, compressing costs more than it saves. */
const worthDeflating = 2048
/** What a stored block can hold. */
const maxStored = 0xffff

const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw)

const stored = (bytes: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(bytes.length ^ maxStored, 3)
  return Buffer.concat([head, bytes])
}

const segmentOf = async (bytes: Buffer): Promise<Segment> => ({
  deflated:
    bytes.length < worthDeflating
      ? stored(bytes)
      : await deflate(bytes, { level: 1, finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  length: bytes.length,
  crc: zlib.crc32(bytes),
})

const known = new WeakMap<Block, Promise<Segment>>()

/** Compressed once, and known for as long as the block lives. */
const segmentOfBlock = (block: Block): Promise<Segment> => {
  const segment = known.get(block) ?? segmentOf(block.bytes)
  known.set(block, segment)
  return segment
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

/** So many are compressed at a time. */
const ahead = 3

/** The bytes of a gzip stream of these. */
export async function* gzipOf(chunks: Iterable<Buffer | Block>): AsyncGenerator<Buffer, void> {
  yield head
  let [crc, length] = [0, 0]
  const coming: Promise<Segment>[] = []
  const next = async (): Promise<Buffer> => {
    const segment = (await coming.shift()) as Segment
    crc = combineCrc(crc, segment.crc, segment.length)
    length += segment.length
    return segment.deflated
  }
  for (const chunk of chunks) {
    coming.push(Buffer.isBuffer(chunk) ? segmentOf(chunk) : segmentOfBlock(chunk))
    if (coming.length > ahead) yield await next()
  }
  while (coming.length > 0) yield await next()
  yield tail(crc, length)
}
