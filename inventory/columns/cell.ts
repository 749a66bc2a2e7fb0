import { isDeepStrictEqual } from 'node:util'
import { halfWidth } from './half-width.ts'
import type { Words } from './label.ts'
import { codeMeant } from './words.ts'

/**
 * A value as the text of one cell, and back without loss.
 *
 * A cell that begins with an apostrophe is taken literally: what follows is the text itself, or JSON where
 * that begins with `"`, `[` or `{`. So a text that a spreadsheet would run as a formula, that has spaces
 * around it or characters that no cell can hold, is still read back as it was.
 */

export type Format =
  /** Free text; spaces around it are dropped. */
  | { readonly kind: 'text' }
  /** Ids, codes, addresses: full-width characters become half-width. */
  | { readonly kind: 'code' }
  | { readonly kind: 'number' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'word'; readonly words: Words }
  | { readonly kind: 'list'; readonly of: Format }
  | { readonly kind: 'json' }

export type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

const value = (parsed: unknown): Parsed => ({ ok: true, value: parsed })
const problem = (message: string): Parsed => ({ ok: false, message })

const yes = ['是', 'true', 'yes', '1', '√'] as const
const no = ['否', 'false', 'no', '0', '×'] as const
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...yes.map((word) => [word, true] as const),
  ...no.map((word) => [word, false] as const),
])
/** The empty list, where an empty cell means the default. */
const none = '无'

const parseWord = (words: Words, text: string): Parsed => {
  const code = codeMeant(words, text)
  if (code !== undefined) return value(code)
  const expected = Object.entries(words).map(([code, [word]]) => (word === code ? code : `${word} (${code})`))
  return problem(`expected ${expected.join(', ')}, got "${text.trim()}"`)
}

const parseNumber = (text: string): Parsed => {
  const digits = halfWidth(text)
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/iu.test(digits)
    ? value(Number(digits))
    : problem(`expected a number, got "${text.trim()}"`)
}

const parseBoolean = (text: string): Parsed => {
  const parsed = booleans.get(halfWidth(text).toLowerCase())
  return parsed === undefined ? problem(`expected 是 or 否, got "${text.trim()}"`) : value(parsed)
}

const parseJson = (text: string): Parsed => {
  try {
    return value(JSON.parse(text))
  } catch (error) {
    return problem(`expected JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** In free text a comma or semicolon separates only where an address follows it: URLs may contain both. */
const textSeparator = /\s*[，、；]\s*|[,;]?\s+|[,;](?=[a-z]+:\/\/)/iu
const codeSeparator = /[\s,;、]+/u

const split = (of: Format, text: string): readonly string[] =>
  (of.kind === 'text' ? text.split(textSeparator) : halfWidth(text).split(codeSeparator)).filter(
    (item) => item !== '',
  )

const parseList = (of: Format, text: string): Parsed => {
  if (halfWidth(text) === none) return value([])
  const items = split(of, text).map((item) => parsePlain(of, item))
  const messages = items.flatMap((item) => (item.ok ? [] : [item.message]))
  return messages.length > 0
    ? problem(messages.join('; '))
    : value(items.map((item) => (item.ok ? item.value : undefined)))
}

const parsePlain = (format: Format, text: string): Parsed => {
  if (text.trim() === '') return value(undefined)
  switch (format.kind) {
    case 'text':
      return value(text.trim())
    case 'code':
      return value(halfWidth(text))
    case 'number':
      return parseNumber(text)
    case 'boolean':
      return parseBoolean(text)
    case 'word':
      return parseWord(format.words, text)
    case 'list':
      return parseList(format.of, text)
    case 'json':
      return parseJson(text)
  }
}

const parseLiteral = (format: Format, text: string): Parsed => {
  const json = /^["[{]/u.test(text) ? parseJson(text) : undefined
  if (json?.ok === true) return json
  return format.kind === 'text' ? value(text) : parsePlain(format, text)
}

/** The value of a cell; `undefined` for an empty one. */
export const parseCell = (format: Format, text: string): Parsed =>
  text.startsWith("'") ? parseLiteral(format, text.slice(1)) : parsePlain(format, text)

const plainText = (format: Format, content: unknown, fallback: unknown): string => {
  switch (format.kind) {
    case 'boolean':
      return content === true ? yes[0] : no[0]
    case 'word':
      return format.words[content as string]?.[0] ?? String(content)
    case 'list': {
      const items = (content as readonly unknown[]).map((item) => plainText(format.of, item, undefined))
      if (items.length === 0) return isDeepStrictEqual(fallback, []) ? '' : none
      return items.join(format.of.kind === 'text' ? '\n' : '、')
    }
    case 'json':
      return isDeepStrictEqual(content, fallback) ? '' : JSON.stringify(content)
    case 'text':
    case 'code':
    case 'number':
      return String(content)
  }
}

/** What a spreadsheet takes for a formula (OWASP, CSV injection), in either width. */
const formulaStart = /^[=+\-@\t\r＝＋－＠]/u
/** What XML 1.0 cannot hold or Office would read as an escape of its own. */
const unrepresentable = /[^\P{Cc}\n]|[\p{Cs}\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/gu

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const isSafe = (text: string): boolean => !formulaStart.test(text) && text.search(unrepresentable) < 0

/** The text of a cell for a person: nothing of it is there to be read back. */
export const showCell = (format: Format, content: unknown, fallback?: unknown): string =>
  content === undefined ? '' : plainText(format, content, fallback)

/**
 * The text of a cell from which `parseCell` makes the same value again.
 * `fallback` is what the model makes of an empty cell.
 */
export const writeCell = (format: Format, content: unknown, fallback?: unknown): string => {
  if (content === undefined) return ''
  const plain = plainText(format, content, fallback)
  // A word of the table is read back by that table: no need to try it in each of 40,000 rows.
  if (format.kind === 'word' && Object.hasOwn(format.words, content as string)) return plain
  const isFaithful = (text: string): boolean => {
    const parsed = parseCell(format, text)
    return isSafe(text) && parsed.ok && isDeepStrictEqual(parsed.value ?? fallback, content)
  }
  const literal = [plain, `'${plain}`].find(isFaithful)
  return literal ?? `'${JSON.stringify(content).replace(unrepresentable, escapeCharacter)}`
}
