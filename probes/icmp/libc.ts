import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type koffi from 'koffi'

/** Memory that a call reads or writes in place. */
type Memory = Uint8Array
type Poll = typeof koffi.node.poll

/** The few calls of libc that an ICMP socket needs. Those that fail return -1; `errorCode` then names why. */
export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly close: (fd: number) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Memory) => number
  /** Fills `value` as far as the option goes. */
  readonly getsockopt: (fd: number, level: number, name: number, value: Memory) => number
  /** The headers may be another thread's, by their address. */
  readonly sendmmsg: (fd: number, headers: Memory | bigint, count: number, flags: number) => number
  readonly recvmmsg: (fd: number, headers: Memory, count: number, flags: number) => number
  readonly clockGettime: (clock: number, time: Memory) => number
  readonly inetPton: (family: number, text: string, address: Memory) => number
  readonly ifNametoindex: (name: string) => number
  readonly addressOf: (memory: Uint8Array) => bigint
  /** Calls back in the event loop whenever the socket is readable. */
  readonly poll: Poll
  /** Name of the last call's errno: `EPERM`. */
  readonly errorCode: () => string
}

/** Of two names for one number the first stays: `EAGAIN`, not `EWOULDBLOCK`. */
const nameByErrno = new Map(
  Object.entries(constants.errno)
    .toReversed()
    .map(([name, value]) => [value, name]),
)

type Variadic = (...parameters: readonly (number | Memory | null)[]) => number

const bindOptions = (library: ReturnType<typeof koffi.load>): Pick<Libc, 'setsockopt' | 'getsockopt'> => {
  const set: Variadic = library.func('int setsockopt(int, int, int, void *, uint)')
  const get: Variadic = library.func('int getsockopt(int, int, int, void *, void *)')
  const length = new Uint32Array(new ArrayBuffer(4))
  const lengthBytes = new Uint8Array(length.buffer)
  return {
    setsockopt: (fd, level, name, value) => set(fd, level, name, value, value.byteLength),
    getsockopt: (fd, level, name, value) => {
      length[0] = value.byteLength
      return get(fd, level, name, value, lengthBytes)
    },
  }
}

const bind = (ffi: typeof koffi): Libc => {
  const library = ffi.load(null)
  const receive: Variadic = library.func('int recvmmsg(int, void *, uint, int, void *)')
  return {
    socket: library.func('int socket(int, int, int)'),
    close: library.func('int close(int)'),
    ...bindOptions(library),
    sendmmsg: library.func('int sendmmsg(int, void *, uint, int)'),
    recvmmsg: (fd, headers, count, flags) => receive(fd, headers, count, flags, null),
    clockGettime: library.func('int clock_gettime(int, void *)'),
    inetPton: library.func('int inet_pton(int, str, void *)'),
    ifNametoindex: library.func('uint if_nametoindex(str)'),
    addressOf: (memory) => ffi.address(memory),
    poll: ffi.node.poll,
    errorCode: () => nameByErrno.get(ffi.errno()) ?? `errno ${ffi.errno()}`,
  }
}

let bound: Libc | undefined

/** Loads the FFI on first use, so that commands which send nothing do not pay for it. */
export const libc = (): Libc => {
  bound ??= bind(createRequire(import.meta.url)('koffi') as typeof koffi)
  return bound
}
