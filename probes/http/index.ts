import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Outcome, type Unknown, down, unknown } from '../../src/core/outcome.ts'
import { type ProbeContext, defineProbe } from '../../src/core/probe.ts'
import { type Body, readBody } from '../net/http/body.ts'
import { cookiesOf } from '../net/http/cookies.ts'
import { type Channel, type Exchange, type Phases, open, send } from '../net/http/exchange.ts'
import { pageBytes, textOf, titleOf } from '../net/http/page.ts'
import { type Redirect, leadsHome, locationOf, recorded, redirected } from '../net/http/redirect.ts'
import { urlOf } from '../net/http/site.ts'
import { shown } from '../net/http/url.ts'
import type { HttpFacts, HttpTlsFacts } from './facts.ts'
import { keptHeaders } from './headers.ts'
import { judge } from './judge.ts'
import { httpMetrics } from './metrics.ts'
import { type HttpSpec, httpSpec } from './spec.ts'

/** What is known on the way from one redirect to the next. */
interface Trip {
  readonly spec: HttpSpec
  readonly first: Exchange
  readonly startedAt: number
  readonly redirects: readonly Redirect[]
  readonly phases: Phases
  /** Where the exchange before this one went to. */
  readonly remoteAddress?: string
}

type Step = { readonly outcome: Outcome<HttpFacts> } | { readonly location: string; readonly trip: Trip }

const noTime: Phases = {
  resolveSeconds: 0,
  connectSeconds: 0,
  tlsSeconds: 0,
  firstByteSeconds: 0,
  transferSeconds: 0,
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000

const sum = (a: Phases, b: Partial<Phases>): Phases => ({
  resolveSeconds: a.resolveSeconds + (b.resolveSeconds ?? 0),
  connectSeconds: a.connectSeconds + (b.connectSeconds ?? 0),
  tlsSeconds: a.tlsSeconds + (b.tlsSeconds ?? 0),
  firstByteSeconds: a.firstByteSeconds + (b.firstByteSeconds ?? 0),
  transferSeconds: a.transferSeconds + (b.transferSeconds ?? 0),
})

const tlsFactsOf = (tls: NonNullable<Channel['tls']>): HttpTlsFacts => {
  const { protocol, cipher, authorized, authorizationError, chain } = tls
  const validTo = chain[0]?.validTo
  return {
    protocol,
    cipher,
    authorized,
    ...(authorizationError !== undefined && { authorizationError }),
    ...(validTo !== undefined && { validTo }),
  }
}

/** Why nothing is sent over this connection, where there is a reason. */
const refusal = ({ tls, remoteAddress }: Channel, trip: Trip): Outcome<HttpFacts> | undefined => {
  const { redirects, spec } = trip
  if (leadsHome(remoteAddress, trip.remoteAddress))
    return down('protocol', `redirected to the prober's own ${remoteAddress}`, { redirects, remoteAddress })
  if (spec.requireTrusted && tls?.authorized === false) {
    const problem = tls.authorizationError ?? 'none'
    const facts = { redirects, remoteAddress, tls: tlsFactsOf(tls) }
    return down('assertion', `expected a trusted certificate, got ${problem}`, facts)
  }
  return undefined
}

const isPage = (contentType: string | undefined): boolean => /html|^$/iu.test(contentType ?? '')

const pageTitle = (body: Body, contentType: string | undefined): string | undefined =>
  isPage(contentType) ? titleOf(textOf(body.bytes.subarray(0, pageBytes), contentType)) : undefined

const factsOf = (response: IncomingMessage, url: URL, channel: Channel, body: Body) => {
  const headers = keptHeaders(response.headers)
  const title = pageTitle(body, headers['content-type'])
  const tls = channel.tls && tlsFactsOf(channel.tls)
  return {
    url: shown(url),
    remoteAddress: channel.remoteAddress,
    status: response.statusCode ?? 0,
    httpVersion: response.httpVersion,
    headers,
    cookies: cookiesOf(response.headers),
    bodyBytes: body.bytes.length,
    bodySha256: hash('sha256', body.bytes),
    truncated: body.truncated,
    ...(title !== undefined && { title }),
    ...(tls !== undefined && { tls }),
  }
}

/** One exchange: its answer judged, or the redirect that it gave. */
const visit = async (exchange: Exchange, trip: Trip, signal: AbortSignal): Promise<Step> => {
  using channel = await open(exchange, signal)
  const refused = refusal(channel, trip)
  if (refused !== undefined) return { outcome: refused }
  const sentAt = performance.now()
  const response = await send(exchange, channel)
  const firstByteSeconds = secondsSince(sentAt)
  const phases = sum(trip.phases, { ...channel.phases, firstByteSeconds })
  const location = trip.spec.followRedirects === 0 ? undefined : locationOf(response)
  if (location !== undefined)
    return {
      location,
      trip: passed({ ...trip, phases, remoteAddress: channel.remoteAddress }, response, location),
    }
  const receivedAt = performance.now()
  const body = await readBody(response, trip.spec.bodyLimitBytes)
  const facts = {
    ...factsOf(response, exchange.url, channel, body),
    redirects: trip.redirects,
    ...sum(phases, { transferSeconds: secondsSince(receivedAt) }),
    totalSeconds: secondsSince(trip.startedAt),
  }
  return { outcome: judge(trip.spec, facts, body) }
}

const passed = (trip: Trip, { statusCode = 0 }: IncomingMessage, location: string): Trip => ({
  ...trip,
  redirects: [...trip.redirects, { status: statusCode, location: recorded(location) }],
})

/** Follows redirects as browsers do: the method stays (it is GET or HEAD), up to the spec's limit. */
const follow = async (exchange: Exchange, trip: Trip, signal: AbortSignal): Promise<Outcome<HttpFacts>> => {
  const step = await visit(exchange, trip, signal)
  if ('outcome' in step) return step.outcome
  const { redirects, phases, spec, first } = step.trip
  if (redirects.length > spec.followRedirects)
    return down('protocol', `more than ${spec.followRedirects} redirects`, { redirects, ...phases })
  const next = redirected(first, exchange.url, step.location)
  if (next === undefined)
    return down('protocol', 'redirected to what is no http or https URL', { redirects, ...phases })
  return follow(next, step.trip, signal)
}

const bearer = (spec: HttpSpec, { credential }: ProbeContext): string | undefined | Unknown => {
  if (spec.credential === undefined) return undefined
  const found = credential(spec.credential)
  if (found === undefined) return unknown('credential', `no credential is named "${spec.credential}"`)
  if (found.kind !== 'bearer')
    return unknown('credential', `expected "${spec.credential}" to be a bearer token, got ${found.kind}`)
  // RFC 6750 §2.1
  return /^[\w.~+/-]+=*$/u.test(found.token)
    ? found.token
    : unknown('credential', `"${spec.credential}" has characters that a bearer token cannot have`)
}

/** HTTP/1.1 (RFC 9112): one GET or HEAD, redirects followed, the answer's status and body judged. */
export const http = defineProbe({
  kind: 'http',
  summary: 'asks a web server for a page and judges status, body and certificate',
  example: 'www.example.com --scheme https --path /',
  spec: httpSpec,
  metrics: httpMetrics,
  run: async (spec, context) => {
    const token = bearer(spec, context)
    if (typeof token === 'object') return token
    const first: Exchange = {
      url: new URL(urlOf(spec)),
      address: spec.address,
      family: spec.family,
      method: spec.method,
      headers: { ...spec.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    }
    const trip = { spec, first, startedAt: performance.now(), redirects: [], phases: noTime }
    return follow(first, trip, context.signal)
  },
})
