import dgram from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import dns from 'node:dns/promises'
import type { Socketlike } from 'net-snmp'
import { SnmpFault } from './fault.ts'

export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly family?: 4 | 6 | undefined
}

/** A connected UDP socket in the clothes that the library expects, with everything hostile kept out. */
export interface Channel extends Disposable {
  readonly socket: Socketlike
  /** Rejects with the first fault of socket, peer or signal; never resolves. */
  readonly failed: Promise<never>
  /** Ends the channel: no datagram passes any more, `failed` rejects. */
  readonly fail: (reason: unknown) => void
  /** Whether the peer has said anything yet. */
  readonly wasHeard: () => boolean
  /** A new request begins: its answers are counted anew. */
  readonly begin: () => void
}

/**
 * Datagrams taken for one request: the answer, a discovery, a time resynchronisation, and late doubles of
 * retries. More is a peer that keeps us busy (a Report can make the library ask again without end).
 */
const maxDatagramsPerRequest = 16

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })

/** UDP connected to the endpoint: the kernel drops what others send, and reports ICMP errors to us. */
const connectUdp = async (
  { address, port, family }: Endpoint,
  signal: AbortSignal,
): Promise<dgram.Socket> => {
  signal.throwIfAborted()
  const found = await Promise.race([dns.lookup(address, { family: family ?? 0 }), aborted(signal)])
  const socket = dgram.createSocket(found.family === 6 ? 'udp6' : 'udp4')
  try {
    socket.connect(port, found.address)
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

/** Past the end the library gets an error, so that it arms no retry timer that outlives the run. */
const closed = (): Error => new SnmpFault('the session is closed')

/** The socket as the library calls it. It stays referenced: the signal ends the run, not the library's count. */
const libraryView = (socket: dgram.Socket, isOpen: () => boolean, close: () => void): Socketlike =>
  Object.assign(new EventEmitter(), {
    send: (...[buffer, , , , , sent]: Parameters<Socketlike['send']>) => {
      if (isOpen()) socket.send(buffer, (error) => sent(isOpen() ? error : closed()))
      else sent(closed())
    },
    close,
    ref: () => undefined,
    unref: () => undefined,
  })

/** A switch that is thrown once, and the promise that tells why. */
const breaker = (
  open: () => void,
): { readonly failed: Promise<never>; readonly fail: Channel['fail']; readonly isWhole: () => boolean } => {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  let isWhole = true
  const fail = (reason: unknown): void => {
    if (!isWhole) return
    isWhole = false
    reject(reason)
    open()
  }
  return { failed: promise, fail, isWhole: () => isWhole }
}

/**
 * Opens the channel. `objection` says why a datagram must not reach the library; the first one ends the channel,
 * as do an exception in the library, a socket error and the signal. Rejects as `connect(2)` or the resolver does.
 */
export const openChannel = async (
  endpoint: Endpoint,
  objection: (datagram: Buffer) => string | undefined,
  signal: AbortSignal,
): Promise<Channel> => {
  const socket = await connectUdp(endpoint, signal)
  const { failed, fail, isWhole } = breaker(() => {
    socket.close()
    view.emit('close')
  })
  const view = libraryView(socket, isWhole, () => fail(closed()))
  let received = 0
  let wasHeard = false
  const take = (datagram: Buffer): void => {
    received += 1
    wasHeard = true
    const problem = received > maxDatagramsPerRequest ? 'the agent answers without end' : objection(datagram)
    try {
      if (problem === undefined) view.emit('message', datagram)
      else fail(new SnmpFault(problem))
    } catch {
      fail(new SnmpFault('the answer could not be read'))
    }
  }
  const abort = (): void => fail(signal.reason)
  socket.on('error', fail).on('message', take)
  socket.once('close', () => signal.removeEventListener('abort', abort))
  signal.addEventListener('abort', abort, { once: true })
  return {
    socket: view,
    failed,
    fail,
    wasHeard: () => wasHeard,
    begin: () => void (received = 0),
    [Symbol.dispose]: () => fail(closed()),
  }
}
