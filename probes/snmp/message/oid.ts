import { type Cursor, type Writer, putByte, putHeader, readCharacters, spoil, tags } from './ber.ts'

/** RFC 3416 §4.1: at most 128 sub-identifiers, each below 2^32. */
const maxParts = 128
const maxPart = 2 ** 32

/** The first octet holds the first two sub-identifiers (X.690 §8.19.4). */
const firstParts = (joined: number): string => {
  if (joined >= 80) return `2.${joined - 80}`
  return joined >= 40 ? `1.${joined - 40}` : `0.${joined}`
}

/** The content of an OID, one character a byte, in dotted form; undefined where it is none. */
const dotted = (content: string): string | undefined => {
  let text = ''
  let part = 0
  let count = 1
  for (let at = 0; at < content.length; at += 1) {
    const octet = content.charCodeAt(at)
    part = part * 128 + (octet & 0x7f)
    if (part >= maxPart) return undefined
    if (octet >= 0x80) continue
    text = text === '' ? firstParts(part) : `${text}.${part}`
    part = 0
    count += 1
  }
  const isWhole = content.length > 0 && content.charCodeAt(content.length - 1) < 0x80
  return isWhole && count <= maxParts ? text : undefined
}

/** Devices of a kind say the same names again and again. */
const known = new Map<string, string>()
const mostKnown = 8192
const longestKnown = 32

const remembered = (content: string): string | undefined => {
  const before = known.get(content)
  if (before !== undefined || content.length > longestKnown) return before ?? dotted(content)
  const text = dotted(content)
  if (known.size >= mostKnown) known.clear()
  if (text !== undefined) known.set(content, text)
  return text
}

export const readOid = (cursor: Cursor): string => {
  const text = remembered(readCharacters(cursor, tags.oid))
  if (text === undefined) spoil(cursor)
  return text ?? ''
}

const putPart = (writer: Writer, part: number): void => {
  putByte(writer, part % 128)
  for (let rest = Math.floor(part / 128); rest > 0; rest = Math.floor(rest / 128))
    putByte(writer, (rest % 128) | 0x80)
}

/** Writes a dotted OID of at least two sub-identifiers. */
export const putOid = (writer: Writer, oid: string): void => {
  const end = writer.at
  const parts = oid.split('.')
  for (let position = parts.length - 1; position > 1; position -= 1) putPart(writer, Number(parts[position]))
  putPart(writer, Number(parts[0]) * 40 + Number(parts[1]))
  putHeader(writer, tags.oid, end)
}
