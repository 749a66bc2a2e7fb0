import { lookup } from 'node:dns/promises'
import net from 'node:net'

export interface Resolved {
  readonly address: string
  readonly family: 4 | 6
}

const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error)
      },
      { once: true },
    )
  })

/** What `promise` brings, or the signal's reason if that comes first; what cannot be stopped is only left. */
export const untilAborted = <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  Promise.race([promise, rejection(signal)])

/**
 * An address literal as it is; a name by the system's resolver (getaddrinfo), its first address.
 * Rejects with the resolver's error or the signal's reason; a lookup under way cannot be stopped, only left.
 */
export const resolve = async (
  address: string,
  family: 4 | 6 | undefined,
  signal: AbortSignal,
): Promise<Resolved> => {
  signal.throwIfAborted()
  const literal = net.isIP(address)
  if (literal !== 0) return { address, family: literal === 6 ? 6 : 4 }
  const found = await untilAborted(lookup(address, { family: family ?? 0 }), signal)
  return { address: found.address, family: found.family === 6 ? 6 : 4 }
}
