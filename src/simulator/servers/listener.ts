import dgram from 'node:dgram'
import { once } from 'node:events'
import type net from 'node:net'

/** A service that answers. Disposing it closes its socket and drops who is connected. */
export interface Listener extends AsyncDisposable {
  readonly port: number
}

/** A port of an address; port 0 is any free one. */
export interface Place {
  readonly address: string
  readonly port: number
}

const maxConnections = 64
/** Longer than the slow server takes. */
const idleMs = 60_000

/** Opens the server. Rejects with the system's error (`EADDRINUSE`). */
export const listenTcp = async (server: net.Server, { address, port }: Place): Promise<Listener> => {
  const sockets = new Set<net.Socket>()
  server.maxConnections = maxConnections
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Who hangs up on us early is no fault of ours.
    socket.on('error', () => socket.destroy())
    socket.setTimeout(idleMs, () => socket.destroy())
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Binds a socket for IPv4 datagrams. Rejects with the system's error (`EADDRINUSE`). */
export const bindUdp = async ({ address, port }: Place): Promise<dgram.Socket> => {
  const socket = dgram.createSocket('udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  // An answer to who has gone already may come back as an ICMP error.
  socket.on('error', () => undefined)
  return socket
}

export const udpListener = (socket: dgram.Socket): Listener => ({
  port: socket.address().port,
  [Symbol.asyncDispose]: async () => {
    const closed = once(socket, 'close')
    socket.close()
    await closed
  },
})
