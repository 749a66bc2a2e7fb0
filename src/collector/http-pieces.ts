import type { Writable } from 'node:stream'

/** Large, since each chunk costs a trip to the thread that compresses it. */
const chunkBytes = 512 * 1024

/** Pieces as chunks of bytes, in two buffers in turn: a chunk stays as it is until the second after it is asked for. */
export function* chunksOf(pieces: Iterable<string>): Generator<Buffer, void> {
  let chunk = Buffer.allocUnsafeSlow(chunkBytes)
  let next = Buffer.allocUnsafeSlow(chunkBytes)
  let length = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      // Written in place: joining the pieces of a chunk first would take eight times as long.
      const written = chunk.write(at === 0 ? piece : piece.slice(at), length, 'latin1')
      at += written
      length += written
      if (length < chunkBytes) continue
      yield chunk
      ;[chunk, next, length] = [next, chunk, 0]
    }
  }
  yield chunk.subarray(0, length)
}

const write = (sink: Writable, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()))
  })

/**
 * Writes pieces of text (bytes, one a character) and ends the sink. The next chunk is rendered while the last one
 * is on its way, so that a slow reader holds two chunks and not the whole. The sink must have done with a chunk when
 * it calls back, as a socket and a compressor have. Rejects where it fails; one that is destroyed may leave this waiting.
 */
export const writePieces = async (sink: Writable, pieces: Iterable<string>): Promise<void> => {
  let onItsWay = Promise.resolve()
  for (const chunk of chunksOf(pieces)) {
    await onItsWay
    onItsWay = write(sink, chunk)
  }
  await onItsWay
  sink.end()
}
