import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { on, once } from 'node:events'
import type { Clock } from '../../src/core/clock.ts'
import type { Resolved } from '../net/resolve.ts'
import { codeOf, decodeReply, encodeRequest } from './packet.ts'
import type { Exchange } from './sample.ts'

export interface Server extends Resolved {
  readonly port: number
}

export interface Patience {
  readonly signal: AbortSignal
  /** Ends the wait for one answer: another request goes out, since a datagram may get lost. */
  readonly againSeconds: number
}

/** What the server sent until enough of it had come. */
export interface Asked {
  readonly sent: number
  readonly exchanges: readonly Exchange[]
  /** Datagrams that were no answer to us. */
  readonly strangers: number
}

/** Our clock to a fraction of a millisecond: it ticks in whole ones, so the furthest reading is the nearest. */
const fineClock = (now: Clock): (() => number) => {
  let aheadMs = -Infinity
  return () => {
    const monotonic = performance.now()
    aheadMs = Math.max(aheadMs, now() - monotonic)
    return monotonic + aheadMs
  }
}

/** Kiss codes that forbid to go on (RFC 5905 §7.4). */
const refusals = new Set(['DENY', 'RSTR', 'RATE'])

/** The code of an answer that refuses to serve us. */
export const refusalOf = ({ reply }: Exchange): string | undefined => {
  const code = reply.stratum === 0 ? codeOf(reply.referenceId) : undefined
  return code !== undefined && refusals.has(code) ? code : undefined
}

const open = async ({ address, port, family }: Server, signal: AbortSignal): Promise<Socket> => {
  signal.throwIfAborted()
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  // Whoever waits hears of an error by the wait; one that comes in between must not end the process.
  socket.on('error', () => undefined)
  try {
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

interface Outstanding {
  /** When each request left, by its nonce. */
  readonly sentAt: Map<bigint, number>
  readonly clock: () => number
  strangers: number
}

const receive = (bytes: Buffer, outstanding: Outstanding): Exchange | undefined => {
  const arrivedAt = outstanding.clock()
  const reply = decodeReply(bytes)
  const sentAt = reply && outstanding.sentAt.get(reply.origin)
  if (reply === undefined || sentAt === undefined) {
    outstanding.strangers += 1
    return undefined
  }
  // A nonce serves once: what comes twice is a stranger.
  outstanding.sentAt.delete(reply.origin)
  return { reply, sentAt, arrivedAt }
}

/** The next answer to one of our requests; undefined where `until` comes first. Rejects with what ICMP says. */
const nextAnswer = async (
  socket: Socket,
  outstanding: Outstanding,
  until: AbortSignal,
): Promise<Exchange | undefined> => {
  try {
    for await (const [bytes] of on(socket, 'message', { signal: until }) as AsyncIterable<[Buffer]>) {
      const exchange = receive(bytes, outstanding)
      if (exchange !== undefined) return exchange
    }
  } catch (error) {
    if (!until.aborted) throw error
  }
  return undefined
}

const send = (socket: Socket, { sentAt, clock }: Outstanding): void => {
  const nonce = randomBytes(8).readBigUInt64BE()
  sentAt.set(nonce, clock())
  socket.send(encodeRequest(nonce))
}

const isDeadline = (signal: AbortSignal): boolean => (signal.reason as Error).name === 'TimeoutError'

/**
 * Asks for the time over UDP until `count` answers have come, once more than that at most.
 * The socket is connected, so the kernel drops what others send, and "port unreachable" rejects with `ECONNREFUSED`.
 * Ends early at a refusal; at the deadline with what has come, or rejects where nothing has.
 */
export const ask = async (server: Server, count: number, patience: Patience, now: Clock): Promise<Asked> => {
  const { signal, againSeconds } = patience
  await using socket = await open(server, signal)
  const outstanding: Outstanding = { sentAt: new Map(), clock: fineClock(now), strangers: 0 }
  const exchanges: Exchange[] = []
  let sent = 0
  while (exchanges.length < count && !signal.aborted) {
    if (sent <= count) {
      send(socket, outstanding)
      sent += 1
    }
    const again = AbortSignal.timeout(Math.ceil(againSeconds * 1000))
    const until = sent <= count ? AbortSignal.any([signal, again]) : signal
    const exchange = await nextAnswer(socket, outstanding, until)
    if (exchange !== undefined) exchanges.push(exchange)
    if (exchange !== undefined && refusalOf(exchange) !== undefined) break
  }
  const isEmpty = exchanges.length === 0 && outstanding.strangers === 0
  if (signal.aborted && (isEmpty || !isDeadline(signal))) throw signal.reason as Error
  return { sent, exchanges, strangers: outstanding.strangers }
}
