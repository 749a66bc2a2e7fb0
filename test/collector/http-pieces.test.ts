import { Writable } from 'node:stream'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { combineCrc, shiftOf } from '../../src/collector/crc.ts'
import { gzipOf, packed } from '../../src/collector/gzip.ts'
import { type Piece, chunksOf, writeChunks } from '../../src/collector/http-pieces.ts'

/** Reads each chunk only when its turn of the event loop comes, as a socket does. */
const slowSink = () => {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) =>
      void setImmediate(() => {
        chunks.push(Buffer.from(chunk))
        done()
      }),
  })
  return { sink, bytes: () => Buffer.concat(chunks) }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc.nat({ max: 200_000 }).map((length) => 'x'.repeat(length)),
  fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const anyPiece = anyText.chain((text) =>
  fc.constantFrom<Piece[]>(
    text,
    { length: text.length, bytes: Buffer.from(text, 'latin1') },
    packed(Buffer.from(text, 'latin1')),
  ),
)

const bytesOf = (piece: Piece): Buffer =>
  typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece.bytes
const wholeOf = (pieces: readonly Piece[]): Buffer => Buffer.concat(pieces.map(bytesOf))

test('whatever their lengths, pieces come out in order and whole, packed or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPiece, { maxLength: 8 }), async (pieces) => {
      const [plain, gzipped] = [slowSink(), slowSink()]
      const chunks = [...chunksOf(pieces)].map((chunk) => (Buffer.isBuffer(chunk) ? chunk : chunk.bytes))
      await writeChunks(plain.sink, chunks)
      await writeChunks(gzipped.sink, gzipOf(chunksOf(pieces)))
      expect(plain.bytes().equals(wholeOf(pieces))).toBe(true)
      expect(zlib.gunzipSync(gzipped.bytes()).equals(wholeOf(pieces))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('the packed bytes are one member, which a reader that stops after the first takes whole', async () => {
  const pieces = [1, 2, 3].map((at) => ({ length: 5000, bytes: Buffer.alloc(5000, at) }))
  const { sink, bytes } = slowSink()
  await writeChunks(sink, gzipOf(chunksOf(['head', ...pieces])))
  const inflated = zlib.inflateRawSync(bytes().subarray(10, -8))
  expect(inflated).toHaveLength(15_004)
})

test('the checksum of two texts in a row follows from theirs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 999 }), fc.uint8Array({ maxLength: 999 }), (first, second) => {
      const whole = zlib.crc32(Buffer.concat([first, second]))
      expect(combineCrc(zlib.crc32(first), zlib.crc32(second), shiftOf(second.length))).toBe(whole)
    }),
  )
})

test('a sink that fails ends the writing, and no further chunk is asked for', async () => {
  let asked = 0
  const chunks = function* (): Generator<Buffer> {
    for (;;) {
      asked += 1
      yield Buffer.alloc(300_000)
    }
  }
  const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk of the sink')) })
  sink.on('error', () => undefined)
  await expect(writeChunks(sink, chunks())).rejects.toThrow('the disk of the sink')
  expect(asked).toBeLessThan(10)
})
