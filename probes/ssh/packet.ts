import { randomBytes } from 'node:crypto'
import type { Parsed } from './identification.ts'

/** RFC 4253 §6.1: what every implementation must take; larger ones before key exchange are no SSH. */
const maxPacketBytes = 35_000
const headBytes = 5
const minPadding = 4
const blockBytes = 8

/** Reads one packet in clear (RFC 4253 §6); its value is the payload. Never throws. */
export const readPacket = (bytes: Buffer): Parsed<Buffer> => {
  if (bytes.length < headBytes) return 'more'
  const length = bytes.readUInt32BE(0)
  if (length < 2 || length > maxPacketBytes)
    return { problem: `expected an SSH packet of at most ${maxPacketBytes} bytes, got one of ${length}` }
  const padding = bytes.readUInt8(4)
  if (padding >= length - 1) return { problem: 'expected an SSH packet, got padding without a message' }
  const end = 4 + length
  if (bytes.length < end) return 'more'
  return { value: bytes.subarray(headBytes, end - padding), used: end }
}

/** Wraps a payload into a packet in clear. */
export const framed = (payload: Buffer): Buffer => {
  const rest = (headBytes + payload.length + minPadding) % blockBytes
  const padding = minPadding + (rest === 0 ? 0 : blockBytes - rest)
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(1 + payload.length + padding, 0)
  head.writeUInt8(padding, 4)
  return Buffer.concat([head, payload, randomBytes(padding)])
}

/** RFC 4251 §5 `string`. */
export const stringOf = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Reads `string`s one after the other from `at`, at most `count`; undefined where one is cut off. */
export const readStrings = (bytes: Buffer, at: number, count: number): readonly Buffer[] | undefined => {
  const strings: Buffer[] = []
  for (let start = at; strings.length < count;) {
    if (start + 4 > bytes.length) return undefined
    const end = start + 4 + bytes.readUInt32BE(start)
    if (end > bytes.length) return undefined
    strings.push(bytes.subarray(start + 4, end))
    start = end
  }
  return strings
}
