import { finished, pipeline } from 'node:stream/promises'
import type { ServerResponse } from 'node:http'
import zlib from 'node:zlib'
import { writePieces } from './http-pieces.ts'

/** What a route says. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or pieces that are rendered while they are sent: bytes, one a character. */
  readonly body?: string | Iterable<string>
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
const gzipOptions = { level: 1, chunkSize: 256 * 1024 } as const

const piecesOf = (body: Answer['body'] = []): Iterable<string> =>
  typeof body === 'string' ? [Buffer.from(body).toString('latin1')] : body

const isLong = (body: Answer['body']): boolean =>
  body !== undefined && (typeof body !== 'string' || body.length > worthCompressing)

/** Writes an answer, compressed where the client takes gzip; waits for a client that reads slowly. */
export const send = async (
  response: ServerResponse,
  answer: Answer,
  acceptEncoding: string | undefined,
): Promise<void> => {
  const { status, headers = {}, body } = answer
  if (!isLong(body)) {
    const text = typeof body === 'string' ? body : ''
    const length = status === 304 ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    response.writeHead(status, { ...headers, ...length }).end(text)
    return
  }
  const gzip = accepts('gzip', acceptEncoding) ? zlib.createGzip(gzipOptions) : undefined
  const encoding = gzip && { 'content-encoding': 'gzip' }
  response.writeHead(status, { ...headers, vary: 'accept-encoding', ...encoding })
  const sent = gzip === undefined ? finished(response) : pipeline(gzip, response)
  await Promise.all([sent, writePieces(gzip ?? response, piecesOf(body))])
}
