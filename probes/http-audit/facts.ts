import type { Cause } from '../../src/core/outcome.ts'
import type { Redirect } from '../net/http/redirect.ts'
import type { SecurityHeaders } from './policies.ts'
import type { Software } from './software.ts'

/** A cookie by its name; its value is never kept. */
export interface CookieAudit {
  readonly name: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** `strict`, `lax`, `none`, in lower case as it was sent. */
  readonly sameSite?: string
}

/** What plain HTTP answers: a status, or why it did not. */
export interface PlainHttp {
  readonly port: number
  readonly status?: number
  readonly location?: string
  readonly redirectsToHttps: boolean
  readonly failure?: Cause
}

export interface Methods {
  /** As the answer to OPTIONS allows them, at most twenty. */
  readonly allowed: readonly string[]
  readonly optionsStatus?: number
  /** The server sent our TRACE request back (RFC 9110 §9.3.8). */
  readonly traceEnabled: boolean
}

/** A folder that was asked for. */
export interface Folder {
  readonly path: string
  readonly status?: number
  /** Server whose directory listing it is. */
  readonly listing?: string
  readonly failure?: Cause
}

export interface AuditFacts {
  /** Where the page was in the end, without user information. */
  readonly url: string
  readonly remoteAddress: string
  readonly status: number
  readonly redirects: readonly Redirect[]
  readonly headers: SecurityHeaders
  readonly software: readonly Software[]
  readonly cookies: readonly CookieAudit[]
  /** Server whose page "it works" the page is. */
  readonly defaultPage?: string
  /** Absent where count or time of the run did not allow to ask. */
  readonly plainHttp?: PlainHttp
  readonly methods?: Methods
  readonly folders: readonly Folder[]
  readonly requests: number
  /** Requests that count or time of the run did not allow. */
  readonly skipped: number
}
