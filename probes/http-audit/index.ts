import { type Outcome, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { type Allowance, type Spent, createAllowance } from '../net/http/allowance.ts'
import type { Exchange } from '../net/http/exchange.ts'
import { type Answer, type Fetched, ask, fetchPage } from '../net/http/fetch.ts'
import { urlOf } from '../net/http/site.ts'
import { folderOf, methodsOf, pageAudit, plainHttpOf } from './examine.ts'
import type { AuditFacts, Folder, PlainHttp } from './facts.ts'
import { auditMetrics } from './metrics.ts'
import { signatureBytes } from './signatures.ts'
import { type AuditSpec, auditSpec } from './spec.ts'

const maxRequests = 12
const maxRedirects = 3

const valueOf = <Value>(spent: Spent<Value>): Value | undefined =>
  'value' in spent ? spent.value : undefined

const exchangeFor = (spec: AuditSpec, url: URL): Exchange => ({
  url,
  address: spec.address,
  family: spec.family,
  method: 'GET',
  headers: { 'user-agent': spec.userAgent },
})

/** The page's origin as it was reached, for the requests that follow. */
interface Origin {
  readonly exchange: Exchange
  /** Where it was reached, if by a redirect: its addresses are then no longer the spec's own. */
  readonly ledBy: string | undefined
  readonly allowance: Allowance
}

const asked = ({ exchange, ledBy, allowance }: Origin, change: Partial<Exchange>): Promise<Spent<Answer>> =>
  allowance.spend((signal) =>
    ask({ ...exchange, ...change }, { bodyLimitBytes: signatureBytes, ledBy }, signal),
  )

const plainFirst = ({ answer, passed }: Fetched): Answer => passed[0] ?? answer

const askPlain = async (spec: AuditSpec, allowance: Allowance): Promise<PlainHttp | undefined> => {
  const url = new URL(urlOf({ ...spec, scheme: 'http', port: spec.httpPort }))
  const origin = { exchange: exchangeFor(spec, url), ledBy: undefined, allowance }
  const spent = await asked(origin, {})
  if ('skipped' in spent) return undefined
  if ('value' in spent) return plainHttpOf(spec.httpPort, spent.value)
  return { port: spec.httpPort, redirectsToHttps: false, failure: spent.failure.cause }
}

const plainHttp = (
  spec: AuditSpec,
  fetched: Fetched,
  allowance: Allowance,
): Promise<PlainHttp | undefined> => {
  const first = plainFirst(fetched)
  return spec.scheme === 'http'
    ? Promise.resolve(plainHttpOf(spec.port ?? 80, first))
    : askPlain(spec, allowance)
}

const askFolders = async (paths: readonly string[], origin: Origin): Promise<readonly Folder[]> => {
  const folders: Folder[] = []
  for (const path of paths) {
    const spent = await asked(origin, { url: new URL(path, origin.exchange.url) })
    if ('value' in spent) folders.push(folderOf(path, spent.value))
    else if ('failure' in spent) folders.push({ path, failure: spent.failure.cause })
  }
  return folders
}

const originOf = (spec: AuditSpec, { answer, passed }: Fetched, allowance: Allowance): Origin => {
  const isSameHost = answer.url.hostname === new URL(urlOf(spec)).hostname
  const exchange = exchangeFor(spec, answer.url)
  return {
    exchange: isSameHost ? exchange : { ...exchange, address: answer.remoteAddress },
    ledBy: passed.at(-1)?.remoteAddress,
    allowance,
  }
}

const audit = async (spec: AuditSpec, fetched: Fetched, allowance: Allowance): Promise<AuditFacts> => {
  const origin = originOf(spec, fetched, allowance)
  const page = pageAudit(fetched)
  const plain = await plainHttp(spec, fetched, allowance)
  const options = await asked(origin, { method: 'OPTIONS' })
  const trace = await asked(origin, { method: 'TRACE' })
  const folders = await askFolders(spec.listingPaths, origin)
  const wereAsked = !('skipped' in options) && !('skipped' in trace)
  const missed = [plain === undefined, 'skipped' in options, 'skipped' in trace].filter(Boolean).length
  return {
    ...page,
    ...(plain !== undefined && { plainHttp: plain }),
    ...(wereAsked && { methods: methodsOf(valueOf(options), valueOf(trace)) }),
    folders: [...page.folders, ...folders],
    requests: fetched.passed.length + 1 + allowance.made(),
    skipped: missed + spec.listingPaths.length - folders.length,
  }
}

/**
 * How a web site is set up, by at most twelve requests one after the other: security headers, HTTPS redirect,
 * versions, cookies' flags, directory listings, default pages, methods. Up where the page answers at all.
 */
export const httpAudit = defineProbe({
  kind: 'http-audit',
  summary:
    'asks a web site how it is set up: security headers, redirect to HTTPS, cookies, listings, methods',
  example: 'www.example.com',
  spec: auditSpec,
  metrics: auditMetrics,
  intervalSeconds: 21_600,
  run: async (spec, { signal }): Promise<Outcome<AuditFacts>> => {
    const startedAt = performance.now()
    const first = exchangeFor(spec, new URL(urlOf(spec)))
    const limits = { bodyLimitBytes: signatureBytes, followRedirects: maxRedirects }
    const fetched = await fetchPage(first, limits, signal)
    const allowance = createAllowance(
      {
        requests: maxRequests - fetched.passed.length - 1,
        seconds: spec.timeoutSeconds - (performance.now() - startedAt) / 1000,
        requestTimeoutSeconds: spec.requestTimeoutSeconds,
      },
      signal,
    )
    return up(await audit(spec, fetched, allowance))
  },
})
