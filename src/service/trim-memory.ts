import koffi from 'koffi'
import { every } from '../collector/every.ts'

const trimMs = 10_000

const bind = (): ((pad: number) => number) | undefined => {
  try {
    return koffi.load('libc.so.6').func('int malloc_trim(size_t pad)') as (pad: number) => number
  } catch {
    return undefined
  }
}

/**
 * Gives back to the system, again and again, what the C library keeps of memory that was freed: what comes and goes
 * with each scrape lies between what stays, a tenth of a city's memory. Only that of GNU can, and only it has to.
 */
export const trimMemory = (): Disposable => {
  const trim = bind()
  return every(trimMs, () => {
    trim?.(0)
    return Promise.resolve()
  })
}
