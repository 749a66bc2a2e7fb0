import { createRequire } from 'node:module'
import { arch, constants, endianness, platform } from 'node:os'
import type koffi from 'koffi'

/** Calls of the C library by FFI, for what Node has no word for. */
export interface Foreign {
  readonly library: ReturnType<typeof koffi.load>
  /** Calls back in the event loop when a descriptor is readable. */
  readonly poll: typeof koffi.node.poll
  readonly addressOf: (memory: Uint8Array) => bigint
  /** Name of the last call's errno: `EPERM`. */
  readonly errorCode: () => string
}

/** Whether structures are laid out as we write and read them. */
export const isKnownLayout = platform() === 'linux' && endianness() === 'LE' && arch().includes('64')

/** Of two names for one number the first stays: `EAGAIN`, not `EWOULDBLOCK`. */
const nameByErrno = new Map(
  Object.entries(constants.errno)
    .toReversed()
    .map(([name, value]) => [value, name]),
)

const load = (ffi: typeof koffi): Foreign => ({
  library: ffi.load(null),
  poll: ffi.node.poll,
  addressOf: (memory) => ffi.address(memory),
  errorCode: () => nameByErrno.get(ffi.errno()) ?? `errno ${ffi.errno()}`,
})

let loaded: Foreign | undefined

/** Loads the FFI on first use, so that runs which need none do not pay for it. */
export const foreign = (): Foreign =>
  (loaded ??= load(createRequire(import.meta.url)('koffi') as typeof koffi))
