import { linksOf } from '../net/html/links.ts'
import type { Allowance } from '../net/http/allowance.ts'
import type { Exchange } from '../net/http/exchange.ts'
import { type Answer, fetchPage } from '../net/http/fetch.ts'
import { textOf } from '../net/http/page.ts'
import { redirected } from '../net/http/redirect.ts'
import { bounded } from '../net/text.ts'
import type { LevelFacts, UnsupportedLink } from './facts.ts'
import { isPage } from './home.ts'

export interface Surroundings {
  /** How the home page is asked for over IPv6. */
  readonly first: Exchange
  readonly sampleLinks: number
  readonly allowance: Allowance
}

export interface Levels {
  readonly secondLevel: LevelFacts
  readonly thirdLevel: LevelFacts
}

const maxFound = 2000
const maxUnsupported = 10
const maxRedirects = 3
const bodyLimitBytes = 256 * 1024
const types = new Set(['link'] as const)

/** The site's own name, with or without `www`. */
const domainOf = ({ hostname }: URL): string => hostname.replace(/^www\./u, '')

/** Whether a URL belongs to the site: its host, or one below it. */
export const isInternal = (url: URL, home: URL): boolean => {
  const domain = domainOf(home)
  return url.hostname === home.hostname || url.hostname === domain || url.hostname.endsWith(`.${domain}`)
}

const internalLinks = ({ url, body, headers }: Answer, home: URL): readonly URL[] =>
  linksOf(textOf(body.bytes, headers['content-type']), url, { types, limit: maxFound })
    .map((link) => link.url)
    .filter((link) => isInternal(link, home))

const unseen = (urls: readonly URL[], seen: ReadonlySet<string>): readonly URL[] =>
  [...new Map(urls.map((url) => [url.href, url])).values()]
    .filter(({ href }) => !seen.has(href))
    .slice(0, maxFound)

/** At most `count`, spread evenly over the list: the top of a page is its menu. */
export const spread = <Item>(items: readonly Item[], count: number): readonly Item[] =>
  items.length <= count
    ? items
    : items.filter(
        (_, index) =>
          Math.floor((index * count) / items.length) !== Math.floor(((index - 1) * count) / items.length),
      )

interface Checked {
  readonly level: LevelFacts
  readonly pages: readonly Answer[]
}

const levelFacts = (
  found: number,
  supported: number,
  unsupported: readonly UnsupportedLink[],
): LevelFacts => {
  const checked = supported + unsupported.length
  return {
    found,
    checked,
    supported,
    ...(checked > 0 && { supportRatio: supported / checked }),
    unsupported: unsupported.slice(0, maxUnsupported),
  }
}

const check = async (
  urls: readonly URL[],
  ledBy: Answer,
  { first, sampleLinks, allowance }: Surroundings,
): Promise<Checked> => {
  const pages: Answer[] = []
  const unsupported: UnsupportedLink[] = []
  const limits = { bodyLimitBytes, followRedirects: maxRedirects, ledBy: ledBy.remoteAddress }
  for (const url of spread(urls, sampleLinks)) {
    const exchange = redirected(first, ledBy.url, url.href) ?? { ...first, url }
    const spent = await allowance.spend((signal) => fetchPage(exchange, limits, signal))
    const shownUrl = bounded(url.href)
    if ('failure' in spent) unsupported.push({ url: shownUrl, failure: spent.failure.cause })
    else if ('value' in spent && isPage(spent.value.answer.status)) pages.push(spent.value.answer)
    else if ('value' in spent) unsupported.push({ url: shownUrl, status: spent.value.answer.status })
  }
  return { level: levelFacts(urls.length, pages.length, unsupported), pages }
}

/** Whether what a home page links to, and what that links to, is there over IPv6: a sample of each. */
export const checkLevels = async (home: Answer, surroundings: Surroundings): Promise<Levels> => {
  const seen = new Set([home.url.href, surroundings.first.url.href])
  const second = unseen(internalLinks(home, home.url), seen)
  const { level: secondLevel, pages } = await check(second, home, surroundings)
  const known = new Set([...seen, ...second.map(({ href }) => href)])
  const third = unseen(
    pages.flatMap((page) => internalLinks(page, home.url)),
    known,
  )
  const { level: thirdLevel } = await check(third, home, surroundings)
  return { secondLevel, thirdLevel }
}
