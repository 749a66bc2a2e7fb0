import { arch, endianness, platform } from 'node:os'
import { addressFamily } from './address.ts'
import { timestampOption } from './control.ts'
import { libc } from './libc.ts'

/** How echo requests leave: own raw socket, own datagram socket, or the system's `ping`. */
export type SocketMethod = 'raw' | 'datagram'

export interface IcmpSocket {
  readonly fd: number
  readonly family: 4 | 6
  readonly method: SocketMethod
}

/** Why no socket could be had: the errno of the last try. */
export interface Refused {
  readonly code: string
}

/** The two halves of the tag that answers to our requests carry. */
export interface Owner {
  readonly ownerHigh: number
  readonly ownerLow: number
}

const type = { raw: 3, datagram: 2 } as const
const nonblockCloexec = 0o4000 | 0o2000000
const protocol = { 4: 1, 6: 58 } as const
const level = { socket: 1, ip: 0, ip6: 41, raw: 255, icmp6: 58 } as const
const option = {
  receiveBuffer: 8,
  attachFilter: 26,
  receiveBufferForce: 33,
  memoryInfo: 55,
  icmpFilter: 1,
  mtuDiscover: 10,
  ipRecvErr: 11,
  ip6RecvErr: 25,
} as const

/** `IP_PMTUDISC_WANT`, the default: what is larger than the path goes in fragments; `IP_PMTUDISC_DO`: never. */
const mtuDiscovery = { want: 1, never: 2 } as const
/** A payload that no link has to fragment. */
export const wholePayloadBytes = 100

/** Answers of a whole burst wait here while the event loop is busy elsewhere. */
const receiveBufferBytes = 8 * 1024 * 1024

const setInteger = (fd: number, optionLevel: number, name: number, value: number): boolean => {
  const bytes = new Uint8Array(new ArrayBuffer(4))
  new DataView(bytes.buffer).setInt32(0, value, true)
  return libc().setsockopt(fd, optionLevel, name, bytes) === 0
}

/** Message types that pass; the filters of both families have a 1 for each type to drop. */
const passedTypes = { 4: [0, 3, 11, 12], 6: [1, 2, 3, 4, 129] } as const

const filterTypes = (fd: number, family: 4 | 6): void => {
  const words = new Uint32Array(new ArrayBuffer(family === 4 ? 4 : 32)).fill(0xffff_ffff)
  for (const passed of passedTypes[family])
    words[passed >> 5] = ((words[passed >> 5] ?? 0) & ~(1 << (passed & 31))) >>> 0
  const filterLevel = family === 4 ? level.raw : level.icmp6
  libc().setsockopt(fd, filterLevel, option.icmpFilter, new Uint8Array(words.buffer))
}

/** Classic BPF (`struct sock_filter`): opcode, jump if true, jump if false, operand. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

const bpf = {
  loadByteIndexed: 0x50,
  loadWordIndexed: 0x40,
  headerLength: 0xb1,
  jumpIfEqual: 0x15,
  pass: 6,
} as const
const replyType = { 4: 0, 6: 129 } as const

/** Passes errors, and of the echo replies only those that carry our tag: another prober's sweep does not wake us. */
const filterProgram = (family: 4 | 6, owner: Owner): readonly Instruction[] => [
  // X = length of the IPv4 header; an ICMPv6 socket's data starts at the message itself, where X stays 0.
  ...(family === 4 ? [[bpf.headerLength, 0, 0, 0] as const] : []),
  [bpf.loadByteIndexed, 0, 0, 0],
  [bpf.jumpIfEqual, 0, 4, replyType[family]],
  [bpf.loadWordIndexed, 0, 0, 8],
  [bpf.jumpIfEqual, 0, 3, owner.ownerHigh >>> 0],
  [bpf.loadWordIndexed, 0, 0, 12],
  [bpf.jumpIfEqual, 0, 1, owner.ownerLow >>> 0],
  [bpf.pass, 0, 0, 0xffff_ffff],
  [bpf.pass, 0, 0, 0],
]

const encodeProgram = (program: readonly Instruction[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(program.length * 8))
  program.forEach(([code, ifTrue, ifFalse, operand], index) => {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, ifTrue)
    view.setUint8(index * 8 + 3, ifFalse)
    view.setUint32(index * 8 + 4, operand, true)
  })
  return new Uint8Array(view.buffer)
}

const filterReplies = (fd: number, family: 4 | 6, owner: Owner): void => {
  const program = encodeProgram(filterProgram(family, owner))
  const head = new DataView(new ArrayBuffer(16))
  head.setUint16(0, program.length / 8, true)
  head.setBigUint64(8, libc().addressOf(program), true)
  libc().setsockopt(fd, level.socket, option.attachFilter, new Uint8Array(head.buffer))
}

const configure = ({ fd, family, method }: IcmpSocket, owner: Owner): void => {
  // Beyond the system's limit with CAP_NET_ADMIN, up to it without.
  if (!setInteger(fd, level.socket, option.receiveBufferForce, receiveBufferBytes))
    setInteger(fd, level.socket, option.receiveBuffer, receiveBufferBytes)
  setInteger(fd, level.socket, timestampOption, 1)
  // Where nothing may be fragmented no fragment has to be told from others: a tenth of what sending costs the kernel.
  if (family === 4) setInteger(fd, level.ip, option.mtuDiscover, mtuDiscovery.never)
  if (method === 'raw') {
    filterTypes(fd, family)
    filterReplies(fd, family, owner)
    return
  }
  // A datagram socket hands over ICMP errors through its error queue only.
  if (family === 4) setInteger(fd, level.ip, option.ipRecvErr, 1)
  else setInteger(fd, level.ip6, option.ip6RecvErr, 1)
}

/** Payloads larger than a link may leave from now on. */
export const allowFragments = ({ fd, family }: IcmpSocket): void => {
  if (family === 4) setInteger(fd, level.ip, option.mtuDiscover, mtuDiscovery.want)
}

const tryOpen = (family: 4 | 6, method: SocketMethod): number =>
  libc().socket(addressFamily[family], type[method] | nonblockCloexec, protocol[family])

const layoutIsKnown = platform() === 'linux' && endianness() === 'LE' && arch().includes('64')

/** Opens the better of the two kinds that the system lets us have. */
export const openSocket = (family: 4 | 6, owner: Owner): IcmpSocket | Refused => {
  if (!layoutIsKnown) return { code: 'ENOSYS' }
  for (const method of ['raw', 'datagram'] as const) {
    const fd = tryOpen(family, method)
    if (fd < 0) continue
    const socket = { fd, family, method }
    configure(socket, owner)
    return socket
  }
  return { code: libc().errorCode() }
}

const memoryInfo = new DataView(new ArrayBuffer(36))
const memoryInfoBytes = new Uint8Array(memoryInfo.buffer)
const dropsOffset = 32

/** How many messages the kernel has dropped because the receive buffer was full (`SO_MEMINFO`). */
export const countDrops = (fd: number): number => {
  const status = libc().getsockopt(fd, level.socket, option.memoryInfo, memoryInfoBytes)
  return status === 0 ? memoryInfo.getUint32(dropsOffset, true) : 0
}
