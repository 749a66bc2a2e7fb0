/** Presentation language of TLS (RFC 8446 §3): big-endian numbers, vectors with their length before them. */

export const uint8 = (value: number): Buffer => Buffer.of(value)

export const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)

export const uint16s = (values: readonly number[]): Buffer => Buffer.concat(values.map(uint16))

const uint24 = (value: number): Buffer => Buffer.of(value >> 16, (value >> 8) & 0xff, value & 0xff)

/** A vector `<0..2^8-1>`. */
export const vector8 = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint8(body.length), body])
}

/** A vector `<0..2^16-1>`. */
export const vector16 = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint16(body.length), body])
}

/** A vector `<0..2^24-1>`. */
export const vector24 = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint24(body.length), body])
}

/** Reads forward through a message. Reading past its end leaves the decoder (see `decode`). */
export interface Cursor {
  readonly uint8: () => number
  readonly uint16: () => number
  readonly bytes: (length: number) => Buffer
  readonly vector8: () => Buffer
  readonly vector16: () => Buffer
  readonly vector24: () => Buffer
  readonly isAtEnd: () => boolean
}

const tooShort = new Error('the message ends before its content does')

const cursorOver = (message: Buffer): Cursor => {
  let at = 0
  const bytes = (length: number): Buffer => {
    if (at + length > message.length) throw tooShort
    at += length
    return message.subarray(at - length, at)
  }
  const number = (length: number): number => bytes(length).readUIntBE(0, length)
  return {
    uint8: () => number(1),
    uint16: () => number(2),
    bytes,
    vector8: () => bytes(number(1)),
    vector16: () => bytes(number(2)),
    vector24: () => bytes(number(3)),
    isAtEnd: () => at === message.length,
  }
}

/** What `read` makes of a peer's message; undefined where the message ends before `read` does. */
export const decode = <Value>(message: Buffer, read: (cursor: Cursor) => Value): Value | undefined => {
  try {
    return read(cursorOver(message))
  } catch (error) {
    if (error === tooShort) return undefined
    throw error
  }
}

/** Every item of a vector, at most `limit` of them. */
export const items = <Item>(
  vector: Buffer,
  limit: number,
  read: (cursor: Cursor) => Item,
): readonly Item[] => {
  const cursor = cursorOver(vector)
  const found: Item[] = []
  while (!cursor.isAtEnd() && found.length < limit) found.push(read(cursor))
  return found
}
