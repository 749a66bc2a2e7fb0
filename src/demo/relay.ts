import { once } from 'node:events'
import net from 'node:net'

/** A county's line to the city, as a TCP relay that can be cut. */
export interface Relay extends AsyncDisposable {
  readonly port: number
  /** Drops what is connected and refuses what comes, as a cut line would sooner or later. */
  cut(): void
  repair(): void
}

/** Relays 127.0.0.1:<free port> to 127.0.0.1:`to`. */
export const startRelay = async (to: number): Promise<Relay> => {
  const sockets = new Set<net.Socket>()
  let isCut = false
  const track = (socket: net.Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = net.createServer((inbound) => {
    track(inbound)
    if (isCut) return void inbound.destroy()
    const outbound = net.connect(to, '127.0.0.1')
    track(outbound)
    for (const [from, into] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      from.pipe(into)
      from.on('error', () => into.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dropAll = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as net.AddressInfo).port,
    cut: () => {
      isCut = true
      dropAll()
    },
    repair: () => {
      isCut = false
    },
    [Symbol.asyncDispose]: async () => {
      dropAll()
      server.close()
      await once(server, 'close')
    },
  }
}
