/** Distinguished encoding rules (ITU-T X.690), as much of them as a certificate needs. All functions return DER. */

const lengthOf = (length: number): Buffer => {
  if (length < 0x80) return Buffer.of(length)
  const octets = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.of(0x80 | octets.length), octets])
}

/** Tag, length, content; contents up to 65,535 octets. */
const element = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  if (body.length > 0xffff) throw new RangeError(`expected at most 65535 octets, got ${body.length}`)
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body])
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => element(0x30, ...items)
export const set = (...items: readonly Uint8Array[]): Buffer => element(0x31, ...items)
export const octetString = (content: Uint8Array): Buffer => element(0x04, content)
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'))
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.of(value ? 0xff : 0x00))

/** A positive integer from its big-endian octets; a leading one bit gets the zero octet that keeps it positive. */
export const integer = (magnitude: Uint8Array): Buffer =>
  element(0x02, ...((magnitude[0] ?? 0) & 0x80 ? [Buffer.of(0)] : []), magnitude)

/** `unusedBits` of the last octet carry no meaning (X.690 §8.6.2). */
export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  element(0x03, Buffer.of(unusedBits), content)

/** `[number]` around DER (explicit tagging). */
export const explicit = (number: number, content: Uint8Array): Buffer => element(0xa0 | number, content)

/** `[number]` in place of a primitive's own tag (implicit tagging). */
export const implicit = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content)

const base128 = (arc: number): readonly number[] =>
  arc < 0x80 ? [arc] : [...base128(Math.floor(arc / 0x80)).map((octet) => octet | 0x80), arc % 0x80]

/** Dotted notation, at least two arcs. */
export const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5); whole seconds, UTC. */
export const time = (date: Date): Buffer => {
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/gu, '')}Z`
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : element(0x18, Buffer.from(digits, 'ascii'))
}
