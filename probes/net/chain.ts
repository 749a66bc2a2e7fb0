import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { type CertificateFacts, chainFacts, isFor } from './certificate.ts'

export interface SentChain {
  /** As the peer sent it, leaf first. */
  readonly chain: readonly CertificateFacts[]
  /** Whether the leaf is for the name that was asked for. */
  readonly nameMatches: boolean
}

const maxWalk = 20

/** Identity of what was sent, as far as Node shows it from issuer to issuer; not its order. */
const walk = (leaf: DetailedPeerCertificate): string => {
  const prints: string[] = []
  // Without a certificate the library gives an empty object; a root is its own issuer.
  let next: Partial<DetailedPeerCertificate> | undefined = leaf
  while (next?.fingerprint256 !== undefined && prints.length < maxWalk) {
    prints.push(next.fingerprint256)
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return prints.join()
}

const read = (socket: TLSSocket, serverName: string): SentChain => {
  const leaf = socket.getPeerX509Certificate()
  return { chain: chainFacts(leaf), nameMatches: leaf !== undefined && isFor(leaf, serverName) }
}

const maxKnown = 1000
const known = new Map<string, SentChain>()

/**
 * The certificates that the peer of a completed handshake sent, in their order.
 *
 * Only `getPeerX509Certificate` tells the order, and Node 24 never frees the certificates behind the leaf
 * that it gives (5 KB each): a chain that was seen before is recognised and not read again.
 */
export const sentChain = (socket: TLSSocket, serverName: string): SentChain => {
  const key = `${serverName} ${walk(socket.getPeerCertificate(true))}`
  const seen = known.get(key)
  if (seen !== undefined) return seen
  const chain = read(socket, serverName)
  if (known.size >= maxKnown) known.clear()
  known.set(key, chain)
  return chain
}
