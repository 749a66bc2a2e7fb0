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

/** Lists the control messages in the first `length` bytes of `view`. */
export const readControl = (view: DataView, length: number): readonly ControlMessage[] => {
  const limit = Math.min(length, view.byteLength)
  const messages: ControlMessage[] = []
  let offset = 0
  while (offset + headerBytes <= limit) {
    const size = view.getUint32(offset, true)
    // The upper half of the length is zero for anything that the kernel wrote.
    if (size < headerBytes || offset + size > limit || view.getUint32(offset + 4, true) !== 0) break
    messages.push({
      level: view.getInt32(offset + 8, true),
      type: view.getInt32(offset + 12, true),
      start: offset + headerBytes,
      end: offset + size,
    })
    offset += align(size)
  }
  return messages
}

const solSocket = 1
/** `SO_TIMESTAMPNS` = `SCM_TIMESTAMPNS`. */
export const timestampOption = 35

/** Seconds of `CLOCK_REALTIME` at which the kernel received the message. */
export const readTimestamp = (view: DataView, length: number): Timespec | undefined => {
  const found = readControl(view, length).find(
    ({ level, type, start, end }) => level === solSocket && type === timestampOption && end - start >= 16,
  )
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
  const wanted = recvErr[family]
  const found = readControl(view, length).find(
    ({ level, type, start, end }) =>
      level === wanted.level && type === wanted.type && end - start >= extendedErrorBytes,
  )
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
