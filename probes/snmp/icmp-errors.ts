import { getSystemErrorName } from 'node:util'
import { type Foreign, foreign, isKnownLayout } from '../net/foreign.ts'

/**
 * A UDP socket that is not connected hears of no ICMP error, unless Linux is asked to keep them for it
 * (ip(7), `IP_RECVERR`): they then lie in a queue beside the datagrams. Node has no word for either.
 */

/** An ICMP error, or one of our own machine, about a datagram that went to `port` of `address`. */
export interface PathError {
  /** IPv4 dotted; IPv6 as eight groups, which nobody shortened. */
  readonly address: string
  readonly port: number
  /** `ECONNREFUSED` */
  readonly code: string
}

const domain = { 4: 2, 6: 10 } as const
const datagram = 2
const flags = { nonblock: 0o4000, cloexec: 0o2000000 } as const
const level = { 4: 0, 6: 41 } as const
const receiveErrors = { 4: 11, 6: 25 } as const
const fromErrorQueue = 0x2000 | 0x40

interface Calls extends Pick<Foreign, 'addressOf'> {
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly close: (fd: number) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array) => number
  readonly recvmsg: (fd: number, header: Uint8Array, flags: number) => number
}

type Call = (...parameters: readonly (number | Uint8Array)[]) => number

const bindCalls = ({ library, addressOf }: Foreign): Calls => {
  const setsockopt: Call = library.func('int setsockopt(int, int, int, void *, uint)')
  return {
    socket: library.func('int socket(int, int, int)'),
    close: library.func('int close(int)'),
    setsockopt: (fd, option, name, value) => setsockopt(fd, option, name, value, value.length),
    recvmsg: library.func('long recvmsg(int, void *, int)'),
    addressOf,
  }
}

let bound: Calls | undefined
const calls = (): Calls => (bound ??= bindCalls(foreign()))

/**
 * A UDP socket whose ICMP errors can be read by `readPathErrors`, not bound yet; undefined where this system has no
 * such thing: an unreachable port is silent there.
 */
export const openErrorAware = (family: 4 | 6): number | undefined => {
  if (!isKnownLayout) return undefined
  const { socket, setsockopt, close } = calls()
  const fd = socket(domain[family], datagram | flags.nonblock | flags.cloexec, 0)
  if (fd < 0) return undefined
  const one = new Uint8Array(new ArrayBuffer(4)).fill(1, 0, 1)
  if (setsockopt(fd, level[family], receiveErrors[family], one) === 0) return fd
  close(fd)
  return undefined
}

/** Offsets in `struct msghdr`, and where what it points to lies behind it. */
const header = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  bytes: 56,
} as const
const layout = { vector: 56, name: 72, control: 104, bytes: 232 } as const
const nameBytes = 28
const controlBytes = 128
/** `struct cmsghdr`, then `ee_errno` of `struct sock_extended_err`. */
const control = { level: 8, type: 12, errno: 16, end: 32 } as const

interface Inbox {
  readonly bytes: Uint8Array
  readonly view: DataView
}

const createInbox = (): Inbox => {
  const bytes = new Uint8Array(new ArrayBuffer(layout.bytes))
  const view = new DataView(bytes.buffer)
  const base = calls().addressOf(bytes)
  const point = (from: number, to: number): void => view.setBigUint64(from, base + BigInt(to), true)
  point(header.name, layout.name)
  point(header.vector, layout.vector)
  point(header.control, layout.control)
  // One vector of no bytes: what we had sent is not read again.
  view.setBigUint64(header.vectorCount, 1n, true)
  return { bytes, view }
}

let inbox: Inbox | undefined

const addressAt = (view: DataView, family: 4 | 6): string =>
  family === 4
    ? [4, 5, 6, 7].map((offset) => view.getUint8(layout.name + offset)).join('.')
    : [0, 1, 2, 3, 4, 5, 6, 7]
        .map((group) => view.getUint16(layout.name + 8 + 2 * group).toString(16))
        .join(':')

const nameOf = (errno: number): string => {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `errno ${errno}`
  }
}

const readError = ({ view }: Inbox, family: 4 | 6): PathError | undefined => {
  const at = layout.control
  const isError =
    view.getUint32(header.controlLength, true) >= control.end &&
    view.getInt32(at + control.level, true) === level[family] &&
    view.getInt32(at + control.type, true) === receiveErrors[family]
  if (!isError) return undefined
  const code = nameOf(view.getUint32(at + control.errno, true))
  return { address: addressAt(view, family), port: view.getUint16(layout.name + 2), code }
}

/** More than the queue holds: what stays in it would wake the event loop again and again. */
const mostErrors = 65_536

/** Takes what the socket's error queue holds. */
export const readPathErrors = (fd: number, family: 4 | 6): readonly PathError[] => {
  inbox ??= createInbox()
  const errors: PathError[] = []
  for (let taken = 0; taken < mostErrors; taken += 1) {
    inbox.view.setUint32(header.nameLength, nameBytes, true)
    inbox.view.setBigUint64(header.controlLength, BigInt(controlBytes), true)
    if (calls().recvmsg(fd, inbox.bytes, fromErrorQueue) < 0) break
    const error = readError(inbox, family)
    if (error !== undefined) errors.push(error)
  }
  return errors
}
