import http from 'node:http'
import type { Socket } from 'node:net'
import { connect } from '../connect.ts'
import { badMessage } from '../fault.ts'
import { type TlsFacts, secure } from '../secure.ts'
import { hostOf, portOf } from './url.ts'

/** Seconds by phase, summed over the redirects that were followed. */
export interface Phases {
  readonly resolveSeconds: number
  readonly connectSeconds: number
  readonly tlsSeconds: number
  /** From the request to the last of the response's headers. */
  readonly firstByteSeconds: number
  readonly transferSeconds: number
}

/** One request to one server, without redirects. */
export interface Exchange {
  readonly url: URL
  /** Where to connect to; may differ from the URL's host. */
  readonly address: string
  readonly family: 4 | 6 | undefined
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'TRACE'
  readonly headers: Readonly<Record<string, string>>
}

/** The connection that an exchange goes over. Disposing it closes it. */
export interface Channel extends Disposable {
  readonly socket: Socket
  readonly remoteAddress: string
  readonly tls?: TlsFacts
  readonly phases: Pick<Phases, 'resolveSeconds' | 'connectSeconds' | 'tlsSeconds'>
}

/** Connects, and shakes hands where the URL asks for it. */
export const open = async ({ url, address, family }: Exchange, signal: AbortSignal): Promise<Channel> => {
  const { socket, remoteAddress, ...times } = await connect({ address, port: portOf(url), family }, signal)
  const base = { remoteAddress, [Symbol.dispose]: () => void socket.destroy() }
  if (url.protocol === 'http:') return { ...base, socket, phases: { ...times, tlsSeconds: 0 } }
  try {
    const options = { serverName: hostOf(url), alpn: ['http/1.1'] }
    const { socket: secured, facts: tls } = await secure(socket, options, signal)
    return { ...base, socket: secured, tls, phases: { ...times, tlsSeconds: tls.handshakeSeconds } }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

const maxHeaderBytes = 64 * 1024
/** RFC 9110 §15.2 knows no limit; a server that goes on and on would keep the event loop busy until the deadline. */
const mostInterim = 16

const defaultHeaders = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'yiwang',
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Sends the request over a connection that ends with the run; resolves with the response when its headers are complete, its body unread. */
export const send = (
  { url, method, headers }: Exchange,
  { socket }: Channel,
): Promise<http.IncomingMessage> => {
  const request = http.request({
    createConnection: () => socket,
    method,
    path: url.pathname + url.search,
    maxHeaderSize: maxHeaderBytes,
    // Bare LF, folded lines, a length beside chunks: browsers and curl take them, so the site is there. The leniency is
    // dangerous where connections are shared; this one carries one answer.
    insecureHTTPParser: true,
    headers: { ...defaultHeaders, ...lowerCased(headers), host: url.host, connection: 'close' },
  })
  request.on('upgrade', () => request.emit('error', badMessage('the server switched protocols unasked')))
  let interim = 0
  request.on('information', () => {
    interim += 1
    if (interim > mostInterim) request.destroy(badMessage(`more than ${mostInterim} interim responses (1xx)`))
  })
  // An error after the response has begun is the body's to tell.
  request.on('error', () => undefined)
  request.end()
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject)
  })
}
