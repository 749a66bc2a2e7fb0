import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunksOf, writePieces } from '../../src/collector/http-pieces.ts'

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

const piece = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc.nat({ max: 700_000 }).map((length) => 'x'.repeat(length)),
)

test('whatever their lengths, pieces come out in order and whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const { sink, bytes } = slowSink()
      await writePieces(sink, pieces)
      expect(bytes().toString('latin1') === pieces.join('')).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('pieces are bytes: what is above 127 is not encoded again', async () => {
  const { sink, bytes } = slowSink()
  await writePieces(sink, [Buffer.from('开封').toString('latin1')])
  expect(bytes().toString()).toBe('开封')
})

test('a chunk outlives the next one, whose making overlaps with its writing', () => {
  const chunks = chunksOf(['a'.repeat(524_288), 'b'.repeat(524_288), 'c'])
  const [first, second] = [chunks.next().value, chunks.next().value]
  expect([first?.toString('latin1', 0, 1), second?.toString('latin1', 0, 1)]).toEqual(['a', 'b'])
})

test('a sink that fails ends the writing, and no further piece is asked for', async () => {
  let asked = 0
  const pieces = function* (): Generator<string> {
    for (;;) {
      asked += 1
      yield 'x'.repeat(300_000)
    }
  }
  const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk of the sink')) })
  sink.on('error', () => undefined)
  await expect(writePieces(sink, pieces())).rejects.toThrow('the disk of the sink')
  expect(asked).toBeLessThan(10)
})
