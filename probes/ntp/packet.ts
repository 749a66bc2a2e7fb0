/** RFC 5905 §7.3, the 48 octets before any extension. Times are 64-bit: seconds since 1900 and a binary fraction. */

export const headerBytes = 48

/** RFC 5905 figure 9. */
export const leaps = ['none', 'add', 'delete', 'unsynchronised'] as const
export type Leap = (typeof leaps)[number]

export interface NtpReply {
  readonly leap: Leap
  readonly version: number
  /** As sent; 0 is a kiss-o'-death or a server without time. */
  readonly stratum: number
  readonly precisionSeconds: number
  readonly rootDelaySeconds: number
  readonly rootDispersionSeconds: number
  readonly referenceId: number
  readonly reference: bigint
  /** Our nonce, given back. */
  readonly origin: bigint
  readonly received: bigint
  readonly transmitted: bigint
}

const clientVersion4 = 0x23
const serverMode = 4
const shortFraction = 2 ** 16

/**
 * A client's request. Its transmit time is a nonce, and nothing else is filled in: the server does not need
 * our clock, and whoever cannot see the request cannot forge the answer (RFC 9109, draft-ietf-ntp-data-minimization).
 */
export const encodeRequest = (nonce: bigint): Buffer => {
  const bytes = Buffer.alloc(headerBytes)
  bytes[0] = clientVersion4
  bytes.writeBigUInt64BE(nonce, 40)
  return bytes
}

/** Reads a server's answer; undefined for bytes that are none. Never throws. */
export const decodeReply = (bytes: Buffer): NtpReply | undefined => {
  if (bytes.length < headerBytes) return undefined
  const first = bytes.readUInt8(0)
  const version = (first >> 3) & 7
  const leap = leaps[first >> 6]
  if ((first & 7) !== serverMode || version === 0 || leap === undefined) return undefined
  return {
    leap,
    version,
    stratum: bytes.readUInt8(1),
    precisionSeconds: 2 ** bytes.readInt8(3),
    rootDelaySeconds: bytes.readInt32BE(4) / shortFraction,
    rootDispersionSeconds: bytes.readUInt32BE(8) / shortFraction,
    referenceId: bytes.readUInt32BE(12),
    reference: bytes.readBigUInt64BE(16),
    origin: bytes.readBigUInt64BE(24),
    received: bytes.readBigUInt64BE(32),
    transmitted: bytes.readBigUInt64BE(40),
  }
}

const octetsOf = (word: number): readonly number[] => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff)

const isPrintable = (octet: number): boolean => octet > 0x20 && octet < 0x7f

/** Four ASCII characters, filled up with zeros: a kiss code or a reference clock; undefined for anything else. */
export const codeOf = (referenceId: number): string | undefined => {
  const octets = octetsOf(referenceId)
  const end = octets.indexOf(0)
  const text = end === -1 ? octets : octets.slice(0, end)
  const isCode =
    text.length > 0 && text.every(isPrintable) && octets.slice(text.length).every((octet) => !octet)
  return isCode ? String.fromCharCode(...text) : undefined
}

/** `GPS` of a primary server; of others the dotted quad (an IPv4 address, or of an IPv6 one's hash). */
export const referenceOf = ({ stratum, referenceId }: NtpReply): string =>
  (stratum <= 1 ? codeOf(referenceId) : undefined) ?? octetsOf(referenceId).join('.')
