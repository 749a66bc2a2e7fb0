import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import { bounded } from '../text.ts'
import type { Exchange } from './exchange.ts'
import { hostOf, parseHttpUrl } from './url.ts'

/** One redirect that was followed: its status and where it led, without user information. */
export interface Redirect {
  readonly status: number
  readonly location: string
}

const redirectStatuses: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308])

/** The `Location` of a redirect as it was sent (UTF-8, as browsers read it), or undefined where it is none. */
export const locationOf = ({ statusCode, headers }: IncomingMessage): string | undefined =>
  redirectStatuses.has(statusCode) && headers.location !== undefined
    ? Buffer.from(headers.location, 'latin1').toString()
    : undefined

/** A location for the record: bounded, without user information. */
export const recorded = (location: string): string =>
  bounded(location.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/iu, '$1//'))

/**
 * The exchange that a redirect asks for, or undefined where it leads to no http(s) URL.
 * The first host keeps the address that the spec gave it; a token goes to the first origin only.
 */
export const redirected = (first: Exchange, from: URL, location: string): Exchange | undefined => {
  const url = parseHttpUrl(location, from)
  if (url === undefined) return undefined
  const { authorization, ...headers } = first.headers
  const isSameOrigin = url.origin === first.url.origin
  return {
    ...first,
    url,
    address: url.hostname === first.url.hostname ? first.address : hostOf(url),
    headers: isSameOrigin && authorization !== undefined ? { ...headers, authorization } : headers,
  }
}

const local = new net.BlockList()
local.addSubnet('127.0.0.0', 8, 'ipv4')
local.addSubnet('169.254.0.0', 16, 'ipv4')
local.addSubnet('0.0.0.0', 8, 'ipv4')
local.addAddress('::1', 'ipv6')
local.addAddress('::', 'ipv6')
local.addSubnet('fe80::', 10, 'ipv6')

/** Loopback and link-local addresses: the prober's own, or its cloud's metadata service. */
export const isLocal = (address: string): boolean => {
  const bare = address.replace(/%.*$/u, '')
  return local.check(bare, net.isIPv6(bare) ? 'ipv6' : 'ipv4')
}

/**
 * Whether an address that a peer's answer led to is one that no peer may send us to: the prober's own,
 * unless the peer is there itself. Undefined: nobody led us, the spec named it.
 */
export const leadsHome = (address: string, peer: string | undefined): boolean =>
  peer !== undefined && isLocal(address) && !isLocal(peer)
