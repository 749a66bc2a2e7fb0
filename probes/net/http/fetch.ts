import type { IncomingHttpHeaders } from 'node:http'
import { badMessage } from '../fault.ts'
import type { TlsFacts } from '../secure.ts'
import { type Body, readBody } from './body.ts'
import { type Exchange, open, send } from './exchange.ts'
import { type Redirect, leadsHome, locationOf, recorded, redirected } from './redirect.ts'

/** What one request brought. */
export interface Answer {
  readonly url: URL
  readonly remoteAddress: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Body
  readonly tls?: TlsFacts
  /** Where a redirect leads, as it was sent. */
  readonly location?: string
  /** From the first packet to the last of the body. */
  readonly seconds: number
}

export interface AskLimits {
  readonly bodyLimitBytes: number
  /** Address of the peer whose answer named this URL; undefined where the spec did. */
  readonly ledBy?: string | undefined
}

/**
 * One request, one answer, redirects not followed; the connection is closed.
 * Rejects with what the network did, and with `EBADMSG` where a peer led us to the prober's own addresses:
 * nothing is sent there.
 */
export const ask = async (exchange: Exchange, limits: AskLimits, signal: AbortSignal): Promise<Answer> => {
  const startedAt = performance.now()
  using channel = await open(exchange, signal)
  const { remoteAddress, tls } = channel
  if (leadsHome(remoteAddress, limits.ledBy)) throw badMessage(`led to the prober's own ${remoteAddress}`)
  const response = await send(exchange, channel)
  const body = await readBody(response, limits.bodyLimitBytes)
  const location = locationOf(response)
  return {
    url: exchange.url,
    remoteAddress,
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    ...(tls !== undefined && { tls }),
    ...(location !== undefined && { location }),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

export interface FetchLimits extends AskLimits {
  readonly followRedirects: number
}

export interface Fetched {
  readonly answer: Answer
  /** The answers that redirected on the way to it. */
  readonly passed: readonly Answer[]
}

/**
 * A page by up to `followRedirects` redirects. Rejects as `ask` does, and with `EBADMSG` for more redirects
 * and for one that leads to no http(s) URL.
 */
export const fetchPage = async (
  first: Exchange,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<Fetched> => {
  const passed: Answer[] = []
  let exchange = first
  let answer = await ask(exchange, limits, signal)
  while (answer.location !== undefined && limits.followRedirects > 0) {
    passed.push(answer)
    if (passed.length > limits.followRedirects)
      throw badMessage(`more than ${String(limits.followRedirects)} redirects`)
    const next = redirected(first, exchange.url, answer.location)
    if (next === undefined) throw badMessage('redirected to what is no http or https URL')
    exchange = next
    answer = await ask(exchange, { ...limits, ledBy: answer.remoteAddress }, signal)
  }
  return { answer, passed }
}

/** The redirects that led to a page, for the record. */
export const redirectsOf = (passed: readonly Answer[]): readonly Redirect[] =>
  passed.map(({ status, location = '' }) => ({ status, location: recorded(location) }))
