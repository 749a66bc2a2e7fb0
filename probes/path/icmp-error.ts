import { receiveErrors } from '../net/message.ts'
import { readAddress } from './sockaddr.ts'

/** An ICMP error that the kernel hands over beside the datagram that it is about (ip(7), `IP_RECVERR`). */
export interface IcmpError {
  readonly type: number
  readonly code: number
  /** The router or host that sent it. */
  readonly from: string
}

const headerBytes = 16
const extendedErrorBytes = 16
const originIcmp = { 4: 2, 6: 3 } as const

const align = (length: number): number => (length + 7) & ~7

/** Where the extended error begins and its control message ends, in `struct cmsghdr`s one after the other. */
const findError = (view: DataView, limit: number, family: 4 | 6): readonly [number, number] | undefined => {
  for (let at = 0; at + headerBytes <= limit;) {
    const size = view.getUint32(at, true)
    if (size < headerBytes || at + size > limit || view.getUint32(at + 4, true) !== 0) return undefined
    const isError =
      view.getInt32(at + 8, true) === receiveErrors[family].level &&
      view.getInt32(at + 12, true) === receiveErrors[family].type
    if (isError && size >= headerBytes + extendedErrorBytes) return [at + headerBytes, at + size]
    at += align(size)
  }
  return undefined
}

/** Reads the first `length` bytes of control data; undefined where no ICMP error is in them. Never throws. */
export const readIcmpError = (view: DataView, length: number, family: 4 | 6): IcmpError | undefined => {
  const [start, end] = findError(view, Math.min(length, view.byteLength), family) ?? []
  if (start === undefined || end === undefined || view.getUint8(start + 4) !== originIcmp[family])
    return undefined
  const from = readAddress(view, start + extendedErrorBytes, end, family)
  return from === undefined
    ? undefined
    : { type: view.getUint8(start + 5), code: view.getUint8(start + 6), from }
}

const exceeded = { 4: 11, 6: 3 } as const

/** The datagram's hops were used up on the way: from a router, as was meant. */
export const isExceeded = ({ type, code }: IcmpError, family: 4 | 6): boolean =>
  type === exceeded[family] && code === 0

/** RFC 792, RFC 1812 §5.2.7.1; RFC 4443 §3.1. */
const names: Readonly<Record<4 | 6, Readonly<Record<number, string>>>> = {
  4: {
    0: 'network unreachable',
    1: 'host unreachable',
    2: 'protocol unreachable',
    3: 'port unreachable',
    4: 'fragmentation needed',
    9: 'network administratively prohibited',
    10: 'host administratively prohibited',
    13: 'communication administratively prohibited',
  },
  6: {
    0: 'no route to destination',
    1: 'communication administratively prohibited',
    2: 'beyond scope of source address',
    3: 'address unreachable',
    4: 'port unreachable',
    5: 'source address failed policy',
    6: 'reject route to destination',
  },
}
const unreachable = { 4: 3, 6: 1 } as const

/** One line for a person: `host unreachable (ICMP type 3 code 1) from 192.0.2.1`. */
export const describeError = ({ type, code, from }: IcmpError, family: 4 | 6): string => {
  const name = type === unreachable[family] ? names[family][code] : undefined
  return `${name ?? 'refused'} (${family === 4 ? 'ICMP' : 'ICMPv6'} type ${type} code ${code}) from ${from}`
}
