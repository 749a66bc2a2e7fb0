import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { badMessage } from '../fault.ts'

export interface Body {
  /** After decompression, at most the limit. */
  readonly bytes: Buffer
  readonly truncated: boolean
}

/** Reads at most `limit` bytes, then destroys the source. */
const readUpTo = (source: Readable, limit: number): Promise<Body> => {
  const { promise, resolve, reject } = Promise.withResolvers<Body>()
  const chunks: Buffer[] = []
  let length = 0
  const finish = (): void => {
    resolve({ bytes: Buffer.concat(chunks, Math.min(length, limit)), truncated: length > limit })
    source.destroy()
  }
  source
    .on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > limit) finish()
    })
    .once('end', finish)
    .on('error', reject)
    .once('close', () => reject(badMessage('the stream was closed before its end')))
  return promise
}

type Decoder = Readable & NodeJS.WritableStream

// A body that our limit cut short still gives what came before the cut.
const gzipOptions = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
const brotliOptions = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }

/** RFC 9110 §8.4.1.2 means zlib's format; some servers send bare DEFLATE, and browsers take both. */
const inflaterFor = (bytes: Buffer): Decoder =>
  ((bytes[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate(gzipOptions) : zlib.createInflateRaw(gzipOptions)

const decoders: Readonly<Record<string, (bytes: Buffer) => Decoder>> = {
  gzip: () => zlib.createGunzip(gzipOptions),
  'x-gzip': () => zlib.createGunzip(gzipOptions),
  deflate: inflaterFor,
  br: () => zlib.createBrotliDecompress(brotliOptions),
}

const decoderFor = (coding = ''): ((bytes: Buffer) => Decoder) | undefined => {
  const name = coding.trim().toLowerCase()
  return Object.hasOwn(decoders, name) ? decoders[name] : undefined
}

/** Undoes one content coding, at most `limit` bytes of it; an unknown coding is left as it is. */
const decode = async (raw: Body, coding: string | undefined, limit: number): Promise<Body> => {
  const decoder = decoderFor(coding)?.(raw.bytes)
  if (decoder === undefined || raw.bytes.length === 0) return raw
  decoder.end(raw.bytes)
  try {
    const decoded = await readUpTo(decoder, limit)
    return { ...decoded, truncated: decoded.truncated || raw.truncated }
  } catch (cause) {
    throw badMessage(`the body is no ${String(coding)}`, cause)
  }
}

const receive = async (response: IncomingMessage, limit: number): Promise<Body> => {
  try {
    return await readUpTo(response, limit)
  } catch (cause) {
    const isCut = cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET'
    throw isCut ? badMessage('the connection was closed in the middle of the body', cause) : cause
  }
}

/**
 * Reads the body, decompressed, at most `limit` bytes on the wire and as many after decompression.
 * Rejects with `EBADMSG` where it ends before its time or is not what its coding says.
 */
export const readBody = async (response: IncomingMessage, limit: number): Promise<Body> =>
  decode(await receive(response, limit), response.headers['content-encoding'], limit)
