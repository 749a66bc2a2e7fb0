import type { Metric } from '../../src/core/metric.ts'
import type { AuditFacts, CookieAudit } from './facts.ts'
import type { SecurityHeaders } from './policies.ts'

/** Header as the label of `yiwang_http_audit_header_present` says it. */
const presence: Readonly<Record<string, (headers: SecurityHeaders) => boolean>> = {
  'strict-transport-security': ({ hsts }) => hsts !== undefined,
  'content-security-policy': ({ csp }) => csp !== undefined,
  'x-frame-options': ({ xFrameOptions, csp }) =>
    xFrameOptions !== undefined || csp?.frameAncestors !== undefined,
  'x-content-type-options': ({ xContentTypeOptions }) => xContentTypeOptions !== undefined,
  'referrer-policy': ({ referrerPolicy }) => referrerPolicy !== undefined,
  'permissions-policy': ({ permissionsPolicy }) => permissionsPolicy !== undefined,
}

const lacks: Readonly<Record<string, (cookie: CookieAudit) => boolean>> = {
  secure: ({ secure }) => !secure,
  httponly: ({ httpOnly }) => !httpOnly,
  samesite: ({ sameSite }) => sameSite === undefined,
}

const flag = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value)

/** What the kind `http-audit` shows in Prometheus. */
export const auditMetrics: readonly Metric<AuditFacts>[] = [
  {
    name: 'yiwang_http_audit_header_present',
    help: 'Whether the page has the security header; x-frame-options also by frame-ancestors',
    type: 'gauge',
    labels: ['header'],
    read: ({ headers }) =>
      headers &&
      Object.entries(presence).map(([header, isPresent]) => ({
        value: Number(isPresent(headers)),
        labels: { header },
      })),
  },
  {
    name: 'yiwang_http_audit_hsts_max_age_seconds',
    help: 'How long browsers are told to ask by HTTPS only',
    type: 'gauge',
    unit: 'seconds',
    read: ({ headers }) => headers?.hsts?.maxAgeSeconds,
  },
  {
    name: 'yiwang_http_audit_https_redirect',
    help: 'Whether plain HTTP redirects to HTTPS',
    type: 'gauge',
    read: ({ plainHttp }) => flag(plainHttp?.redirectsToHttps),
  },
  {
    name: 'yiwang_http_audit_directory_listings',
    help: 'Folders that show their files',
    type: 'gauge',
    read: ({ folders }) => folders?.filter(({ listing }) => listing !== undefined).length,
  },
  {
    name: 'yiwang_http_audit_default_page',
    help: 'Whether the page is one that a web server comes with',
    type: 'gauge',
    read: ({ url, defaultPage }) => flag(url === undefined ? undefined : defaultPage !== undefined),
  },
  {
    name: 'yiwang_http_audit_trace_enabled',
    help: 'Whether the server answers TRACE with what was sent',
    type: 'gauge',
    read: ({ methods }) => flag(methods?.traceEnabled),
  },
  {
    name: 'yiwang_http_audit_cookies_without_flag',
    help: 'Cookies that are set without the flag',
    type: 'gauge',
    labels: ['flag'],
    read: ({ cookies }) =>
      cookies &&
      Object.entries(lacks).map(([name, isWithout]) => ({
        value: cookies.filter(isWithout).length,
        labels: { flag: name },
      })),
  },
  {
    name: 'yiwang_http_audit_versions_disclosed',
    help: 'Products whose version the headers tell',
    type: 'gauge',
    read: ({ software }) => software?.filter(({ version }) => version !== undefined).length,
  },
]
