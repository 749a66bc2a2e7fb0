import type { IncomingHttpHeaders } from 'node:http'
import { bounded } from '../net/text.ts'
import type { CookieFacts } from './facts.ts'

/** Headers that say what the server is and how it guards its pages. */
const kept = [
  'server',
  'content-type',
  'content-length',
  'content-encoding',
  'strict-transport-security',
  'x-frame-options',
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
] as const

const maxCookies = 20
const maxFlags = 8

/** The headers worth keeping, each as one bounded line. */
export const keptHeaders = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, bounded(value)]] : []
    }),
  )

const flagOf = (attribute: string): string => {
  const [name = '', value] = attribute.split('=', 2).map((part) => part.trim().toLowerCase())
  return name === 'samesite' && value !== undefined ? `samesite=${bounded(value, 20)}` : bounded(name, 40)
}

const cookieFacts = (line: string): CookieFacts => {
  const [pair = '', ...attributes] = line.slice(0, 8192).split(';')
  const equals = pair.indexOf('=')
  // RFC 6265bis: a pair without "=" is a value without a name; values are not kept.
  const name = equals === -1 ? '' : bounded(pair.slice(0, equals), 100)
  return {
    name,
    flags: attributes
      .map(flagOf)
      .filter((flag) => flag !== '')
      .slice(0, maxFlags),
  }
}

/** Names and attributes of the cookies that are set; their values never. */
export const cookiesOf = (headers: IncomingHttpHeaders): readonly CookieFacts[] =>
  (headers['set-cookie'] ?? []).slice(0, maxCookies).map(cookieFacts)
