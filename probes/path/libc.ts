import { type Foreign, foreign } from '../net/foreign.ts'

/** The calls that a tracing socket needs. Those that fail return a negative number; `errorCode` names why. */
export interface Libc extends Pick<Foreign, 'poll' | 'addressOf' | 'errorCode'> {
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly close: (fd: number) => number
  readonly bind: (fd: number, name: Uint8Array, length: number) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array) => number
  readonly sendto: (fd: number, payload: Uint8Array, flags: number, to: Uint8Array) => number
  readonly recvmsg: (fd: number, header: Uint8Array, flags: number) => number
  readonly inetPton: (family: number, text: string, address: Uint8Array) => number
  readonly ifNametoindex: (name: string) => number
}

type Call = (...parameters: readonly (number | Uint8Array)[]) => number

const bind = ({ library, poll, addressOf, errorCode }: Foreign): Libc => {
  const sendto: Call = library.func('long sendto(int, void *, ulong, int, void *, uint)')
  const setsockopt: Call = library.func('int setsockopt(int, int, int, void *, uint)')
  return {
    socket: library.func('int socket(int, int, int)'),
    close: library.func('int close(int)'),
    bind: library.func('int bind(int, void *, uint)'),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, value, value.byteLength),
    sendto: (fd, payload, flags, to) => sendto(fd, payload, payload.byteLength, flags, to, to.byteLength),
    recvmsg: library.func('long recvmsg(int, void *, int)'),
    inetPton: library.func('int inet_pton(int, str, void *)'),
    ifNametoindex: library.func('uint if_nametoindex(str)'),
    poll,
    addressOf,
    errorCode,
  }
}

let bound: Libc | undefined

export const libc = (): Libc => (bound ??= bind(foreign()))
