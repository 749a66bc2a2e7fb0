import dgram from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { setTimeout } from 'node:timers'

export interface TrapSocket {
  readonly port: number
  readonly send: (datagram: Buffer, to: dgram.RemoteInfo) => void
  readonly onDatagram: (take: (datagram: Buffer, from: dgram.RemoteInfo) => void) => void
  readonly close: () => Promise<void>
}

/** More than this in a second is a flood: whatever it holds, the rest of the second is not read. */
const mostPerSecond = 5000
/** A burst waits here: a small datagram takes some 800 octets of it. */
const recvBufferSize = 2 ** 20

const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * Lets the kernel drop what comes, which costs this process nothing: a socket that is connected, here to itself,
 * hears nobody else, and keeps its port.
 */
const beDeaf = async (socket: dgram.Socket): Promise<void> => {
  const { address, port } = socket.address()
  socket.connect(port, anyAddress[address] ?? address)
  await once(socket, 'connect')
}

interface Second {
  startedAt: number
  count: number
  isDeaf: boolean
}

const listenAgain = (socket: dgram.Socket, second: Second): void => {
  second.isDeaf = false
  try {
    socket.disconnect()
  } catch {
    // Closed meanwhile.
  }
}

/** Counts what comes; past the most of a second the socket is deaf for the rest of it, and `onFlood` is told. */
const guard = (socket: dgram.Socket, onFlood: () => void): (() => void) => {
  const second: Second = { startedAt: 0, count: 0, isDeaf: false }
  return () => {
    const now = performance.now()
    if (now - second.startedAt >= 1000) Object.assign(second, { startedAt: now, count: 0 })
    second.count += 1
    if (second.count <= mostPerSecond || second.isDeaf) return
    second.isDeaf = true
    onFlood()
    beDeaf(socket)
      .then(() => setTimeout(() => listenAgain(socket, second), second.startedAt + 1000 - now))
      .catch(() => listenAgain(socket, second))
  }
}

const closed = async (socket: dgram.Socket): Promise<void> => {
  socket.close()
  await once(socket, 'close')
}

const bind = async (host: string, port: number): Promise<dgram.Socket> => {
  const socket = dgram.createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize })
  socket.bind(port, host)
  await once(socket, 'listening')
  if (port !== 0) return socket
  // A port that the kernel chose it takes back when the socket is disconnected; one that was named it leaves.
  const chosen = socket.address().port
  await closed(socket)
  return bind(host, chosen)
}

/** Binds a UDP port for traps. Rejects with the system's error. */
export const openTrapSocket = async (
  host: string,
  port: number,
  onFlood: () => void,
): Promise<TrapSocket> => {
  const socket = await bind(host, port)
  const count = guard(socket, onFlood)
  // ICMP errors about our answers: who sent what they are about has gone.
  socket.on('error', () => undefined)
  let isClosed = false
  return {
    port: socket.address().port,
    send: (datagram, to) => {
      if (!isClosed) socket.send(datagram, to.port, to.address, () => undefined)
    },
    onDatagram: (take) =>
      void socket.on('message', (datagram, from) => {
        count()
        take(datagram, from)
      }),
    close: async () => {
      isClosed = true
      await closed(socket)
    },
  }
}
