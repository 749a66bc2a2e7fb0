import http from 'node:http'
import https from 'node:https'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { EnvironmentFault } from '../core/fault.ts'

/** Where a collector listens, and whose certificates its own must be signed by (PEM; default: the system's). */
export interface CollectorAddress {
  readonly collector: URL
  readonly ca?: string | undefined
}

export interface ServerAddress {
  readonly url: URL
  readonly ca?: string | undefined
  /** Who we are there (PEM); default: nobody. */
  readonly identity?: { readonly certificate: string; readonly key: string } | undefined
}

export interface Request {
  readonly method: 'GET' | 'POST'
  /** Below the server's URL: `v1/plan`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly timeoutSeconds: number
  /** Of the answer's body, before and after it is unpacked. */
  readonly limitBytes: number
}

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** Connections to one server, kept alive between requests. */
export interface Connection extends Disposable {
  readonly origin: string
  /** One request. Rejects with the signal's reason when it aborts. */
  readonly exchange: (request: Request, signal: AbortSignal) => Promise<Reply>
}

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)

const readBody = async (response: http.IncomingMessage, limitBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) throw new Error(`expected an answer of at most ${limitBytes} bytes, got more`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  return response.headers['content-encoding'] === 'gzip'
    ? gunzip(body, { maxOutputLength: limitBytes })
    : body
}

const isCertificateFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /CERT|SSL|TLS|ISSUER|SIGNATURE/u.test(String(error.code))

/** A server that speaks TLS hangs up on whoever does not. */
const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNRESET'

const stepFor = (error: unknown, { collector, ca }: CollectorAddress): string | undefined => {
  if (isCertificateFault(error))
    return ca === undefined
      ? 'no CA certificate was given: name the one that signed the collector’s with --ca, or agent.ca in yiwang.yaml'
      : 'compare the CA certificate that the agent pins with the collector’s certificate'
  return collector.protocol === 'http:' && isHangUp(error)
    ? `a collector with collector.tls is at https://${collector.host}`
    : undefined
}

const unreachable = (address: CollectorAddress, error: unknown): EnvironmentFault => {
  const suggestion = stepFor(error, address)
  return new EnvironmentFault(
    'COLLECTOR_UNREACHABLE',
    `collector ${address.collector.origin}: ${wordsOf(error)}`,
    { cause: error, ...(suggestion !== undefined && { suggestion }) },
  )
}

/** What the network did, in words. A name with both families rejects with all attempts and an empty message. */
export const wordsOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '')
    return wordsOf((error.errors as unknown[]).at(-1))
  // What Node.js advises after a semicolon is a flag of its own.
  return error instanceof Error ? error.message.replace(/; if the root CA is .*$/u, '') : String(error)
}

type Ask = (request: Request, signal: AbortSignal) => Promise<http.IncomingMessage>

const asker =
  (base: URL, agent: http.Agent): Ask =>
  ({ method, path, headers, body }, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const send = base.protocol === 'https:' ? https.request : http.request
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    const request = send(
      new URL(path, base),
      { method, agent, signal, headers: { ...headers, ...length } },
      resolve,
    )
    request.on('error', reject)
    request.end(body)
    return promise
  }

const agentFor = ({ url, ca, identity }: ServerAddress): http.Agent =>
  url.protocol === 'https:'
    ? new https.Agent({
        keepAlive: true,
        maxSockets: 4,
        minVersion: 'TLSv1.2',
        ...(ca !== undefined && { ca }),
        ...(identity && { cert: identity.certificate, key: identity.key }),
      })
    : new http.Agent({ keepAlive: true, maxSockets: 4 })

/** Asks a server. Rejects with whatever the network does, and with the signal's reason when it aborts. */
export const openServer = (address: ServerAddress): Connection => {
  const { origin, pathname } = address.url
  const base = new URL(pathname.endsWith('/') ? pathname : `${pathname}/`, origin)
  const agent = agentFor(address)
  const ask = asker(base, agent)
  return {
    origin,
    exchange: async (request, signal) => {
      const deadline = AbortSignal.timeout(request.timeoutSeconds * 1000)
      try {
        const response = await ask(request, AbortSignal.any([signal, deadline]))
        const body = await readBody(response, request.limitBytes)
        return { status: response.statusCode ?? 0, headers: response.headers, body }
      } catch (error) {
        signal.throwIfAborted()
        throw deadline.aborted ? new Error(`no answer within ${request.timeoutSeconds} s`) : error
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/**
 * Asks a collector, whose URL is taken as checked: see `checkedCollector`. Rejects with `EnvironmentFault`
 * COLLECTOR_UNREACHABLE for whatever the network does.
 */
export const openConnection = (address: CollectorAddress): Connection => {
  const { origin, exchange, ...rest } = openServer({ url: address.collector, ca: address.ca })
  return {
    ...rest,
    origin,
    exchange: async (request, signal) => {
      try {
        return await exchange(request, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw unreachable(address, error)
      }
    },
  }
}
