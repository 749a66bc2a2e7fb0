import type { CookieFacts } from '../net/http/cookies.ts'
import type { Phases } from '../net/http/exchange.ts'
import type { Redirect } from '../net/http/redirect.ts'

/** What the last https exchange showed of TLS; the kind `tls` tells the whole. */
export interface HttpTlsFacts {
  readonly protocol: string
  readonly cipher: string
  readonly authorized: boolean
  readonly authorizationError?: string
  /** ISO 8601. */
  readonly validTo?: string
}

export interface HttpFacts extends Phases {
  /** Where the last exchange went, without user information. */
  readonly url: string
  readonly remoteAddress: string
  readonly status: number
  readonly httpVersion: string
  readonly redirects: readonly Redirect[]
  /** Those that say something of the server's care; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly CookieFacts[]
  /** After decompression. */
  readonly bodyBytes: number
  /** Lower-case hex, of the bytes that were read, after decompression. */
  readonly bodySha256: string
  /** The body was longer than `bodyLimitBytes`. */
  readonly truncated: boolean
  readonly title?: string
  readonly tls?: HttpTlsFacts
  readonly totalSeconds: number
}
