import { hash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createBoundedMap } from './bounded-map.ts'
import { type CertificateFacts, chainFacts, isFor } from './certificate.ts'
import { certificateIn } from './session-certificate.ts'

export interface SentChain {
  /** As the peer sent it, leaf first. */
  readonly chain: readonly CertificateFacts[]
  /** Whether the leaf is for the name that was asked for. */
  readonly nameMatches: boolean
}

interface Known extends SentChain {
  /** Of `performance.now()`. */
  readonly readAt: number
}

/** What a known leaf was sent with is read anew so often, were it as long as before. */
const knownForMs = 10 * 60_000
/** Some 3 kB each. */
const mostKnown = 8192
const known = createBoundedMap<Known>(mostKnown)

/** Signatures of one handshake and the next differ by so many bytes in length. */
const lengthStep = 8

/** Who answered, and how much it sent: another issuer beside the same leaf makes another length. */
const keyOf = (socket: TLSSocket, transport: Socket, serverName: string): string | undefined => {
  const leaf = certificateIn(socket.getSession() ?? Buffer.alloc(0))
  if (leaf === undefined) return undefined
  const step = Math.floor(transport.bytesRead / lengthStep)
  return `${serverName} ${hash('sha256', leaf, 'base64')} ${step}`
}

const read = (socket: TLSSocket, serverName: string): Known => {
  const leaf = socket.getPeerX509Certificate()
  return {
    chain: chainFacts(leaf),
    nameMatches: leaf !== undefined && isFor(leaf, serverName),
    readAt: performance.now(),
  }
}

/**
 * The certificates that the peer of a completed handshake over `transport` sent, in their order.
 *
 * Only `getPeerX509Certificate` tells the order, and Node 24 never frees the certificates behind the leaf that it
 * gives (5 kB each), nor is reading them cheap: what was seen within ten minutes is recognised and not read again.
 */
export const sentChain = (socket: TLSSocket, transport: Socket, serverName: string): SentChain => {
  const key = keyOf(socket, transport, serverName)
  const seen = key === undefined ? undefined : known.get(key)
  if (seen !== undefined && performance.now() - seen.readAt < knownForMs) return seen
  const chain = read(socket, serverName)
  if (key !== undefined) known.set(key, chain)
  return chain
}
