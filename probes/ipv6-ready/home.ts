import type { Allowance, Spent } from '../net/http/allowance.ts'
import type { Failure } from '../net/http/attempt.ts'
import type { Exchange } from '../net/http/exchange.ts'
import { type Answer, type Fetched, fetchPage } from '../net/http/fetch.ts'
import { urlOf } from '../net/http/site.ts'
import type { HomeFacts } from './facts.ts'
import type { ReadinessSpec } from './spec.ts'

/** The home page over one family: what it showed, and a page that it brought. */
export interface Home {
  readonly facts: HomeFacts
  readonly exchange: Exchange
  readonly page?: Answer
  readonly failure?: Failure
}

const maxRedirects = 5
export const isPage = (status: number): boolean => status < 400

export const exchangeOver = (spec: ReadinessSpec, family: 4 | 6, address: string): Exchange => ({
  url: new URL(urlOf(spec)),
  address,
  family,
  method: 'GET',
  headers: { 'user-agent': spec.userAgent },
})

const medianOf = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]

const summarise = (exchange: Exchange, outcomes: readonly Spent<Fetched>[]): Home => {
  const made = outcomes.filter((spent) => !('skipped' in spent))
  const answers = made.flatMap((spent) => ('value' in spent ? [spent.value.answer] : []))
  const failure = made.findLast((spent) => 'failure' in spent)?.failure
  const pages = answers.filter(({ status }) => isPage(status))
  const [page, last] = [pages.at(-1), answers.at(-1)]
  const medianSeconds = medianOf(pages.map(({ seconds }) => seconds))
  return {
    exchange,
    facts: {
      remoteAddress: exchange.address,
      tries: made.length,
      successes: pages.length,
      successRatio: made.length === 0 ? 0 : pages.length / made.length,
      ...(last !== undefined && { status: last.status }),
      ...(medianSeconds !== undefined && { medianSeconds }),
      ...(failure !== undefined && { failure: failure.cause }),
    },
    ...(page !== undefined && { page }),
    ...(failure !== undefined && { failure }),
  }
}

/** Asks for the home page at one address as often as the spec says; redirects stay in the family. */
export const lookAtHome = async (
  spec: ReadinessSpec,
  exchange: Exchange,
  allowance: Allowance,
): Promise<Home> => {
  const limits = { bodyLimitBytes: spec.bodyLimitBytes, followRedirects: maxRedirects }
  const outcomes: Spent<Fetched>[] = []
  for (let each = 0; each < spec.tries; each += 1)
    outcomes.push(await allowance.spend((signal) => fetchPage(exchange, limits, signal)))
  return summarise(exchange, outcomes)
}
