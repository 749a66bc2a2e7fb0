import dgram from 'node:dgram'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { holdersAmong } from '../../core/network.ts'
import type { Transport } from './blocks.ts'
import { createFramer, datagramFrame } from './framing.ts'
import type { LogIntake } from './intake.ts'

export interface ReceiverOptions {
  readonly host: string
  readonly port: number
  readonly intake: LogIntake
  /** Networks (CIDR) from which messages are taken; from nowhere else. */
  readonly allow: readonly string[]
}

export interface TlsMaterial {
  readonly certificate: string
  readonly key: string
  /** Signs certificates of the senders; without it any sender at an allowed address is heard. */
  readonly clientCa?: string
}

export interface Receiver extends AsyncDisposable {
  readonly port: number
}

const maxConnections = 1024
const handshakeMs = 10_000
const keepAliveMs = 60_000
const datagramBufferBytes = 8 * 1024 * 1024
const maxRemembered = 4096

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/iu, '')

/** Whether an address may send; each is looked up once. */
const gate = (allow: readonly string[]): ((address: string) => boolean) => {
  const holders = holdersAmong(allow)
  const known = new Map<string, boolean>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const isAllowed = holders(address).length > 0
    if (known.size >= maxRemembered) known.clear()
    known.set(address, isAllowed)
    return isAllowed
  }
}

/** Takes datagrams, one message each (RFC 5426). Rejects where it cannot listen. */
export const receiveDatagrams = async ({ host, port, intake, allow }: ReceiverOptions): Promise<Receiver> => {
  const isAllowed = gate(allow)
  const socket = dgram.createSocket({ type: net.isIPv6(host) ? 'udp6' : 'udp4' })
  socket.on('message', (bytes, { address }) => {
    const source = plain(address)
    if (!isAllowed(source)) intake.refuse('source-not-allowed')
    else if (intake.isFull()) intake.refuse('no-room')
    else intake.take([datagramFrame(bytes)], source, 'udp')
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  socket.on('error', () => undefined)
  try {
    socket.setRecvBufferSize(datagramBufferBytes)
  } catch {
    // The system's own bound then holds: a burst of datagrams is dropped earlier.
  }
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** Frees what a socket read now, not when garbage is collected: a flood is faster than that. */
const letGo = ({ buffer, byteLength }: Buffer): void => {
  // Not what shares its memory with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/** Reads messages until the stream ends; waits where the intake is full, so that the sender waits too. */
const read = (socket: net.Socket, source: string, transport: Transport, intake: LogIntake): void => {
  const framer = createFramer()
  socket.on('data', (chunk) => {
    const frames = framer.push(chunk)
    intake.take(frames, source, transport)
    if (frames.length === 0 && framer.isSkipping()) letGo(chunk)
    if (!intake.isFull() || socket.isPaused()) return
    socket.pause()
    intake.whenRoom(() => socket.resume())
  })
  socket.on('close', () => intake.take(framer.end(), source, transport))
}

const serve = async (
  server: net.Server,
  transport: 'tcp' | 'tls',
  { host, port, intake, allow }: ReceiverOptions,
): Promise<Receiver> => {
  const isAllowed = gate(allow)
  const sockets = new Set<net.Socket>()
  // Of a TLS server too, this is the plain connection: who may not send gets no handshake.
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    socket.setKeepAlive(true, keepAliveMs)
    if (!isAllowed(plain(socket.remoteAddress ?? ''))) {
      intake.refuse('source-not-allowed')
      socket.destroy()
    }
  })
  server.on('drop', () => intake.refuse('too-many-connections'))
  server.on('tlsClientError', () => intake.refuse('tls'))
  server.on(transport === 'tls' ? 'secureConnection' : 'connection', (socket: net.Socket) => {
    socket.on('error', () => undefined)
    if (!socket.destroyed) read(socket, plain(socket.remoteAddress ?? ''), transport, intake)
  })
  server.maxConnections = maxConnections
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Takes a stream of messages in the clear (RFC 6587). Rejects where it cannot listen. */
export const receiveStreams = (options: ReceiverOptions): Promise<Receiver> =>
  serve(net.createServer(), 'tcp', options)

/** Takes a stream of messages over TLS (RFC 5425). Rejects where it cannot listen, throws where TLS cannot use the material. */
export const receiveTls = (
  options: ReceiverOptions,
  { certificate, key, clientCa }: TlsMaterial,
): Promise<Receiver> =>
  serve(
    tls.createServer({
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakeMs,
      ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    }),
    'tls',
    options,
  )
