import { createHash } from 'node:crypto'
import { bounded } from '../text.ts'

/** What URLs of a page are read against. */
export interface Frame {
  /** The page's own URL. */
  readonly page: URL
  /** What relative URLs start from: the page's, or that of its `base` element. */
  readonly base: URL
  /** Query and path parameters that are left out: session ids, times. */
  readonly ignoreParameters: ReadonlySet<string>
}

const isWeb = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:'

/** Short enough to read, long enough that two differ. */
export const digestOf = (text: string): string =>
  `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`

const maxUrl = 500
/** A long URL keeps what tells it from another. */
const short = (text: string): string =>
  text.length <= maxUrl ? bounded(text) : `${bounded(text, 200)}… ${digestOf(text)}`

/** `/path;jsessionid=x?a=1` without the parameters that are left out; their order stays. */
const without = ({ pathname, search }: URL, names: ReadonlySet<string>): string => {
  if (names.size === 0) return pathname + search
  const nameOf = (pair: string): string => pair.replace(/=.*$/su, '').toLowerCase()
  const kept = (text: string, separator: string): string =>
    text
      .split(separator)
      .filter((pair) => !names.has(nameOf(pair)))
      .join(separator)
  const query = kept(search.slice(1), '&')
  const [path = '', ...parameters] = pathname.split(';')
  const rest = parameters.filter((pair) => !names.has(nameOf(pair)))
  return [path, ...rest].join(';') + (query === '' ? '' : `?${query}`)
}

/** A URL as a browser reads it from an attribute, or undefined where it is none. */
export const resolved = (text: string, { base }: Frame): URL | undefined =>
  URL.parse(text.trim(), base.href) ?? undefined

/**
 * A URL in its one form: `/path?query` on the page's own host, `//host/path?query` elsewhere, without fragment
 * and user information; what no server is asked for (`data:`, `javascript:`) by its scheme and digest.
 */
export const placeOf = (text: string, frame: Frame): string => {
  const url = resolved(text, frame)
  if (url === undefined) return short(`invalid:${text.trim()}`)
  if (!isWeb(url)) {
    const isLong = ['data:', 'javascript:', 'blob:', 'vbscript:'].includes(url.protocol)
    return isLong ? `${url.protocol}${digestOf(url.href)}` : short(url.href)
  }
  const rest = without(url, frame.ignoreParameters)
  return short(url.host === frame.page.host ? rest : `//${url.host}${rest}`)
}

/** Host of a place that is not the page's own, or undefined. */
export const hostOfPlace = (place: string): string | undefined =>
  place.startsWith('//') ? place.slice(2).replace(/[/?…].*$/su, '') : undefined
