import net from 'node:net'
import { isTimeout } from '../../src/core/deadline.ts'
import { resolverSilent } from './fault.ts'
import { lookupOnce } from './lookup.ts'

export interface Resolved {
  readonly address: string
  readonly family: 4 | 6
}

const located = (address: string): Resolved => ({ address, family: net.isIPv6(address) ? 6 : 4 })

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
 * The addresses of a name by the system's resolver (getaddrinfo), in its order.
 * Rejects with the resolver's error, with `EAI_AGAIN` where it gave none in time, or with the signal's reason;
 * a lookup under way cannot be stopped, only left.
 */
export const addressesOf = async (
  name: string,
  family: 4 | 6 | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  try {
    const found = await untilAborted(lookupOnce(name, family), signal)
    return found.map(({ address }) => address)
  } catch (error) {
    throw isTimeout(error) ? resolverSilent(name) : error
  }
}

/** An address literal as it is, a name's first address. Rejects as `addressesOf` does. */
export const resolve = async (
  address: string,
  family: 4 | 6 | undefined,
  signal: AbortSignal,
): Promise<Resolved> => {
  signal.throwIfAborted()
  if (net.isIP(address) !== 0) return located(address)
  const [first = address] = await addressesOf(address, family, signal)
  return located(first)
}
