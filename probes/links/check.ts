import { type AgentCause, type Cause, agentCauses } from '../../src/core/outcome.ts'
import type { PageLink } from '../net/html/links.ts'
import type { Allowance, Spent } from '../net/http/allowance.ts'
import type { Exchange } from '../net/http/exchange.ts'
import { type Answer, type Fetched, fetchPage } from '../net/http/fetch.ts'
import { redirected } from '../net/http/redirect.ts'

/** What became of one link. */
export type Verdict =
  | { readonly link: PageLink; readonly verdict: 'alive' | 'unknown' | 'unchecked' }
  | { readonly link: PageLink; readonly verdict: 'dead'; readonly status?: number; readonly failure?: Cause }

/** The page that names the links, and how they may be asked for. */
export interface Round {
  /** How the page itself was asked for: its host keeps its address. */
  readonly first: Exchange
  readonly page: Answer
  readonly allowance: Allowance
  readonly concurrency: number
  readonly gapSeconds: number
}

const maxRedirects = 3
const enoughBytes = 1024

const isOurs = (cause: Cause): cause is AgentCause => (agentCauses as readonly string[]).includes(cause)

const request = (
  { first, page, allowance }: Round,
  { url }: PageLink,
  method: 'HEAD' | 'GET',
): Promise<Spent<Fetched>> => {
  const exchange = redirected(first, page.url, url.href) ?? { ...first, url }
  const limits = { bodyLimitBytes: enoughBytes, followRedirects: maxRedirects, ledBy: page.remoteAddress }
  return allowance.spend((signal) => fetchPage({ ...exchange, method }, limits, signal))
}

const isAlive = (spent: Spent<Fetched>): boolean => 'value' in spent && spent.value.answer.status < 400

const verdictOf = (link: PageLink, spent: Spent<Fetched>): Verdict => {
  if ('skipped' in spent) return { link, verdict: 'unchecked' }
  if (isAlive(spent)) return { link, verdict: 'alive' }
  if ('value' in spent) return { link, verdict: 'dead', status: spent.value.answer.status }
  const { cause } = spent.failure
  return isOurs(cause) ? { link, verdict: 'unknown' } : { link, verdict: 'dead', failure: cause }
}

/** HEAD first; what that does not answer well is asked for by GET, since some servers know no HEAD. */
const checkOne = async (round: Round, link: PageLink): Promise<Verdict> => {
  const head = await request(round, link, 'HEAD')
  const isFinal =
    'skipped' in head || isAlive(head) || ('failure' in head && head.failure.cause === 'timeout')
  return verdictOf(link, isFinal ? head : await request(round, link, 'GET'))
}

/** Asks for each link, at most `concurrency` at once, with a pause before each; in the order of the links. */
export const checkLinks = async (links: readonly PageLink[], round: Round): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = []
  const queue = links.entries()
  const work = async (): Promise<void> => {
    for (const [index, link] of queue) {
      if (!(await round.allowance.rest(round.gapSeconds))) return
      verdicts[index] = await checkOne(round, link)
    }
  }
  await Promise.all(Array.from({ length: round.concurrency }, work))
  return verdicts
}
