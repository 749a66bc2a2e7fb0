import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { type Fetched, fetchPage, redirectsOf } from '../net/http/fetch.ts'
import { urlOf } from '../net/http/site.ts'
import { shown } from '../net/http/url.ts'
import { differenceOf } from './difference.ts'
import type { PageFacts } from './facts.ts'
import { pageMetrics } from './metrics.ts'
import { type NormalForm, fingerprintOf, hostsOf, normalForm, readLine, written } from './normal.ts'
import { type PageSpec, pageSpec } from './spec.ts'

const maxHosts = 100
const maxLines = 5000
const maxCharacters = 256 * 1024

/** As many lines as a baseline may have. */
const captured = (lines: readonly string[]): Pick<PageFacts, 'lines' | 'linesTruncated'> => {
  let room = maxCharacters
  const kept = lines.slice(0, maxLines).filter((line) => (room -= line.length) >= 0)
  return { lines: kept, linesTruncated: kept.length < lines.length }
}

type Compared = Pick<PageFacts, 'matchesBaseline' | 'difference'>

const compared = ({ baseline }: PageSpec, { lines }: NormalForm, fingerprint: string): Compared => {
  if (baseline === undefined) return {}
  const approved = baseline.lines?.map(readLine)
  const matchesBaseline = fingerprint === (baseline.sha256 ?? fingerprintOf(approved ?? []))
  return {
    matchesBaseline,
    ...(approved !== undefined && { difference: differenceOf(matchesBaseline ? lines : approved, lines) }),
  }
}

const fingerprintIn = (previous: unknown): unknown =>
  typeof previous === 'object' && previous !== null && 'fingerprint' in previous
    ? previous.fingerprint
    : undefined

const basicFacts = ({ answer, passed }: Fetched) => ({
  url: shown(answer.url),
  remoteAddress: answer.remoteAddress,
  status: answer.status,
  redirects: redirectsOf(passed),
  bodyBytes: answer.body.bytes.length,
  truncated: answer.body.truncated,
  totalSeconds: [...passed, answer].reduce((sum, { seconds }) => sum + seconds, 0),
})

const factsOf = (spec: PageSpec, fetched: Fetched, previous: unknown): PageFacts => {
  const form = normalForm(fetched.answer, spec)
  const fingerprint = fingerprintOf(form.lines)
  const last = fingerprintIn(previous)
  return {
    ...basicFacts(fetched),
    fingerprint,
    title: form.title,
    lineCount: form.lines.length,
    externalHosts: hostsOf(form.lines).slice(0, maxHosts),
    keywords: form.keywords,
    ignored: form.ignored,
    ignoredCharacters: form.ignoredCharacters,
    ...(typeof last === 'string' && { changedSinceLastRun: last !== fingerprint }),
    ...compared(spec, form, fingerprint),
    ...(spec.capture && captured(form.lines.map(written))),
  }
}

const isPage = (status: number): boolean => status >= 200 && status <= 299

/**
 * Page integrity (网页防篡改): a named page's normal form against an approved one.
 * A page that differs is up; what a difference means is judged elsewhere. No page (not 2xx): down.
 */
export const page = defineProbe({
  kind: 'page',
  summary: 'compares a web page with its approved form and names what was added or removed',
  example: 'www.example.com --path / --capture',
  spec: pageSpec,
  metrics: pageMetrics,
  intervalSeconds: 300,
  remembers: true,
  run: async (spec, { signal, previous }): Promise<Outcome<PageFacts>> => {
    const first = {
      url: new URL(urlOf(spec)),
      address: spec.address,
      family: spec.family,
      method: 'GET' as const,
      headers: { 'user-agent': spec.userAgent, accept: 'text/html,*/*;q=0.8' },
    }
    const fetched = await fetchPage(first, spec, signal)
    const { status } = fetched.answer
    return isPage(status)
      ? up(factsOf(spec, fetched, previous))
      : down('assertion', `expected a page (status 200-299), got ${String(status)}`, basicFacts(fetched))
  },
})
