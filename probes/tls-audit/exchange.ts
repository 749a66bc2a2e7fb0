import { connect, type ConnectOptions } from '../net/connect.ts'
import type { ClientHello } from './client-hello.ts'
import { type Flight, type Reading, type Until, readOn, unread } from './flight.ts'

/** How one connection went. */
export type Reply =
  /** The server spoke TLS or TLCP: a hello, an alert, or both. */
  | { readonly kind: 'answered'; readonly flight: Flight }
  /** It hung up without a word that is complete. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' }
  /** It spoke something else. */
  | { readonly kind: 'foreign' }
  /** No connection. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Not asked: connections or time had run out. */
  | { readonly kind: 'unasked' }

/** A chain of the largest size twice over; who sends more has no end. */
const maxBytes = 256 * 1024

const hangUps: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED']

const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && hangUps.includes(error.code)

type End = 'closed' | 'silent' | 'over'

const replyOf = ({ flight }: Reading, end: End): Reply => {
  // What was said before it went wrong still holds.
  if (flight.hello !== undefined) return { kind: 'answered', flight }
  if (flight.isForeign) return { kind: 'foreign' }
  if (flight.alert !== undefined) return { kind: 'answered', flight }
  return { kind: end === 'silent' ? 'silent' : 'closed' }
}

const read = async (
  stream: AsyncIterable<Buffer>,
  asked: ClientHello,
  until: Until,
  answered: AbortSignal,
): Promise<Reply> => {
  let reading = unread
  let bytes = 0
  try {
    for await (const chunk of stream) {
      reading = readOn(reading, chunk, asked, until)
      bytes += chunk.length
      if (reading.isOver || bytes > maxBytes) break
    }
  } catch (error) {
    if (answered.aborted) return replyOf(reading, 'silent')
    if (!isHangUp(error)) throw error
    return replyOf(reading, 'closed')
  }
  return replyOf(reading, reading.isOver ? 'over' : 'closed')
}

export interface Exchanged {
  readonly reply: Reply
  /** The address behind the name, once there was a connection. */
  readonly remoteAddress?: string
}

/**
 * Opens a connection, sends the hello, reads the answer as far as `until`, and hangs up.
 * `patience` ends it as silence. Rejects with nothing that the network does.
 */
export const exchange = async (
  server: ConnectOptions,
  asked: ClientHello,
  until: Until,
  patience: AbortSignal,
): Promise<Exchanged> => {
  const opened = await connect(server, patience).catch((error: unknown) => ({ error }))
  if ('error' in opened) return { reply: { kind: 'failed', error: opened.error } }
  const { socket, remoteAddress } = opened
  try {
    socket.write(asked.record)
    return { reply: await read(socket, asked, until, patience), remoteAddress }
  } finally {
    socket.destroy()
  }
}
