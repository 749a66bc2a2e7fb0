import { readWords } from './address.ts'
import { type Tag, icmpHeaderBytes, onesSum, tagBytes } from './packet.ts'

/**
 * What arrives at an ICMP socket, read from bytes that anyone may have sent.
 * These functions never throw and never read past `end`; what they do not understand is undefined.
 */

export interface EchoReply {
  readonly kind: 'reply'
  readonly tag: Tag
}

/** An ICMP error about one of our requests: RFC 792, RFC 4443. */
export interface IcmpError {
  readonly kind: 'error'
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
  /** Next-hop MTU of "fragmentation needed" and "packet too big", else 0. */
  readonly mtu: number
  readonly about: QuotedRequest
}

/** The request that an error quotes: 8 bytes of it at least, so that the tag may be cut off. */
export interface QuotedRequest {
  /** Words of the address that the request went to; undefined where the kernel gives it beside the packet. */
  readonly target?: readonly number[]
  readonly identifier: number
  readonly sequence: number
  readonly tag?: Tag
}

export type Message = EchoReply | IcmpError

/** How a socket hands over a message: raw IPv4 with its IP header, all others from the ICMP header on. */
export type Framing = 'ip4' | 'icmp4' | 'icmp6'

const icmp4 = { reply: 0, request: 8, errors: new Set([3, 11, 12]), protocol: 1 } as const
const icmp6 = { reply: 129, request: 128, errors: new Set([1, 2, 3, 4]), protocol: 58 } as const
const fragmentHeader = 44

/** Whether a message type says that a request did not arrive; a redirect, say, does not. */
export const isError = (family: 4 | 6, type: number): boolean =>
  (family === 4 ? icmp4 : icmp6).errors.has(type)

const readTag = (view: DataView, offset: number, end: number): Tag | undefined =>
  offset + tagBytes > end
    ? undefined
    : {
        ownerHigh: view.getInt32(offset),
        ownerLow: view.getInt32(offset + 4),
        serial: view.getUint32(offset + 8),
        number: view.getUint16(offset + 12),
      }

const readReply = (view: DataView, offset: number, end: number): EchoReply | undefined => {
  const tag = readTag(view, offset + icmpHeaderBytes, end)
  return tag && { kind: 'reply', tag }
}

/** Reads the echo request at `offset`, cut off where the quoting router stopped. */
export const readRequest = (
  view: DataView,
  offset: number,
  end: number,
  family: 4 | 6,
): QuotedRequest | undefined => {
  if (offset + icmpHeaderBytes > end) return undefined
  if (view.getUint8(offset) !== (family === 4 ? icmp4 : icmp6).request) return undefined
  const tag = readTag(view, offset + icmpHeaderBytes, end)
  return {
    identifier: view.getUint16(offset + 4),
    sequence: view.getUint16(offset + 6),
    ...(tag && { tag }),
  }
}

/** Where the payload of the IPv4 packet at `offset` begins, if it is a first fragment of this protocol. */
const ip4Payload = (view: DataView, offset: number, end: number): number | undefined => {
  if (offset + 20 > end) return undefined
  const first = view.getUint8(offset)
  const headerBytes = (first & 0x0f) * 4
  const fragmentOffset = view.getUint16(offset + 6) & 0x1fff
  const isOurs = first >> 4 === 4 && headerBytes >= 20 && fragmentOffset === 0
  return isOurs && view.getUint8(offset + 9) === icmp4.protocol ? offset + headerBytes : undefined
}

/** The same for IPv6; the fragment header is the only extension that our requests can get. */
const ip6Payload = (view: DataView, offset: number, end: number): number | undefined => {
  if (offset + 40 > end || view.getUint8(offset) >> 4 !== 6) return undefined
  const next = view.getUint8(offset + 6)
  if (next === icmp6.protocol) return offset + 40
  if (next !== fragmentHeader || offset + 48 > end) return undefined
  const isFirst = view.getUint16(offset + 42) >> 3 === 0
  return isFirst && view.getUint8(offset + 40) === icmp6.protocol ? offset + 48 : undefined
}

const readQuoted4 = (view: DataView, offset: number, end: number): QuotedRequest | undefined => {
  const payload = ip4Payload(view, offset, end)
  const request = payload === undefined ? undefined : readRequest(view, payload, end, 4)
  return request && { ...request, target: readWords(view, offset + 16, 4) }
}

const readQuoted6 = (view: DataView, offset: number, end: number): QuotedRequest | undefined => {
  const payload = ip6Payload(view, offset, end)
  const request = payload === undefined ? undefined : readRequest(view, payload, end, 6)
  return request && { ...request, target: readWords(view, offset + 24, 6) }
}

const readError4 = (view: DataView, offset: number, end: number): IcmpError | undefined => {
  const about = readQuoted4(view, offset + icmpHeaderBytes, end)
  if (about === undefined) return undefined
  const [type, code] = [view.getUint8(offset), view.getUint8(offset + 1)]
  const mtu = type === 3 && code === 4 ? view.getUint16(offset + 6) : 0
  return { kind: 'error', family: 4, type, code, mtu, about }
}

const readError6 = (view: DataView, offset: number, end: number): IcmpError | undefined => {
  const about = readQuoted6(view, offset + icmpHeaderBytes, end)
  if (about === undefined) return undefined
  const [type, code] = [view.getUint8(offset), view.getUint8(offset + 1)]
  const mtu = type === 2 ? view.getUint32(offset + 4) : 0
  return { kind: 'error', family: 6, type, code, mtu, about }
}

const readIcmp4 = (view: DataView, offset: number, end: number): Message | undefined => {
  if (offset + icmpHeaderBytes > end) return undefined
  const type = view.getUint8(offset)
  if (type === icmp4.reply) return readReply(view, offset, end)
  return isError(4, type) ? readError4(view, offset, end) : undefined
}

/** The kernel has checked an ICMPv6 checksum before a socket sees the message. */
const readIcmp6 = (view: DataView, end: number): Message | undefined => {
  if (icmpHeaderBytes > end) return undefined
  const type = view.getUint8(0)
  if (type === icmp6.reply) return readReply(view, 0, end)
  return isError(6, type) ? readError6(view, 0, end) : undefined
}

/** A raw IPv4 socket also gets messages whose checksum is wrong; a message cut short cannot be checked. */
const readIp4 = (view: DataView, end: number, isWhole: boolean): Message | undefined => {
  const offset = ip4Payload(view, 0, end)
  if (offset === undefined || offset > end) return undefined
  if (isWhole && onesSum(view, offset, end - offset) !== 0xffff) return undefined
  return readIcmp4(view, offset, end)
}

/** Reads the first `length` bytes of `view`; `isWhole` is false where the buffer was too small for all of it. */
export const readMessage = (
  framing: Framing,
  view: DataView,
  length: number,
  isWhole: boolean,
): Message | undefined => {
  const end = Math.min(length, view.byteLength)
  if (framing === 'ip4') return readIp4(view, end, isWhole)
  return framing === 'icmp4' ? readIcmp4(view, 0, end) : readIcmp6(view, end)
}
