import { createSocket, type Socket } from 'node:dgram'
import { on, once } from 'node:events'
import { connect } from '../net/connect.ts'
import { badMessage, hungUp } from '../net/fault.ts'
import type { Resolved } from '../net/resolve.ts'
import { type Query, type Reply, decodeReply, isReplyTo } from './message.ts'

export interface Server extends Resolved {
  readonly port: number
}

/** `signal` ends the wait; at `again` an unanswered datagram is sent once more, since one may get lost. */
export interface Patience {
  readonly signal: AbortSignal
  readonly again: AbortSignal
}

const isDeadline = (signal: AbortSignal): boolean =>
  signal.aborted && (signal.reason as Error).name === 'TimeoutError'

const receive = async (socket: Socket, query: Query, signal: AbortSignal): Promise<Reply | undefined> => {
  let strangers = 0
  try {
    for await (const [bytes] of on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>) {
      const reply = decodeReply(bytes)
      if (reply !== undefined && isReplyTo(query, reply)) return reply
      strangers += 1
    }
  } catch (error) {
    if (strangers === 0 || !isDeadline(signal)) throw error
  }
  return undefined
}

/**
 * Asks over UDP (RFC 1035 §4.2.1). What is no answer to the query is passed over until the signal ends the wait:
 * the result is undefined where nothing else came. The socket is connected, so the kernel drops what
 * others send, and an ICMP "port unreachable" rejects with `ECONNREFUSED`.
 */
export const askUdp = async (
  { address, port, family }: Server,
  query: Query,
  { signal, again }: Patience,
): Promise<Reply | undefined> => {
  signal.throwIfAborted()
  await using socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  // Whoever waits hears of an error by the wait; one that comes in between must not end the process.
  socket.on('error', () => undefined)
  socket.connect(port, address)
  await once(socket, 'connect', { signal })
  const send = (): void => {
    socket.send(query.bytes)
  }
  const ended = new AbortController()
  again.addEventListener('abort', send, { once: true, signal: ended.signal })
  try {
    send()
    return await receive(socket, query, signal)
  } finally {
    ended.abort()
  }
}

const firstMessage = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  let bytes = Buffer.alloc(0)
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0))
      return bytes.subarray(2, 2 + bytes.readUInt16BE(0))
  }
  throw hungUp('the server closed the connection before its answer was complete')
}

const framed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Asks over TCP (RFC 7766): one query, one answer. Rejects with `EBADMSG` for anything else. */
export const askTcp = async (server: Server, query: Query, signal: AbortSignal): Promise<Reply> => {
  const { socket } = await connect(server, signal)
  try {
    socket.write(framed(query.bytes))
    const reply = decodeReply(await firstMessage(socket))
    if (reply === undefined || !isReplyTo(query, reply))
      throw badMessage('expected an answer to the query, got something else')
    return reply
  } finally {
    socket.destroy()
  }
}
