import { getSystemErrorName } from 'node:util'
import { type Foreign, foreign, isKnownLayout } from '../net/foreign.ts'
import {
  controlLengthOf,
  createMessage,
  type Message,
  messageLayout,
  readyMessage,
  receiveErrors,
  receiveFlags,
} from '../net/message.ts'

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
  const { level, type } = receiveErrors[family]
  if (setsockopt(fd, level, type, one) === 0) return fd
  close(fd)
  return undefined
}

/** `struct cmsghdr`, then `ee_errno` of `struct sock_extended_err`. */
const fields = { level: 8, type: 12, errno: 16, end: 32 } as const

let inbox: Message | undefined

const addressAt = (view: DataView, family: 4 | 6): string =>
  family === 4
    ? [4, 5, 6, 7].map((offset) => view.getUint8(messageLayout.name + offset)).join('.')
    : [0, 1, 2, 3, 4, 5, 6, 7]
        .map((group) => view.getUint16(messageLayout.name + 8 + 2 * group).toString(16))
        .join(':')

const nameOf = (errno: number): string => {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `errno ${errno}`
  }
}

const readError = (message: Message, family: 4 | 6): PathError | undefined => {
  const { view, control } = message
  const isError =
    controlLengthOf(message) >= fields.end &&
    control.getInt32(fields.level, true) === receiveErrors[family].level &&
    control.getInt32(fields.type, true) === receiveErrors[family].type
  if (!isError) return undefined
  const code = nameOf(control.getUint32(fields.errno, true))
  return { address: addressAt(view, family), port: view.getUint16(messageLayout.name + 2), code }
}

/** More than the queue holds: what stays in it would wake the event loop again and again. */
const mostErrors = 65_536

/** Takes what the socket's error queue holds. */
export const readPathErrors = (fd: number, family: 4 | 6): readonly PathError[] => {
  inbox ??= createMessage(calls().addressOf, 0)
  const errors: PathError[] = []
  for (let taken = 0; taken < mostErrors; taken += 1) {
    readyMessage(inbox)
    if (calls().recvmsg(fd, inbox.bytes, receiveFlags.errorQueue | receiveFlags.dontWait) < 0) break
    const error = readError(inbox, family)
    if (error !== undefined) errors.push(error)
  }
  return errors
}
