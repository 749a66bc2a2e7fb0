import { once } from 'node:events'
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { isLoopback } from './access.ts'
import { type Collector, type CollectorOptions, createCollector } from './collector.ts'
import { Refusal, refusalAnswer, send } from './http-answer.ts'
import { discard } from './http-body.ts'
import type { Log } from '../core/log.ts'
import { seldom } from '../core/seldom.ts'
import { type Intakes, type RouteContext, answer } from './routes.ts'
import { protocol, protocolHeader } from '../transport/wire.ts'

export interface ServerOptions extends CollectorOptions {
  readonly listen: { readonly host: string; readonly port: number }
  /** PEM. Needed on any address but loopback. `clientCa` signs certificates of those who may read metrics. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa?: string }
  /** Lets who is not on this machine read metrics and status. */
  readonly metricsToken?: string
  /** Where alerts and notices go; default: none are taken. */
  readonly intakes?: Intakes
  /** Largest batch, packed or not. */
  readonly batchLimitBytes: number
}

export interface RunningCollector extends AsyncDisposable {
  readonly collector: Collector
  readonly address: { readonly host: string; readonly port: number }
  /** `http://127.0.0.1:9410` */
  readonly url: string
  /** Stops accepting, finishes what is under way, and cuts what is not done after ten seconds. */
  close(): Promise<void>
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 2000,
} as const
const maxConnections = 2048
/** A connection on which nothing moves for so long is cut, a scrape that nobody reads among them. */
const idleMs = 120_000
const drainMs = 10_000

const checkExposure = ({ listen, tls }: ServerOptions): void => {
  if (tls !== undefined || isLoopback(listen.host)) return
  throw new UsageFault([
    {
      where: 'collector.listen',
      message: `expected a certificate for ${listen.host}, which is not a loopback address, got none`,
      suggestion: 'configure collector.tls.certificate and collector.tls.key, or listen on 127.0.0.1',
    },
  ])
}

const createServer = ({ tls }: ServerOptions): Server => {
  if (tls === undefined) return http.createServer(limits)
  const { certificate: cert, key, clientCa: ca } = tls
  const client = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }
  try {
    return https.createServer({
      ...limits,
      ...{ cert, key, ...client, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersTimeout },
    })
  } catch (error) {
    const message = 'expected a certificate and its private key in PEM, got what TLS cannot use'
    throw new UsageFault([{ where: 'collector.tls', message }], { cause: error })
  }
}

const statusByCode: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What is no HTTP at all gets one line and the door. */
const turnAway = (error: Error & { readonly code?: string }, socket: Duplex): void => {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const status = statusByCode[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
}

const storeRefusal = (fault: EnvironmentFault): Refusal =>
  new Refusal(fault.code === 'DISK_FULL' ? 507 : 503, fault.message, {
    suggestion: fault.suggestion,
    cause: fault,
  })

const refusalOf = (error: unknown, log: Log): Refusal => {
  if (error instanceof Refusal) return error
  if (error instanceof EnvironmentFault) return storeRefusal(error)
  log('error', 'a request ended in a bug', { stack: error instanceof Error ? error.stack : String(error) })
  return new Refusal(500, 'internal error; the log of the collector has more')
}

const respond = async (
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
  log: Log,
): Promise<void> => {
  const encoding = request.headers['accept-encoding']
  try {
    const said = await answer(request, context)
    // A connection that stays open would keep the server from closing.
    if (context.isDraining()) response.setHeader('connection', 'close')
    await send(response, said, encoding)
  } catch (error) {
    // The client left: it hears no refusal, and that is no fault of ours.
    if (request.socket.destroyed) return
    const refusal = refusalOf(error, log)
    context.collector.counters.refuse(refusal.status)
    if (response.headersSent) response.destroy()
    else await refuse(request, response, refusal)
  }
}

const refuse = async (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): Promise<void> => {
  try {
    if (!request.complete && !(await discard(request))) response.setHeader('connection', 'close')
    response.setHeader(protocolHeader, String(protocol.current))
    await send(response, refusalAnswer(refusal), undefined)
  } catch {
    // The sender went away while it was being refused.
    response.destroy()
  }
}

const listenFault = (error: unknown, { host, port }: ServerOptions['listen']): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const place = `${host}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return new EnvironmentFault('PORT_IN_USE', `${place}: another process listens there`, {
        cause: error,
        suggestion: 'stop it, or set collector.listen to another port',
      })
    case 'EACCES':
      return new EnvironmentFault('SOCKET_DENIED', `${place}: not allowed to listen`, { cause: error })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UsageFault(
        [{ where: 'collector.listen', message: `expected an address of this machine, got ${host}` }],
        { cause: error },
      )
    default:
      return error
  }
}

const startListening = async (server: Server, listen: ServerOptions['listen']): Promise<AddressInfo> => {
  server.listen(listen.port, listen.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenFault(error, listen)
  }
  return server.address() as AddressInfo
}

const drain = async (server: Server): Promise<void> => {
  const closed = once(server, 'close')
  server.close()
  const deadline = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(deadline)
}

const urlOf = (scheme: string, { address, port, family }: AddressInfo): string =>
  `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`

/**
 * Serves agents and Prometheus. Inventory and history stay the caller's, to be closed after `close()`.
 * Throws `UsageFault` (exposed without TLS, plan wrong, certificate unusable) and `EnvironmentFault` (port in use).
 */
export const startCollector = async (options: ServerOptions): Promise<RunningCollector> => {
  checkExposure(options)
  const server = createServer(options)
  const collector = await createCollector(options)
  let draining: Promise<void> | undefined
  const context: RouteContext = {
    collector,
    inventory: options.inventory,
    clock: options.clock,
    metricsToken: options.metricsToken,
    batchLimitBytes: options.batchLimitBytes,
    isDraining: () => draining !== undefined,
    intakes: options.intakes ?? {},
  }
  const tellDropped = seldom(options.clock, (count) =>
    options.log('warn', 'connections are closed unheard: too many are open', { maxConnections, count }),
  )
  server.maxConnections = maxConnections
  server.on('drop', () => {
    collector.counters.dropConnection()
    tellDropped()
  })
  server.setTimeout(idleMs)
  server.on('clientError', turnAway)
  server.on('request', (request, response) => void respond(request, response, context, options.log))
  const close = async (): Promise<void> => {
    draining ??= drain(server)
    await draining
    await collector[Symbol.asyncDispose]()
  }
  try {
    const address = await startListening(server, options.listen)
    const url = urlOf(options.tls === undefined ? 'http' : 'https', address)
    options.log('info', 'collector listens', { url })
    return {
      collector,
      address: { host: address.address, port: address.port },
      url,
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await collector[Symbol.asyncDispose]()
    throw error
  }
}
