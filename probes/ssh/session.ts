import type { Socket } from 'node:net'
import { badMessage, hungUp } from '../net/fault.ts'
import { type ConnectOptions, type Connected, connect } from '../net/connect.ts'
import { type HostKeyFacts, exchangeInitFor, readHostKey } from './host-key.ts'
import { type Identification, type Parsed, lineOf, readIdentification } from './identification.ts'
import { type KexInit, kexInitFor, messages, readKexInit } from './kexinit.ts'
import { framed, readPacket, readStrings } from './packet.ts'

/** Our own line (RFC 4253 §4.2); the version of the house is nobody's business. */
const identification = 'SSH-2.0-yiwang\r\n'

/** What a server may send in between: ignore, unimplemented, debug. */
const maxOtherPackets = 8

interface Reader {
  /** Rejects with `EBADMSG` for what is no SSH, with `ECONNRESET` where the peer hangs up before. */
  readonly next: <Value>(parse: (bytes: Buffer) => Parsed<Value>) => Promise<Value>
}

const hungUpAfter = (bytes: Buffer): Error => {
  const said = bytes.length === 0 ? '' : `; it said: ${lineOf(bytes)}`
  return hungUp(`the server closed the connection in the middle of the handshake${said}`)
}

const createReader = (socket: Socket): Reader => {
  const chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let bytes: Buffer = Buffer.alloc(0)
  return {
    next: async (parse) => {
      for (let parsed = parse(bytes); ; parsed = parse(bytes)) {
        if (parsed !== 'more' && 'problem' in parsed) throw badMessage(parsed.problem)
        if (parsed !== 'more') {
          bytes = bytes.subarray(parsed.used)
          return parsed.value
        }
        const chunk = await chunks.next()
        if (chunk.done) throw hungUpAfter(bytes)
        bytes = Buffer.concat([bytes, chunk.value])
      }
    },
  }
}

/** One connection to a server, as far as its offer. The caller destroys the socket. */
export interface Session extends Omit<Connected, 'socket'> {
  readonly socket: Socket
  readonly reader: Reader
  readonly identification: Identification
  /** Absent where the server speaks SSH 1 only. */
  readonly offered?: KexInit
}

const speaksVersion2 = ({ protocolVersion }: Identification): boolean =>
  protocolVersion === '1.99' || protocolVersion.startsWith('2.')

const disconnectReason = (payload: Buffer): string =>
  lineOf(readStrings(payload, 5, 1)?.[0] ?? Buffer.alloc(0)) || 'no reason given'

const readOffer = async (reader: Reader): Promise<KexInit> => {
  for (let packets = 0; packets <= maxOtherPackets; packets += 1) {
    const payload = await reader.next(readPacket)
    if (payload[0] === messages.disconnect)
      throw hungUp(`the server disconnected: ${disconnectReason(payload)}`)
    const offered = readKexInit(payload)
    if (offered !== undefined) return offered
    if (payload[0] === messages.kexInit) break
  }
  throw badMessage('expected SSH_MSG_KEXINIT, got another message')
}

const greet = async (connected: Connected): Promise<Session> => {
  const { socket } = connected
  const reader = createReader(socket)
  socket.write(identification)
  const server = await reader.next(readIdentification)
  const session = { ...connected, reader, identification: server }
  return speaksVersion2(server) ? { ...session, offered: await readOffer(reader) } : session
}

/** Connects and reads who the server is and what it offers. The signal owns the socket. */
export const openSession = async (options: ConnectOptions, signal: AbortSignal): Promise<Session> => {
  const connected = await connect(options, signal)
  try {
    return await greet(connected)
  } catch (error) {
    connected.socket.destroy()
    throw error
  }
}

/** Begins a key exchange, and reads the host key that the server shows in it; undefined where it shows none. */
export const showHostKey = async (
  { socket, reader, offered }: Session,
  kex: string,
  algorithm: string,
): Promise<HostKeyFacts | undefined> => {
  const init = exchangeInitFor(kex)
  if (offered === undefined || init === undefined) return undefined
  socket.write(Buffer.concat([framed(kexInitFor(offered, kex, algorithm)), framed(init)]))
  for (let packets = 0; packets <= maxOtherPackets; packets += 1) {
    const payload = await reader.next(readPacket)
    if (payload[0] === messages.disconnect) return undefined
    if (payload[0] === messages.exchangeReply)
      return readHostKey(readStrings(payload, 1, 1)?.[0] ?? Buffer.alloc(0))
  }
  return undefined
}
