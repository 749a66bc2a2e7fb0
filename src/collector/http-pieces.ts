import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Block } from '../metrics/exposition.ts'

/** Text of bytes, one a character, or bytes that were rendered before. */
export type Piece = string | Block

const chunkBytes = 64 * 1024

/** Text in chunks of bytes, blocks as they are. A chunk of text may be longer by its last piece. */
export function* chunksOf(pieces: Iterable<Piece>): Generator<Buffer | Block, void> {
  let text: string[] = []
  let length = 0
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text.push(piece)
      length += piece.length
    }
    const isFull = typeof piece !== 'string' || length >= chunkBytes
    if (isFull && length > 0) {
      yield Buffer.from(text.join(''), 'latin1')
      ;[text, length] = [[], 0]
    }
    if (typeof piece !== 'string') yield piece
  }
  if (length > 0) yield Buffer.from(text.join(''), 'latin1')
}

/** Small chunks as larger ones, since each costs a write. */
function* gathered(chunks: Iterable<Buffer>): Generator<Buffer, void> {
  let small: Buffer[] = []
  let length = 0
  for (const chunk of chunks) {
    small.push(chunk)
    length += chunk.length
    if (length < chunkBytes) continue
    yield small.length === 1 ? chunk : Buffer.concat(small)
    ;[small, length] = [[], 0]
  }
  if (length > 0) yield Buffer.concat(small)
}

const write = (sink: Writable, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()))
  })

const sliceMs = 10

/**
 * Writes chunks and ends the sink. The next one is made while the last one is on its way, so that a slow reader holds
 * two of them beside what is held anyway, and a fast one does not keep others from the event loop. Rejects where it
 * fails; a sink that is destroyed may leave this waiting.
 */
export const writeChunks = async (sink: Writable, chunks: Iterable<Buffer>): Promise<void> => {
  let onItsWay = Promise.resolve()
  let pauseAt = performance.now() + sliceMs
  for (const chunk of gathered(chunks)) {
    await onItsWay
    if (performance.now() > pauseAt) {
      await setImmediate()
      pauseAt = performance.now() + sliceMs
    }
    onItsWay = write(sink, chunk)
  }
  await onItsWay
  sink.end()
}
