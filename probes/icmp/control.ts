import { readWords } from './address.ts'

/** Control messages of recvmsg(2) on 64-bit little-endian Linux. Never throws, never reads past `end`. */

export interface ControlMessage {
  readonly level: number
  readonly type: number
  /** Where its data lies in the view. */
  readonly start: number
  readonly end: number
}

const headerBytes = 16
const align = (length: number): number => (length + 7) & ~7

type Wanted = Pick<ControlMessage, 'level' | 'type'> & { readonly bytes: number }

const readHeader = (view: DataView, offset: number, limit: number): ControlMessage | undefined => {
  if (offset + headerBytes > limit) return undefined
  const size = view.getUint32(offset, true)
  // The upper half of the length is zero for anything that the kernel wrote.
  if (size < headerBytes || offset + size > limit || view.getUint32(offset + 4, true) !== 0) return undefined
  return {
    level: view.getInt32(offset + 8, true),
    type: view.getInt32(offset + 12, true),
    start: offset + headerBytes,
    end: offset + size,
  }
}

/** Finds a control message that has at least so many bytes, in the first `length` of `view`. */
export const findControl = (view: DataView, length: number, wanted: Wanted): ControlMessage | undefined => {
  const limit = Math.min(length, view.byteLength)
  let message = readHeader(view, 0, limit)
  while (message !== undefined) {
    const { level, type, start, end } = message
    if (level === wanted.level && type === wanted.type && end - start >= wanted.bytes) return message
    message = readHeader(view, align(end), limit)
  }
  return undefined
}

const solSocket = 1
/** `SO_TIMESTAMPNS` = `SCM_TIMESTAMPNS`. */
export const timestampOption = 35

const timestamp = { level: solSocket, type: timestampOption, bytes: 16 } as const

/** Seconds of `CLOCK_REALTIME` at which the kernel received the message. */
export const readTimestamp = (view: DataView, length: number): Timespec | undefined => {
  const found = findControl(view, length, timestamp)
  return found && readTimespec(view, found.start)
}

/** Seconds and nanoseconds kept apart: together they do not fit a double. */
export interface Timespec {
  readonly seconds: number
  readonly nanoseconds: number
}

/** A `struct timespec`; seconds are read as 32 bits of 64 (until 2106). */
export const readTimespec = (view: DataView, offset: number): Timespec => ({
  seconds: view.getUint32(offset, true),
  nanoseconds: view.getUint32(offset + 8, true),
})

/** `struct sock_extended_err` with the router that sent the error. */
export interface ExtendedError {
  readonly type: number
  readonly code: number
  readonly info: number
  readonly offender: readonly number[] | undefined
}

const recvErr = { 4: { level: 0, type: 11 }, 6: { level: 41, type: 25 } } as const
const originIcmp = { 4: 2, 6: 3 } as const
const extendedErrorBytes = 16
const offenderOffset = { 4: 4, 6: 8 } as const
const offenderBytes = { 4: 8, 6: 24 } as const

/** The ICMP error that a datagram socket's error queue describes; local errors are not ICMP's. */
export const readExtendedError = (
  view: DataView,
  length: number,
  family: 4 | 6,
): ExtendedError | undefined => {
  const found = findControl(view, length, { ...recvErr[family], bytes: extendedErrorBytes })
  if (found === undefined || view.getUint8(found.start + 4) !== originIcmp[family]) return undefined
  const sockaddr = found.start + extendedErrorBytes
  return {
    type: view.getUint8(found.start + 5),
    code: view.getUint8(found.start + 6),
    info: view.getUint32(found.start + 8, true),
    offender:
      sockaddr + offenderBytes[family] <= found.end
        ? readWords(view, sockaddr + offenderOffset[family], family)
        : undefined,
  }
}
