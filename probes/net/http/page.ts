import { TextDecoder } from 'node:util'
import { bounded } from '../text.ts'

/** How much of a page is read for its charset declaration (HTML standard §4.2.5.4) and for its title. */
const prescanBytes = 1024
export const pageBytes = 64 * 1024

const decoderFor = (label: string | undefined): TextDecoder | undefined => {
  try {
    return label === undefined ? undefined : new TextDecoder(label)
  } catch {
    return undefined
  }
}

const charsetIn = (text: string): string | undefined =>
  /charset\s{0,10}=\s{0,10}["']?\s{0,10}([\w:.-]{1,40})/iu.exec(text)?.[1]

const byteOrderMark = (bytes: Buffer): string | undefined => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

/** A body as text: by its byte order mark, the header, the page's own declaration, else UTF-8. Never throws. */
export const textOf = (bytes: Buffer, contentType = ''): string => {
  const declared = (): string | undefined => charsetIn(bytes.toString('latin1', 0, prescanBytes))
  const decoder =
    decoderFor(byteOrderMark(bytes)) ?? decoderFor(charsetIn(contentType)) ?? decoderFor(declared())
  return (decoder ?? new TextDecoder()).decode(bytes)
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

const maxCodePoint = 0x10ffff

const character = (digits: string, radix: 10 | 16): string => {
  const code = Number.parseInt(digits, radix)
  return code <= maxCodePoint ? String.fromCodePoint(code) : '\ufffd'
}

const unescaped = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));/giu,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return character(hex, 16)
      if (decimal !== undefined) return character(decimal, 10)
      return entities[name?.toLowerCase() ?? ''] ?? whole
    },
  )

/** The page's title as one bounded line, or undefined where it has none. Never throws. */
export const titleOf = (text: string): string | undefined => {
  const inner = /<title(?:\s[^>]{0,200})?>([^<]{0,2000})/iu.exec(text)?.[1]
  if (inner === undefined) return undefined
  const title = bounded(unescaped(inner).replace(/\s+/gu, ' '), 200)
  return title === '' ? undefined : title
}
