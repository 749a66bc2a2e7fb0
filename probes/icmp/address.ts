import { isIPv6 } from 'node:net'
import { libc } from './libc.ts'

/** An IP address as the kernel keeps it. */
export interface Address {
  readonly family: 4 | 6
  readonly text: string
  /** One (IPv4) or four (IPv6) 32-bit words in memory order, signed: small integers to V8. */
  readonly words: readonly number[]
  /** Interface of a link-local address, else 0. */
  readonly scopeId: number
}

/** `AF_INET`, `AF_INET6` of Linux. */
export const addressFamily = { 4: 2, 6: 10 } as const

const scratch = new DataView(new ArrayBuffer(16))
const scratchBytes = new Uint8Array(scratch.buffer)

/** Reads the words of an address from memory. */
export const readWords = (view: DataView, offset: number, family: 4 | 6): readonly number[] =>
  family === 4
    ? [view.getInt32(offset, true)]
    : [0, 4, 8, 12].map((shift) => view.getInt32(offset + shift, true))

const scopeOf = (zone: string): number => (/^\d+$/u.test(zone) ? Number(zone) : libc().ifNametoindex(zone))

const dot = 0x2e
const zero = 0x30
const longestIp4 = '255.255.255.255'.length

/** The word of four octets in decimal without leading zeros, as inet_pton(3) wants them; undefined for other text. */
const wordOf = (text: string): number | undefined => {
  if (text.length > longestIp4) return undefined
  let [word, shift, octet] = [0, 0, NaN]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === dot && octet <= 255 && shift < 24) {
      word |= octet << shift
      shift += 8
      octet = NaN
    } else if (code >= zero && code <= zero + 9 && octet !== 0)
      octet = (Number.isNaN(octet) ? 0 : octet * 10) + code - zero
    else return undefined
  }
  return octet <= 255 && shift === 24 ? word | (octet << shift) : undefined
}

/** Parses an IPv4 literal; undefined for anything else. */
export const parseIp4 = (text: string): Address | undefined => {
  const word = wordOf(text)
  return word === undefined ? undefined : { family: 4, text, words: [word], scopeId: 0 }
}

const parseIp6 = (text: string): Address | undefined => {
  if (!isIPv6(text)) return undefined
  const [literal = text, zone] = text.split('%', 2)
  if (libc().inetPton(addressFamily[6], literal, scratchBytes) !== 1) return undefined
  return {
    family: 6,
    text,
    words: readWords(scratch, 0, 6),
    scopeId: zone === undefined ? 0 : scopeOf(zone),
  }
}

/** Parses an IPv4 or IPv6 literal (with `%zone`); undefined for a name. */
export const parseAddress = (text: string): Address | undefined => parseIp4(text) ?? parseIp6(text)

/** Whether two addresses of one family are equal. */
export const isSame = (left: readonly number[], right: readonly number[]): boolean =>
  left.every((word, index) => word === right[index])

const byteAt = (words: readonly number[], index: number): number =>
  ((words[index >> 2] ?? 0) >>> ((index & 3) * 8)) & 0xff

/** Text of an address read from a packet (RFC 5952 without the shortening of zeros). */
export const formatWords = (words: readonly number[]): string => {
  if (words.length === 1) return [0, 1, 2, 3].map((index) => byteAt(words, index)).join('.')
  return Array.from({ length: 8 }, (_, group) =>
    ((byteAt(words, group * 2) << 8) | byteAt(words, group * 2 + 1)).toString(16),
  ).join(':')
}
