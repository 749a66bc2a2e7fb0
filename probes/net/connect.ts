import net from 'node:net'
import { isTimeout } from '../../src/core/deadline.ts'
import { resolverSilent } from './fault.ts'
import { socketLookup } from './lookup.ts'

export interface ConnectOptions {
  readonly address: string
  readonly port: number
  readonly family?: 4 | 6 | undefined
}

export interface Connected {
  readonly socket: net.Socket
  /** Address that was connected to, after resolution. */
  readonly remoteAddress: string
  readonly resolveSeconds: number
  readonly connectSeconds: number
}

const ignore = (): void => undefined

/** Destroys the socket when the signal aborts, so that no wait on it outlives the run. */
const ownBy = (socket: net.Socket, signal: AbortSignal): void => {
  const abort = (): void => {
    socket.destroy(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => {
    signal.removeEventListener('abort', abort)
  })
  // Whoever waits hears of an error by the wait; one that comes in between must not end the process.
  socket.on('error', ignore)
}

const connected = (socket: net.Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject)
  })

/**
 * Opens a TCP connection. The signal owns the socket: it is destroyed when the signal aborts.
 * The caller destroys it otherwise. Rejects with the system's error or the signal's reason; with `EAI_AGAIN` where the
 * time was up before the name was resolved.
 * Where a name has several addresses, they are tried as RFC 8305 says; `connectSeconds` counts all attempts.
 */
export const connect = async (options: ConnectOptions, signal: AbortSignal): Promise<Connected> => {
  signal.throwIfAborted()
  const startedAt = performance.now()
  let isResolving = net.isIP(options.address) === 0
  let resolvedAt = startedAt
  const socket = net.connect({
    host: options.address,
    port: options.port,
    family: options.family ?? 0,
    noDelay: true,
    lookup: socketLookup,
  })
  ownBy(socket, signal)
  socket.once('lookup', () => {
    isResolving = false
    resolvedAt = performance.now()
  })
  try {
    await connected(socket)
  } catch (error) {
    throw isResolving && isTimeout(error) ? resolverSilent(options.address) : error
  }
  return {
    socket,
    // Asking the system costs a tenth of a connection; an IPv4 literal has one form.
    remoteAddress: net.isIPv4(options.address) ? options.address : (socket.remoteAddress ?? options.address),
    resolveSeconds: (resolvedAt - startedAt) / 1000,
    connectSeconds: (performance.now() - resolvedAt) / 1000,
  }
}
