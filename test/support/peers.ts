import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { gzipSync } from 'node:zlib'

/** A TCP server on a free loopback port; disposing it also ends its connections. */
export interface Peer extends AsyncDisposable {
  readonly address: string
  readonly port: number
}

export type Talk = (socket: net.Socket) => void

/** Ends a server that listens and every connection that it accepted. */
export const closing = (server: net.Server): (() => Promise<void>) => {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
  })
  return async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

/** Starts `server` on a port of `address`; default: a free one. */
export const listening = async (server: net.Server, address = '127.0.0.1', port = 0): Promise<Peer> => {
  const close = closing(server)
  server.listen(port, address)
  await once(server, 'listening')
  return { address, port: (server.address() as net.AddressInfo).port, [Symbol.asyncDispose]: close }
}

/** A TCP server that talks so to whoever connects. */
export const peer = (talk: Talk, address = '127.0.0.1'): Promise<Peer> =>
  listening(net.createServer({ noDelay: true }, talk), address)

/** Port of a TCP socket that was closed again: nobody listens there. */
export const closedPort = async (): Promise<number> => {
  await using server = await peer(() => undefined)
  return server.port
}

/** Whether somebody listens there. */
export const isOpen = async (port: number, host = '127.0.0.1'): Promise<boolean> => {
  const socket = net.connect(port, host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A UDP server on a free port that answers each datagram with what `talk` makes of it. */
export const udpPeer = async (
  talk: (request: Buffer) => readonly Buffer[] | Promise<readonly Buffer[]>,
  address = '127.0.0.1',
): Promise<Peer> => {
  const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('error', () => undefined)
  socket.on('message', (request, from) => {
    void Promise.resolve(talk(request)).then((answers) => {
      for (const answer of answers) socket.send(answer, from.port, from.address, () => undefined)
    })
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  return {
    address,
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** A UDP port that was free a moment ago. */
export const freeUdpPort = async (): Promise<number> => {
  await using server = await udpPeer(() => [])
  return server.port
}

const trickle =
  (text: string): Talk =>
  (socket) => {
    let sent = 0
    const timer = setInterval(() => {
      if (sent < text.length) socket.write(text[sent++]!)
    }, 20)
    socket.on('close', () => {
      clearInterval(timer)
    })
  }

/** Writes for as long as the other side takes it. */
const pour =
  (head: string | Buffer, chunk: Buffer): Talk =>
  (socket) => {
    socket.write(head)
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', more)
    more()
  }

const garbage = Buffer.from([0, 255, 1, 254, 10, 13, 10, 13, 42, 7, 99, 200])

// Record header of a handshake message, TLS 1.2, 512 bytes announced, ServerHello begun.
const halfHello = Buffer.from([0x16, 3, 3, 2, 0, 2, 0, 1, 0xfc, 3, 3, 1, 2, 3])

/** 512 MiB of zeros in half a megabyte; made once. */
const bomb = gzipSync(Buffer.alloc(512 * 1024 * 1024), { level: 1 })

export interface HostilePeer {
  readonly name: string
  readonly talk: Talk
  /** What each kind that speaks over TCP says of it: a cause of down, or `up`. */
  readonly tls: string
  readonly http: string
  readonly dns: string
}

/** Peers that misbehave, and what the kinds make of them; every run ends by its deadline. */
export const hostilePeers: readonly HostilePeer[] = [
  { name: 'is silent', talk: () => undefined, tls: 'timeout', http: 'timeout', dns: 'timeout' },
  { name: 'hangs up at once', talk: (s) => s.end(), tls: 'refused', http: 'refused', dns: 'refused' },
  {
    name: 'resets',
    talk: (s) => s.resetAndDestroy(),
    tls: 'refused',
    http: 'refused',
    dns: 'refused',
  },
  {
    name: 'talks garbage',
    talk: (s) => s.write(garbage),
    tls: 'tls',
    http: 'protocol',
    dns: 'timeout',
  },
  {
    name: 'pours garbage',
    talk: pour('', Buffer.alloc(65_536, garbage)),
    tls: 'tls',
    http: 'protocol',
    dns: 'protocol',
  },
  {
    name: 'sends one byte at a time',
    talk: trickle('HTTP/1.1 200 OK\r\nserver: slow\r\n'.repeat(10)),
    tls: 'tls',
    http: 'timeout',
    dns: 'timeout',
  },
  {
    name: 'sends headers without end',
    talk: pour('HTTP/1.1 200 OK\r\n', Buffer.from('x-more: of the same\r\n'.repeat(100))),
    tls: 'tls',
    http: 'protocol',
    dns: 'protocol',
  },
  {
    name: 'sends interim responses without end',
    talk: pour('', Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100))),
    tls: 'tls',
    http: 'protocol',
    dns: 'protocol',
  },
  {
    name: 'sends a body without end',
    talk: pour('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 'a')),
    tls: 'tls',
    http: 'up',
    dns: 'protocol',
  },
  {
    name: 'closes in the middle of the body',
    talk: (s) => s.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf'),
    tls: 'tls',
    http: 'protocol',
    dns: 'refused',
  },
  {
    name: 'sends a gzip bomb',
    talk: (s) =>
      s.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n'), bomb])),
    tls: 'tls',
    http: 'up',
    dns: 'protocol',
  },
  {
    name: 'sends broken gzip',
    talk: (s) => s.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nno gzip at all'),
    tls: 'tls',
    http: 'protocol',
    dns: 'refused',
  },
  {
    name: 'redirects to itself without end',
    talk: (s) => s.end('HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n'),
    tls: 'tls',
    http: 'protocol',
    dns: 'refused',
  },
  {
    name: 'switches protocols unasked',
    talk: (s) => s.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    tls: 'tls',
    http: 'protocol',
    dns: 'timeout',
  },
  {
    name: 'sends half a TLS hello',
    talk: (s) => s.write(halfHello),
    tls: 'timeout',
    http: 'protocol',
    dns: 'timeout',
  },
]
