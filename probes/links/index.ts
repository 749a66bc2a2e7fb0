import type { Metric } from '../../src/core/metric.ts'
import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { type PageLink, linksOf } from '../net/html/links.ts'
import { createAllowance } from '../net/http/allowance.ts'
import type { Exchange } from '../net/http/exchange.ts'
import { type Fetched, fetchPage, redirectsOf } from '../net/http/fetch.ts'
import { textOf } from '../net/http/page.ts'
import { urlOf } from '../net/http/site.ts'
import { shown } from '../net/http/url.ts'
import { bounded } from '../net/text.ts'
import { type Verdict, checkLinks } from './check.ts'
import type { DeadLink, LinksFacts } from './facts.ts'
import { type LinksSpec, linksSpec } from './spec.ts'

const maxFound = 2000
const maxDead = 50
const maxRedirects = 5

const metrics: readonly Metric<LinksFacts>[] = [
  {
    name: 'yiwang_links_checked',
    help: 'Links of the page that were asked for',
    type: 'gauge',
    read: (facts) => facts.checked,
  },
  {
    name: 'yiwang_links_dead',
    help: 'Links of the page that gave no page',
    type: 'gauge',
    read: (facts) => facts.deadCount,
  },
  {
    name: 'yiwang_links_unchecked',
    help: 'Links of the page that were not asked for: too many, or too slow',
    type: 'gauge',
    read: (facts) => facts.unchecked,
  },
]

const exchangeFor = (spec: LinksSpec): Exchange => ({
  url: new URL(urlOf(spec)),
  address: spec.address,
  family: spec.family,
  method: 'GET',
  headers: { 'user-agent': spec.userAgent },
})

const deadLinks = (verdicts: readonly Verdict[]): readonly DeadLink[] =>
  verdicts.flatMap((each) => {
    if (each.verdict !== 'dead') return []
    const { link, status, failure } = each
    return [
      {
        url: bounded(link.url.href),
        type: link.type,
        ...(status !== undefined && { status }),
        ...(failure !== undefined && { failure }),
      },
    ]
  })

const count = (verdicts: readonly Verdict[], wanted: Verdict['verdict']): number =>
  verdicts.filter(({ verdict }) => verdict === wanted).length

const summary = (
  links: readonly PageLink[],
  verdicts: readonly Verdict[],
  host: string,
): Omit<LinksFacts, 'url' | 'remoteAddress' | 'status' | 'redirects' | 'requests'> => {
  const dead = deadLinks(verdicts)
  const unknown = count(verdicts, 'unknown')
  const checked = count(verdicts, 'alive') + dead.length + unknown
  return {
    found: links.length,
    foundExternal: links.filter(({ url }) => url.host !== host).length,
    checked,
    unchecked: links.length - checked,
    deadCount: dead.length,
    dead: dead.slice(0, maxDead),
    unknown,
  }
}

const pageFacts = ({ answer, passed }: Fetched) => ({
  url: shown(answer.url),
  remoteAddress: answer.remoteAddress,
  status: answer.status,
  redirects: redirectsOf(passed),
})

const linksIn = (spec: LinksSpec, { answer: { body, headers, url } }: Fetched): readonly PageLink[] =>
  linksOf(textOf(body.bytes, headers['content-type']), url, {
    types: new Set(spec.types),
    limit: maxFound,
  }).filter((link) => spec.external || link.url.host === url.host)

/** Dead links (错链断链) of one page: each link asked for once, politely. Up where the page itself is there. */
export const links = defineProbe({
  kind: 'links',
  summary: 'asks for what a web page links to and names the dead links',
  example: 'www.example.com --path / --max-links 50',
  spec: linksSpec,
  metrics,
  intervalSeconds: 86_400,
  run: async (spec, { signal }): Promise<Outcome<LinksFacts>> => {
    const startedAt = performance.now()
    const first = exchangeFor(spec)
    const limits = { bodyLimitBytes: spec.bodyLimitBytes, followRedirects: maxRedirects }
    const fetched = await fetchPage(first, limits, signal)
    const { answer: page } = fetched
    if (page.status < 200 || page.status > 299)
      return down(
        'assertion',
        `expected a page (status 200-299), got ${String(page.status)}`,
        pageFacts(fetched),
      )
    const seconds = spec.timeoutSeconds - (performance.now() - startedAt) / 1000
    const { maxLinks, requestTimeoutSeconds, concurrency, gapSeconds } = spec
    const allowance = createAllowance({ requests: maxLinks * 2, seconds, requestTimeoutSeconds }, signal)
    const found = linksIn(spec, fetched)
    const round = { first, page, allowance, concurrency, gapSeconds }
    const verdicts = await checkLinks(found.slice(0, maxLinks), round)
    return up({
      ...pageFacts(fetched),
      ...summary(found, verdicts, page.url.host),
      requests: allowance.made(),
    })
  },
})
