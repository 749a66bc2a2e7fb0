import { UsageFault } from '../../src/core/fault.ts'

/** What a file that begins with a mark is in. */
const marks: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

const textOf = (encoding: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Nothing Chinese in it: two bytes of UTF-8 each, which are also one Chinese character of GB 18030. */
const isForeign = (text: string): boolean => /[^\0-\x7f]/u.test(text) && !/[^\0-\u07ff]/u.test(text)

const suggestion = 'save it as "CSV UTF-8", or as .xlsx'
const refuse = (where: string, message: string): UsageFault =>
  new UsageFault([{ where, message, suggestion }])

/**
 * The text of a file without its mark: UTF-8 and UTF-16 by their marks; without one UTF-8, or else GB 18030, which
 * Chinese Excel writes. Throws `UsageFault` for what is no text, and for what may be either.
 */
export const decodeText = (fileName: string, bytes: Uint8Array): string => {
  const marked = marks.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))
  const encodings = marked === undefined ? ['utf-8', 'gb18030'] : [marked[0]]
  const [text, other] = encodings.flatMap((encoding) => textOf(encoding, bytes) ?? [])
  if (text === undefined || text.includes('\0'))
    throw refuse(fileName, 'expected text in UTF-8, UTF-16 with its mark, or GB 18030')
  if (other !== undefined && isForeign(text))
    throw refuse(fileName, 'expected text that is clearly UTF-8 or GB 18030, got what may be either')
  return text
}
