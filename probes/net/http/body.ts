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

/** How a coding is undone: bit by bit, or of a short body at once, which costs a tenth. */
interface Coding {
  readonly stream: () => Readable & NodeJS.WritableStream
  /** Throws ERR_BUFFER_TOO_LARGE where more comes out. */
  readonly atOnce: (bytes: Buffer, mostBytes: number) => Buffer
}

// A body that our limit cut short still gives what came before the cut.
const gzipOptions = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
const brotliOptions = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }

const gzip: Coding = {
  stream: () => zlib.createGunzip(gzipOptions),
  atOnce: (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { ...gzipOptions, maxOutputLength }),
}
const zlibFormat: Coding = {
  stream: () => zlib.createInflate(gzipOptions),
  atOnce: (bytes, maxOutputLength) => zlib.inflateSync(bytes, { ...gzipOptions, maxOutputLength }),
}
const bareFormat: Coding = {
  stream: () => zlib.createInflateRaw(gzipOptions),
  atOnce: (bytes, maxOutputLength) => zlib.inflateRawSync(bytes, { ...gzipOptions, maxOutputLength }),
}
/** RFC 9110 §8.4.1.2 means zlib's format; some servers send bare DEFLATE, and browsers take both. */
const deflated = (bytes: Buffer): Coding => (((bytes[0] ?? 0) & 0x0f) === 8 ? zlibFormat : bareFormat)

const brotli: Coding = {
  stream: () => zlib.createBrotliDecompress(brotliOptions),
  atOnce: (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { ...brotliOptions, maxOutputLength }),
}

const codings: Readonly<Record<string, (bytes: Buffer) => Coding>> = {
  gzip: () => gzip,
  'x-gzip': () => gzip,
  deflate: deflated,
  br: () => brotli,
}

const codingOf = (name: string, bytes: Buffer): Coding | undefined =>
  Object.hasOwn(codings, name) ? codings[name]?.(bytes) : undefined

/** Pages of a site are shorter; what is longer does not hold up others. */
const shortBody = 64 * 1024
const mostAtOnce = 512 * 1024

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

/** Undefined where it is or becomes too long for that. */
const decodedAtOnce = ({ atOnce }: Coding, bytes: Buffer, limit: number): Body | undefined => {
  if (bytes.length > shortBody) return undefined
  try {
    return { bytes: atOnce(bytes, Math.min(limit, mostAtOnce)), truncated: false }
  } catch (error) {
    if (isTooLarge(error)) return undefined
    throw error
  }
}

const decodedAsStream = (coding: Coding, bytes: Buffer, limit: number): Promise<Body> => {
  const decoder = coding.stream()
  decoder.end(bytes)
  return readUpTo(decoder, limit)
}

/** Undoes one content coding, at most `limit` bytes of it; an unknown coding is left as it is. */
const decode = async (raw: Body, name: string | undefined, limit: number): Promise<Body> => {
  const { bytes } = raw
  const coding = codingOf((name ?? '').trim().toLowerCase(), bytes)
  if (coding === undefined || bytes.length === 0) return raw
  try {
    const decoded = decodedAtOnce(coding, bytes, limit) ?? (await decodedAsStream(coding, bytes, limit))
    return { ...decoded, truncated: decoded.truncated || raw.truncated }
  } catch (cause) {
    throw badMessage(`the body is no ${String(name)}`, cause)
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
