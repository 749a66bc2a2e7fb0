import { cookiesOf } from '../net/http/cookies.ts'
import type { Answer, Fetched } from '../net/http/fetch.ts'
import { redirectsOf } from '../net/http/fetch.ts'
import { textOf } from '../net/http/page.ts'
import { recorded } from '../net/http/redirect.ts'
import { parseHttpUrl, shown } from '../net/http/url.ts'
import { bounded } from '../net/text.ts'
import type { AuditFacts, CookieAudit, Folder, Methods, PlainHttp } from './facts.ts'
import { securityHeaders } from './policies.ts'
import { defaultPageOf, listingOf, signatureBytes } from './signatures.ts'
import { softwareOf } from './software.ts'

const maxCookies = 20

const cookieAudit = ({ name, flags }: ReturnType<typeof cookiesOf>[number]): CookieAudit => {
  const sameSite = flags.find((flag) => flag.startsWith('samesite='))?.slice('samesite='.length)
  return {
    name,
    secure: flags.includes('secure'),
    httpOnly: flags.includes('httponly'),
    ...(sameSite !== undefined && { sameSite }),
  }
}

const startOf = ({ body, headers }: Answer): string =>
  textOf(body.bytes.subarray(0, signatureBytes), headers['content-type'])

const isOk = (status: number): boolean => status >= 200 && status <= 299

const listingIn = (answer: Answer): string | undefined =>
  isOk(answer.status) ? listingOf(startOf(answer)) : undefined

/** What a folder's answer shows. */
export const folderOf = (path: string, answer: Answer): Folder => {
  const listing = listingIn(answer)
  return { path, status: answer.status, ...(listing !== undefined && { listing }) }
}

/** What plain HTTP's answer says of HTTPS. */
export const plainHttpOf = (port: number, { status, location, url }: Answer): PlainHttp => {
  const target = location === undefined ? undefined : parseHttpUrl(location, url)
  return {
    port,
    status,
    ...(location !== undefined && { location: recorded(location) }),
    redirectsToHttps: target?.protocol === 'https:',
  }
}

/** The methods of an `Allow` header, RFC 9110 §10.2.1. */
export const allowedIn = (header: string): readonly string[] => {
  const methods = header.slice(0, 2000).toUpperCase().split(',')
  const tokens = methods
    .map((method) => method.trim())
    .filter((method) => /^[A-Z][A-Z-]{0,29}$/u.test(method))
  return [...new Set(tokens)].slice(0, 20)
}

const echoes = ({ status, headers, body }: Answer): boolean =>
  isOk(status) &&
  (/^\s*message\/http/iu.test(headers['content-type'] ?? '') ||
    body.bytes.subarray(0, 6).toString('latin1') === 'TRACE ')

/** What the answers to OPTIONS and TRACE show; undefined: no answer. */
export const methodsOf = (options: Answer | undefined, trace: Answer | undefined): Methods => {
  // IIS names them in a header of its own.
  const allow = options?.headers.allow ?? options?.headers['public']
  return {
    allowed: typeof allow === 'string' ? allowedIn(allow) : [],
    ...(options !== undefined && { optionsStatus: options.status }),
    traceEnabled: trace !== undefined && echoes(trace),
  }
}

type PageAudit = Omit<AuditFacts, 'plainHttp' | 'methods' | 'requests' | 'skipped'>

/** What the page itself shows: its own folder is the first that was asked for. */
export const pageAudit = ({ answer, passed }: Fetched): PageAudit => {
  const defaultPage = isOk(answer.status) ? defaultPageOf(startOf(answer)) : undefined
  return {
    url: shown(answer.url),
    remoteAddress: answer.remoteAddress,
    status: answer.status,
    redirects: redirectsOf(passed),
    headers: securityHeaders(answer.headers),
    software: softwareOf(answer.headers),
    cookies: [...passed, answer]
      .flatMap(({ headers }) => cookiesOf(headers))
      .slice(0, maxCookies)
      .map(cookieAudit),
    ...(defaultPage !== undefined && { defaultPage }),
    folders: [folderOf(bounded(answer.url.pathname), answer)],
  }
}
