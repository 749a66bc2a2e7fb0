import koffi from 'koffi'
import { EnvironmentFault } from '../../src/core/fault.ts'

type Flock = (descriptor: number, operation: number) => number

/** `LOCK_EX | LOCK_NB` of flock(2), the same on Linux, macOS and BSD. */
const exclusiveAtOnce = 2 | 4

const libraries = ['libc.so.6', 'libc.so', 'libSystem.B.dylib']

const bindFrom = (library: string): Flock | undefined => {
  try {
    return koffi.load(library).func('int flock(int descriptor, int operation)') as Flock
  } catch {
    return undefined
  }
}

const bind = (): Flock => {
  for (const library of libraries) {
    const flock = bindFrom(library)
    if (flock !== undefined) return flock
  }
  throw new EnvironmentFault('STORE_LOCKED', `cannot lock: found flock in none of ${libraries.join(', ')}`, {
    suggestion: 'yiwang writes its inventory on systems with the C library of GNU, musl or macOS',
  })
}

let bound: Flock | undefined

/**
 * Takes the lock of an open file, or returns false where another descriptor holds it.
 * The kernel drops it when the descriptor is closed, however its process ends.
 */
export const tryFlock = (descriptor: number): boolean => {
  bound ??= bind()
  if (bound(descriptor, exclusiveAtOnce) === 0) return true
  const errno = koffi.errno()
  if (errno === koffi.os.errno['EAGAIN'] || errno === koffi.os.errno['EINTR']) return false
  throw new EnvironmentFault('STORE_LOCKED', `the file system cannot lock files: flock gave errno ${errno}`)
}
