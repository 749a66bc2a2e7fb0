/** ICMP echo requests of RFC 792 and RFC 4443, and the tag that finds their answers again. */

/** Written at the start of every payload; an answer is ours only if it brings it back. */
export interface Tag {
  /** Random for each engine. */
  readonly ownerHigh: number
  readonly ownerLow: number
  /** Which exchange, and which of its packets. */
  readonly serial: number
  readonly number: number
}

export interface EchoRequest extends Tag {
  readonly family: 4 | 6
  readonly identifier: number
  readonly sequence: number
  readonly sizeBytes: number
}

export const icmpHeaderBytes = 8
/** Owner (8), serial (4), number (2), two bytes of padding. */
export const tagBytes = 16
/** What a packet carries in its own slot; longer payloads go on in the shared filler. */
export const slotBytes = 64

const echoRequestType = { 4: 8, 6: 128 } as const

/** Byte of the payload after the tag. */
export const fillerByte = (payloadOffset: number): number => payloadOffset & 0xff

const fold = (sum: number): number => {
  const once = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return (once & 0xffff) + (once >>> 16)
}

/** One's complement sum of 16-bit words (RFC 1071), an odd last byte padded with zero. */
export const onesSum = (view: DataView, offset: number, length: number): number => {
  const even = length & ~1
  let sum = 0
  for (let index = 0; index < even; index += 2) sum += view.getUint16(offset + index)
  if (even < length) sum += view.getUint8(offset + even) << 8
  return fold(sum)
}

const fillerSums = new Map<number, number>()

const computeFillerSum = (sizeBytes: number): number => {
  let sum = 0
  for (let offset = tagBytes; offset < sizeBytes; offset += 1)
    sum += offset % 2 === 0 ? fillerByte(offset) << 8 : fillerByte(offset)
  return fold(sum)
}

const fillerSum = (sizeBytes: number): number => {
  const known = fillerSums.get(sizeBytes)
  if (known !== undefined) return known
  const sum = computeFillerSum(sizeBytes)
  fillerSums.set(sizeBytes, sum)
  return sum
}

/**
 * Writes header and tag of a request at `offset`; the filler behind them is already there.
 * The kernel fills in the checksum of ICMPv6, and checksum and identifier of datagram sockets.
 */
export const writeEchoRequest = (view: DataView, offset: number, request: EchoRequest): void => {
  view.setUint16(offset, echoRequestType[request.family] << 8)
  view.setUint16(offset + 2, 0)
  view.setUint16(offset + 4, request.identifier)
  view.setUint16(offset + 6, request.sequence)
  view.setInt32(offset + 8, request.ownerHigh)
  view.setInt32(offset + 12, request.ownerLow)
  view.setUint32(offset + 16, request.serial)
  view.setUint32(offset + 20, request.number << 16)
  if (request.family === 6) return
  const sum = onesSum(view, offset, icmpHeaderBytes + tagBytes) + fillerSum(request.sizeBytes)
  view.setUint16(offset + 2, ~fold(sum) & 0xffff)
}
