import { isIP } from 'node:net'
import { UsageFault } from '../core/fault.ts'
import { addressCount, hostsIn, partOutside, readNetwork } from '../core/network.ts'

/** Addresses to ask, all of them authorised. */
export interface Range {
  readonly network: string
  readonly family: 4 | 6
  readonly addresses: Iterable<string>
  readonly count: number
}

/** A /16 of IPv4. */
const mostAddresses = 65_536n

const refuse = (message: string, suggestion: string): UsageFault =>
  new UsageFault([{ where: 'RANGE', message, suggestion }])

const asNetwork = (text: string): string => {
  const bits = { 0: '', 4: '/32', 6: '/128' }[isIP(text)] ?? ''
  const reading = readNetwork(text + bits)
  if (reading.ok) return reading.network
  throw refuse(`${reading.expected}, got ${text}`, 'a single address is a range of one')
}

const authorisation = (part: string): string =>
  `whoever may declares it in the inventory: yiwang network add ID name=… cidr=${part} scan=true`

/**
 * What a range (CIDR, or one address) means. Throws `UsageFault` where it is none, is too large, or has a part that no
 * network of `authorised` holds: nothing is sent then, not even to the rest.
 */
export const readRange = (text: string, authorised: readonly string[]): Range => {
  const network = asNetwork(text)
  if (addressCount(network) > mostAddresses)
    throw refuse(
      `expected at most ${String(mostAddresses)} addresses (IPv4 /16, IPv6 /112), got ${network}`,
      'ask the parts of it one after the other',
    )
  const outside = partOutside(network, authorised)
  if (outside !== undefined)
    throw refuse(`${outside} is in no network that was authorised for scans`, authorisation(outside))
  const hosts = { [Symbol.iterator]: () => hostsIn(network) }
  return { network, family: network.includes(':') ? 6 : 4, addresses: hosts, count: [...hosts].length }
}
