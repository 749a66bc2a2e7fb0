import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import type { Block } from '../metrics/exposition.ts'
import { gzipOf } from './gzip.ts'
import { type Piece, chunksOf, writeChunks } from './http-pieces.ts'
import type { Hold } from './readers.ts'

/** What a route says. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or pieces. */
  readonly body?: string | Iterable<Piece>
  /** What is held until the answer is sent; its signal cuts the sending. */
  readonly hold?: Hold
}

/** Ends a request with a status of 4xx or 5xx and words for whoever reads the other side's log. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly suggestion: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    options: {
      readonly suggestion?: string | undefined
      readonly headers?: Readonly<Record<string, string>>
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.suggestion = options.suggestion
    this.headers = options.headers ?? {}
  }
}

/** An answer in JSON. */
export const json = (status: number, value: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
})

/** `{ error, suggestion }` */
export const refusalAnswer = ({ status, message, suggestion, headers }: Refusal): Answer =>
  json(status, { error: message, ...(suggestion !== undefined && { suggestion }) }, headers)

const accepts = (encoding: string, accepted: string | undefined): boolean =>
  (accepted ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    return name === encoding && !parameters.some((word) => /^q=0(\.0*)?$/u.test(word))
  })

/** Shorter than this, compressing costs more than it saves. */
const worthCompressing = 1024

const piecesOf = (body: Answer['body'] = []): Iterable<Piece> =>
  typeof body === 'string' ? [Buffer.from(body).toString('latin1')] : body

function* bytesOf(chunks: Iterable<Buffer | Block>): Generator<Buffer, void> {
  for (const chunk of chunks)
    if (Buffer.isBuffer(chunk)) yield chunk
    else for (const { bytes } of chunk.parts ?? [chunk]) yield bytes
}

const isLong = (body: Answer['body']): boolean =>
  body !== undefined && (typeof body !== 'string' || body.length > worthCompressing)

/** Writes an answer, compressed where the client takes gzip; waits for a client that reads slowly. */
export const send = async (
  response: ServerResponse,
  answer: Answer,
  acceptEncoding: string | undefined,
): Promise<void> => {
  const { status, headers = {}, body } = answer
  using held = answer.hold
  held?.signal.addEventListener('abort', () => response.destroy(), { once: true })
  if (!isLong(body)) {
    const text = typeof body === 'string' ? body : ''
    const length = status === 304 ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    response.writeHead(status, { ...headers, ...length }).end(text)
    return
  }
  const packs = accepts('gzip', acceptEncoding)
  response.writeHead(status, {
    ...headers,
    vary: 'accept-encoding',
    ...(packs && { 'content-encoding': 'gzip' }),
  })
  const chunks = chunksOf(piecesOf(body))
  await Promise.all([finished(response), writeChunks(response, packs ? gzipOf(chunks) : bytesOf(chunks))])
}
