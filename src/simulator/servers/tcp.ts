import net from 'node:net'
import { type Listener, type Place, listenTcp } from './listener.ts'

/** Greets like a router's SSH port (RFC 4253 §4.2) and hangs up. */
export const management = (place: Place): Promise<Listener> =>
  listenTcp(
    net.createServer((socket) => socket.resume().end('SSH-2.0-yiwang_simulator\r\n')),
    place,
  )

/** Takes connections, hears everything, says nothing. */
export const database = (place: Place): Promise<Listener> =>
  listenTcp(
    net.createServer((socket) => socket.resume()),
    place,
  )

/** Answers whatever it hears with octets that are no protocol's. */
export const garbage = (place: Place): Promise<Listener> =>
  listenTcp(
    net.createServer((socket) => {
      socket.resume().once('data', () => socket.end(Buffer.of(0x00, 0xff, 0x13, 0x37, 0x0d, 0x0a, 0xfe)))
    }),
    place,
  )

/** Nobody: takes the port to learn that it is free, and lets it go. */
export const closed = async (place: Place): Promise<Listener> => {
  await using listener = await listenTcp(net.createServer(), place)
  return { port: listener.port, [Symbol.asyncDispose]: () => Promise.resolve() }
}
