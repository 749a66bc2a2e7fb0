import { createHash } from 'node:crypto'
import { type Line, type LineType, lineTypes, outlineOf } from '../net/html/outline.ts'
import { digestOf, hostOfPlace } from '../net/html/place.ts'
import type { Answer } from '../net/http/fetch.ts'
import { textOf } from '../net/http/page.ts'
import { type Ignored, ignoring } from './ignore.ts'
import { type KeywordCount, countKeywords } from './spam.ts'
import type { PageSpec } from './spec.ts'

/** A page as it is compared. */
export interface NormalForm {
  readonly lines: readonly Line[]
  readonly title: string
  readonly ignored: readonly Ignored[]
  readonly ignoredCharacters: number
  readonly keywords: readonly KeywordCount[]
}

/** Changes when the same page would get another fingerprint: baselines are to be approved anew then. */
const version = 'yiwang page 1'

export const written = ({ type, value }: Line): string => `${type} ${value}`

const isLineType = (text: string): text is LineType => (lineTypes as readonly string[]).includes(text)

/** A line as `written` gives it; one of another kind is text. */
export const readLine = (text: string): Line => {
  const space = text.indexOf(' ')
  const type = text.slice(0, space)
  return isLineType(type) ? { type, value: text.slice(space + 1) } : { type: 'text', value: text }
}

/** SHA-256 of a normal form, lower-case hex. */
export const fingerprintOf = (lines: readonly Line[]): string =>
  createHash('sha256')
    .update([version, ...lines.map(written), ''].join('\n'))
    .digest('hex')

/** Hosts beside the page's own that its lines name, each once, sorted. */
export const hostsOf = (lines: readonly Line[]): readonly string[] =>
  [
    ...new Set(
      lines
        .filter(({ type }) => type !== 'text' && type !== 'title')
        .flatMap(({ value }) => hostOfPlace(value) ?? []),
    ),
  ].toSorted()

const isText = (contentType: string | undefined): boolean =>
  contentType === undefined || /^\s*(?:text\/|application\/(?:xhtml|xml|json))/iu.test(contentType)

const opaque = (bytes: Buffer): NormalForm => ({
  lines: [{ type: 'text', value: `content ${digestOf(bytes.toString('latin1'))}` }],
  title: '',
  ignored: [],
  ignoredCharacters: 0,
  keywords: [],
})

/**
 * The normal form of an answer: title and text by blocks, and what the page loads, runs and links to.
 * Fragments that are ignored add only what they load from a URL. What is no text is one line with its digest.
 */
export const normalForm = ({ url, headers, body }: Answer, spec: PageSpec): NormalForm => {
  const contentType = headers['content-type']
  if (!isText(contentType)) return opaque(body.bytes)
  const rules = ignoring(spec.ignore)
  const ignoreParameters = new Set(spec.ignoreParameters.map((name) => name.toLowerCase()))
  const common = { page: url, ignoreParameters }
  const { source, pieces } = rules.cut(textOf(body.bytes, contentType))
  const kept = outlineOf(source, { ...common, isIgnored: rules.isIgnored })
  const cut = outlineOf(pieces.join('\n'), { ...common, isIgnored: () => true, isFragment: true })
  return {
    lines: [...kept.lines, ...cut.lines],
    title: kept.title,
    ignored: rules.ignored(),
    ignoredCharacters: kept.ignoredCharacters + cut.ignoredCharacters,
    keywords: countKeywords(spec.keywords, {
      shownText: `${kept.shownText} ${cut.shownText}`,
      hiddenText: `${kept.hiddenText} ${cut.hiddenText}`,
    }),
  }
}
