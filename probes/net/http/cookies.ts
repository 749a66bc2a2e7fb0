import type { IncomingHttpHeaders } from 'node:http'
import { bounded } from '../text.ts'

/** Name and attributes of a cookie. Its value is a secret of the server's and is not kept. */
export interface CookieFacts {
  readonly name: string
  readonly flags: readonly string[]
}

const maxCookies = 20
const maxFlags = 8

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
