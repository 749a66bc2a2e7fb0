import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { z } from 'zod'
import { Refusal } from './http-answer.ts'

const gunzipOnAnotherThread = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)

/** Shorter than this, the way to another thread and back costs more than unpacking. */
const shortBytes = 16 * 1024

const gunzip = (raw: Buffer, limitBytes: number): Buffer | Promise<Buffer> =>
  raw.length <= shortBytes
    ? zlib.gunzipSync(raw, { maxOutputLength: limitBytes })
    : gunzipOnAnotherThread(raw, { maxOutputLength: limitBytes })

const tooLarge = (limitBytes: number, cause?: unknown): Refusal =>
  new Refusal(413, `expected at most ${limitBytes} bytes, got more`, {
    suggestion: 'send fewer observations at once',
    cause,
  })

const readRaw = async (request: IncomingMessage, limitBytes: number): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop by throwing must not destroy the socket: the refusal still goes out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const unpack = async (raw: Buffer, encoding: string | undefined, limitBytes: number): Promise<Buffer> => {
  if (encoding === undefined || encoding === 'identity') return raw
  if (encoding !== 'gzip')
    throw new Refusal(415, `expected content-encoding gzip, got ${encoding.slice(0, 40)}`)
  try {
    return await gunzip(raw, limitBytes)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    throw code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(limitBytes, error)
      : new Refusal(400, 'expected a body in gzip, got another', { cause: error })
  }
}

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new Refusal(400, 'expected a body in JSON, got another', { cause: error })
  }
}

/** A schema, or what does its work. */
export type Parser<T> = Pick<z.ZodType<T>, 'safeParse'>

/**
 * Reads, unpacks and validates a body of at most `limitBytes`, packed or not.
 * Throws `Refusal`: 400 for what is no gzip or JSON, 413, 415, 422 for another shape.
 */
export const readJson = async <T>(
  request: IncomingMessage,
  parser: Parser<T>,
  limitBytes: number,
): Promise<T> => {
  const raw = await readRaw(request, limitBytes)
  const body = await unpack(raw, request.headers['content-encoding'], limitBytes)
  const parsed = parser.safeParse(parseJson(body))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal(422, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`, {
    suggestion: 'the sender may be of another version',
    cause: parsed.error,
  })
}

/** A sender that hears no answer before it has sent everything is let finish, up to this. */
const discardBytes = 64 * 1024 * 1024

/** Reads the rest of a refused request and drops it; resolves with whether it ended within bounds. */
export const discard = async (request: IncomingMessage): Promise<boolean> => {
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > discardBytes) return false
  }
  return true
}
