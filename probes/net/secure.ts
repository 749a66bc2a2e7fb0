import { constants } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import type { CertificateFacts } from './certificate.ts'
import { sentChain } from './chain.ts'
import { serverNameOf } from './server-name.ts'
import { bounded } from './text.ts'

export interface SecureOptions {
  /** Sent as SNI where it is a name (RFC 6066 §3), and compared with the certificate. */
  readonly serverName: string
  /** Protocols to offer (RFC 7301); none: the extension is not sent. */
  readonly alpn?: readonly string[]
}

/** What a handshake showed. A bad certificate is a fact, not a failure. */
export interface TlsFacts {
  readonly handshakeSeconds: number
  /** `TLSv1.3` */
  readonly protocol: string
  /** IANA name of the cipher suite. */
  readonly cipher: string
  readonly alpn?: string
  /** Chain leads to a trust anchor of this machine, is in date, and is for this name. */
  readonly authorized: boolean
  /** OpenSSL's word for what is wrong: `CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `HOSTNAME_MISMATCH` … */
  readonly authorizationError?: string
  /** Whether the leaf is for this name, trusted or not. */
  readonly nameMatches: boolean
  /** As the peer sent it, leaf first. */
  readonly chain: readonly CertificateFacts[]
}

export interface Secured {
  readonly socket: tls.TLSSocket
  readonly facts: TlsFacts
}

const createContext = (): tls.SecureContext =>
  tls.createSecureContext({
    // Old servers are to be seen, not refused: what is weak is judged elsewhere.
    minVersion: 'TLSv1',
    ciphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'DEFAULT@SECLEVEL=0',
    ].join(':'),
    // One small key share: hybrid ones make a hello that old middleboxes drop.
    ecdhCurve: 'X25519:P-256:P-384:P-521',
    // RFC 5746: a server that cannot renegotiate safely can still be looked at; we never renegotiate.
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  })

let context: tls.SecureContext | undefined
/** Made at the first handshake and shared: the trust anchors are read once. */
const sharedContext = (): tls.SecureContext => (context ??= createContext())

const reasonOf = (error: Error): string =>
  'reason' in error && typeof error.reason === 'string' ? error.reason : error.message

/** OpenSSL's messages carry thread ids and source lines: keep the reason. */
const handshakeError = (error: Error): Error =>
  error.name === 'TimeoutError' ? error : new Error(`TLS handshake: ${reasonOf(error)}`, { cause: error })

/** The signal owns the socket below, whose end is this one's too: nothing of its own waits for it. */
const complete = (socket: tls.TLSSocket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy()
      reject(handshakeError(signal.aborted ? (signal.reason as Error) : error))
    }
    const early = (): void => fail(new Error('closed before the handshake was complete'))
    socket.once('error', fail).once('close', early)
    socket.once('secureConnect', () => {
      // Each handshake that succeeds closes too: an error made then is a fortieth of its cost.
      socket.off('error', fail).off('close', early)
      resolve()
    })
  })

const nameOf = (error: Error | string | null | undefined): string | undefined => {
  if (error === null || error === undefined) return undefined
  return typeof error === 'string' ? error : error.message
}

const trustOf = (
  socket: tls.TLSSocket,
  nameMatches: boolean,
): Pick<TlsFacts, 'authorized' | 'authorizationError'> => {
  const problem = nameOf(socket.authorizationError) ?? (nameMatches ? undefined : 'HOSTNAME_MISMATCH')
  return { authorized: problem === undefined, ...(problem !== undefined && { authorizationError: problem }) }
}

const factsOf = (
  socket: tls.TLSSocket,
  transport: net.Socket,
  serverName: string,
): Omit<TlsFacts, 'handshakeSeconds'> => {
  const { chain, nameMatches } = sentChain(socket, transport, serverName)
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    ...(typeof socket.alpnProtocol === 'string' && { alpn: bounded(socket.alpnProtocol, 64) }),
    ...trustOf(socket, nameMatches),
    nameMatches,
    chain,
  }
}

const noCertificate = (): tls.DetailedPeerCertificate => ({}) as tls.DetailedPeerCertificate

/**
 * TLS handshake (1.0 to 1.3) over a connected socket, which the result owns from then on.
 * Never fails for a certificate. Rejects with what the network did, or with OpenSSL's reason as `cause`.
 */
export const secure = async (
  transport: net.Socket,
  { serverName: given, alpn = [] }: SecureOptions,
  signal: AbortSignal,
): Promise<Secured> => {
  const serverName = serverNameOf(given)
  const startedAt = performance.now()
  const socket = tls.connect({
    socket: transport,
    secureContext: sharedContext(),
    rejectUnauthorized: false,
    // Names are compared by us, for certificates that are not trusted too.
    checkServerIdentity: () => undefined,
    minDHSize: 1,
    ...(net.isIP(serverName) === 0 && { servername: serverName }),
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
  })
  // Node reads the whole chain for its own comparison of names, which is not wanted: that costs as much as the rest.
  socket.getPeerCertificate = noCertificate
  // Whoever waits hears of an error by the wait; one that comes in between must not end the process.
  socket.on('error', () => undefined)
  await complete(socket, signal)
  const handshakeSeconds = (performance.now() - startedAt) / 1000
  return { socket, facts: { handshakeSeconds, ...factsOf(socket, transport, serverName) } }
}
