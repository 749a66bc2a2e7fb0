import { once } from 'node:events'
import net from 'node:net'

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

/**
 * Opens a TCP connection. The signal owns the socket: it is destroyed when the signal aborts.
 * The caller destroys it otherwise. Rejects with the system's error or the signal's reason.
 */
export const connect = async (options: ConnectOptions, signal: AbortSignal): Promise<Connected> => {
  signal.throwIfAborted()
  const startedAt = performance.now()
  let resolvedAt = startedAt
  const socket = net.connect({
    host: options.address,
    port: options.port,
    family: options.family ?? 0,
    noDelay: true,
  })
  socket.once('lookup', () => {
    resolvedAt = performance.now()
  })
  const abort = (): void => {
    socket.destroy(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => {
    signal.removeEventListener('abort', abort)
  })
  await once(socket, 'connect')
  return {
    socket,
    remoteAddress: socket.remoteAddress ?? options.address,
    resolveSeconds: (resolvedAt - startedAt) / 1000,
    connectSeconds: (performance.now() - resolvedAt) / 1000,
  }
}
