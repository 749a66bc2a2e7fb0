/**
 * BER as SNMP uses it (RFC 3417 §8): one-octet tags, definite lengths.
 *
 * Reading never throws: at the first thing that is not as expected the cursor is unsound for good, stands at its end,
 * and reads 0, nothing and no more elements. Whoever reads asks `isSound` once, at the end.
 */

export const tags = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
} as const

export interface Cursor {
  readonly bytes: Buffer
  at: number
  /** First byte after what is being read. */
  end: number
  isSound: boolean
}

export const cursorOver = (bytes: Buffer): Cursor => ({ bytes, at: 0, end: bytes.length, isSound: true })

/** Marks what is read as not as expected. */
export const spoil = (cursor: Cursor): void => {
  cursor.isSound = false
  cursor.at = cursor.end
}

/** Tag of the next element; 0, which SNMP does not use, where there is none. */
export const peekTag = ({ bytes, at, end }: Cursor): number => (at < end ? (bytes[at] ?? 0) : 0)

const readLongLength = (cursor: Cursor, count: number): number => {
  if (count === 0 || count > 4 || cursor.at + count > cursor.end) return Infinity
  const length = cursor.bytes.readUIntBE(cursor.at, count)
  cursor.at += count
  return length
}

/** Passes tag and length: `at` is the content's first byte then. Returns the content's length, -1 where unsound. */
const readHeader = (cursor: Cursor, tag: number): number => {
  if (peekTag(cursor) !== tag || cursor.at + 1 >= cursor.end) {
    spoil(cursor)
    return -1
  }
  const first = cursor.bytes[cursor.at + 1] ?? 0
  cursor.at += 2
  const length = first < 0x80 ? first : readLongLength(cursor, first & 0x7f)
  if (cursor.at + length <= cursor.end) return length
  spoil(cursor)
  return -1
}

/** Goes into a constructed element; what is returned is for `leave`. */
export const enter = (cursor: Cursor, tag: number): number => {
  const outerEnd = cursor.end
  const length = readHeader(cursor, tag)
  cursor.end = length < 0 ? cursor.at : cursor.at + length
  return outerEnd
}

/** Goes behind the element that was entered, past what of it was not read. */
export const leave = (cursor: Cursor, outerEnd: number): void => {
  cursor.at = cursor.isSound ? cursor.end : outerEnd
  cursor.end = outerEnd
}

const maxIntegerBytes = 5

/** A signed number of 32 bits, or an unsigned one in five octets. */
export const readInteger = (cursor: Cursor): number => {
  const length = readHeader(cursor, tags.integer)
  const start = cursor.at
  if (length < 1 || length > maxIntegerBytes || (length === maxIntegerBytes && cursor.bytes[start] !== 0)) {
    spoil(cursor)
    return 0
  }
  cursor.at += length
  return cursor.bytes.readIntBE(start, length)
}

/** Eight octets of Counter64, and one of sign. */
const maxUnsignedBytes = 9

/**
 * Counter, gauge or time: from 0 on, whether or not the agent wrote the octet of sign. Past 2^53 it is rounded, once.
 */
export const readUnsigned = (cursor: Cursor, tag: number): number => {
  const length = readHeader(cursor, tag)
  const { bytes, at: start } = cursor
  if (length < 1 || length > maxUnsignedBytes || (length === maxUnsignedBytes && bytes[start] !== 0)) {
    spoil(cursor)
    return 0
  }
  cursor.at += length
  if (length <= 6) return bytes.readUIntBE(start, length)
  const upper = bytes.readUIntBE(start, length - 4)
  return upper * 2 ** 32 + bytes.readUInt32BE(cursor.at - 4)
}

/** The content as it is, in the memory of the message. */
export const readOctets = (cursor: Cursor, tag: number = tags.octets): Buffer => {
  const length = Math.max(0, readHeader(cursor, tag))
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

/** The content, one character a byte: what is looked up needs no buffer of its own. */
export const readCharacters = (cursor: Cursor, tag: number): string => {
  const length = Math.max(0, readHeader(cursor, tag))
  cursor.at += length
  return cursor.bytes.toString('latin1', cursor.at - length, cursor.at)
}

/** Bytes that are filled from the end, so that every length is known when it is written. */
export interface Writer {
  readonly bytes: Buffer
  /** First byte that is written. */
  at: number
}

/** More than any message of ours has: a request names some dozens of objects. */
const writerBytes = 16_384

export const createWriter = (): Writer => ({ bytes: Buffer.allocUnsafe(writerBytes), at: writerBytes })

export const putByte = (writer: Writer, byte: number): void => {
  writer.at -= 1
  writer.bytes[writer.at] = byte
}

const putLength = (writer: Writer, length: number): void => {
  if (length < 0x80) {
    putByte(writer, length)
    return
  }
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) putByte(writer, rest & 0xff)
  putByte(writer, length > 0xff ? 0x82 : 0x81)
}

/** Writes tag and length before the content, which ends at `end`. */
export const putHeader = (writer: Writer, tag: number, end: number): void => {
  putLength(writer, end - writer.at)
  putByte(writer, tag)
}

export const putOctets = (writer: Writer, content: Uint8Array, tag: number = tags.octets): void => {
  const end = writer.at
  writer.at -= content.length
  writer.bytes.set(content, writer.at)
  putHeader(writer, tag, end)
}

/** A whole number from 0 to 2^31 - 1; as a counter or gauge to 2^32 - 1. */
export const putInteger = (writer: Writer, value: number, tag: number = tags.integer): void => {
  const end = writer.at
  let rest = value
  do {
    putByte(writer, rest & 0xff)
    rest >>>= 8
  } while (rest > 0)
  if ((writer.bytes[writer.at] ?? 0) >= 0x80) putByte(writer, 0)
  putHeader(writer, tag, end)
}

/** A copy of what is written. */
export const written = ({ bytes, at }: Writer): Buffer => Buffer.from(bytes.subarray(at))
