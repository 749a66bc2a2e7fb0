import { UsageFault } from '../../../src/core/fault.ts'

/** The part of an http spec that a URL tells. */
export interface HttpTarget {
  readonly address: string
  readonly scheme: 'http' | 'https'
  readonly port: number
  readonly path: string
}

/** Port of a URL, the scheme's own where it names none. */
export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)

/** Host of a URL as a socket takes it: an IPv6 address without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/gu, '')

/** A URL that may be shown: without user information. */
export const shown = (url: URL): string => {
  if (url.username === '' && url.password === '') return url.href
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  return copy.href
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:'

/** A URL whose scheme is http or https, or undefined. */
export const parseHttpUrl = (text: string, base?: URL): URL | undefined => {
  const url = URL.parse(text, base?.href)
  return url !== null && isHttp(url) ? url : undefined
}

/**
 * `https://www.example.com:8443/path?query` → the spec's options that it stands for.
 * Throws `UsageFault` for what is no http(s) URL, and for user information: secrets are named, never written.
 */
export const httpSpecOf = (text: string): HttpTarget => {
  const url = parseHttpUrl(text)
  if (url === undefined)
    throw new UsageFault([{ where: 'url', message: `expected http(s)://…, got ${text}` }])
  if (url.username !== '' || url.password !== '')
    throw new UsageFault([{ where: 'url', message: 'expected no user information in a URL' }])
  return {
    address: hostOf(url),
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    port: portOf(url),
    path: url.pathname + url.search,
  }
}
