import { SocketAddress } from 'node:net'
import type { Resolved } from '../net/resolve.ts'
import { libc } from './libc.ts'

/** `AF_INET`, `AF_INET6` of Linux. */
export const addressFamily = { 4: 2, 6: 10 } as const
const sizes = { 4: 16, 6: 28 } as const
/** Where the address lies in `struct sockaddr_in` and `struct sockaddr_in6`. */
const addressOffset = { 4: 4, 6: 8 } as const
const addressBytes = { 4: 4, 6: 16 } as const
const scopeOffset = 24

const scopeOf = (zone: string): number => (/^\d+$/u.test(zone) ? Number(zone) : libc().ifNametoindex(zone))

/** The socket address of an IP literal (with `%zone`) and a port. */
export const encodeAddress = ({ address, family }: Resolved, port: number): Uint8Array => {
  const bytes = new Uint8Array(new ArrayBuffer(sizes[family]))
  const view = new DataView(bytes.buffer)
  const [literal = '', zone] = address.split('%')
  view.setUint16(0, addressFamily[family], true)
  view.setUint16(2, port)
  libc().inetPton(addressFamily[family], literal, bytes.subarray(addressOffset[family]))
  if (family === 6 && zone !== undefined) view.setUint32(scopeOffset, scopeOf(zone), true)
  return bytes
}

/** RFC 5952, as the system writes it. */
const formatIp6 = (groups: readonly string[]): string =>
  new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address

/** The IP address in a socket address at `offset`; undefined where `end` cuts it off. */
export const readAddress = (
  view: DataView,
  offset: number,
  end: number,
  family: 4 | 6,
): string | undefined => {
  const start = offset + addressOffset[family]
  if (start + addressBytes[family] > Math.min(end, view.byteLength)) return undefined
  if (family === 4) return [0, 1, 2, 3].map((index) => view.getUint8(start + index)).join('.')
  return formatIp6(Array.from({ length: 8 }, (_, group) => view.getUint16(start + group * 2).toString(16)))
}

/** The same address in one form, whoever wrote it. */
export const canonical = (resolved: Resolved): string => {
  const bytes = encodeAddress(resolved, 0)
  return readAddress(new DataView(bytes.buffer), 0, bytes.length, resolved.family) ?? resolved.address
}

export const readPort = (view: DataView, offset: number): number => view.getUint16(offset + 2)
