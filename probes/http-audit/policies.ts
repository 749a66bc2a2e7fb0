import type { IncomingHttpHeaders } from 'node:http'
import { bounded } from '../net/text.ts'

/** Strict-Transport-Security, RFC 6797 §6.1. */
export interface Hsts {
  /** Absent where the header has none that can be read: browsers ignore it then. */
  readonly maxAgeSeconds?: number
  readonly includeSubDomains: boolean
  readonly preload: boolean
}

/** Content-Security-Policy, level 3 §2.2. */
export interface Csp {
  /** Names of the directives, at most thirty. */
  readonly directives: readonly string[]
  readonly unsafeInline: boolean
  readonly unsafeEval: boolean
  readonly frameAncestors?: string
}

/** The headers by which a site guards its pages; what is absent was not sent. */
export interface SecurityHeaders {
  readonly hsts?: Hsts
  readonly csp?: Csp
  readonly cspReportOnly?: boolean
  readonly xFrameOptions?: string
  readonly xContentTypeOptions?: string
  readonly referrerPolicy?: string
  readonly permissionsPolicy?: string
}

const maxHeader = 16_384
const maxDirectives = 30

const directivesOf = (header: string): readonly string[] =>
  header
    .slice(0, maxHeader)
    .split(';')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '')

/** Reads the header's value; where it was sent twice, the first counts. */
export const hstsOf = (header: string): Hsts => {
  const directives = new Map(
    directivesOf(header.replace(/,.*$/su, ''))
      .toReversed()
      .map((directive) => {
        const [name = '', value = ''] = directive.split('=', 2)
        return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/u, '$1')] as const
      }),
  )
  const age = directives.get('max-age') ?? ''
  return {
    ...(/^\d{1,15}$/u.test(age) && { maxAgeSeconds: Number(age) }),
    includeSubDomains: directives.has('includesubdomains'),
    preload: directives.has('preload'),
  }
}

/** Reads the header's value; several policies are read as one. */
export const cspOf = (header: string): Csp => {
  const directives = directivesOf(header.replaceAll(',', ';')).slice(0, maxDirectives)
  const frameAncestors = directives.find((directive) => /^frame-ancestors(?:\s|$)/iu.test(directive))
  return {
    directives: directives.map((directive) => bounded(directive.replace(/\s.*$/su, '').toLowerCase(), 40)),
    unsafeInline: directives.some((directive) => /'unsafe-inline'/iu.test(directive)),
    unsafeEval: directives.some((directive) => /'unsafe-eval'/iu.test(directive)),
    ...(frameAncestors !== undefined && {
      frameAncestors: bounded(frameAncestors.slice('frame-ancestors'.length), 200),
    }),
  }
}

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string'
    ? bounded(value, 300)
    : value === undefined
      ? undefined
      : bounded(value.join(', '), 300)

const policy = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/** What an answer's headers say of the site's care. Never throws. */
export const securityHeaders = (headers: IncomingHttpHeaders): SecurityHeaders => {
  const hsts = policy(headers['strict-transport-security'])
  const csp = policy(headers['content-security-policy'])
  const plain = {
    xFrameOptions: textOf(headers['x-frame-options']),
    xContentTypeOptions: textOf(headers['x-content-type-options']),
    referrerPolicy: textOf(headers['referrer-policy']),
    permissionsPolicy: textOf(headers['permissions-policy']),
  }
  return {
    ...(hsts !== undefined && { hsts: hstsOf(hsts) }),
    ...(csp !== undefined && { csp: cspOf(csp) }),
    ...('content-security-policy-report-only' in headers && { cspReportOnly: true }),
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
  }
}
