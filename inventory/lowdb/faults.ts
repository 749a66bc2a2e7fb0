import { EnvironmentFault } from '../../src/core/fault.ts'
import { fileFaultOf } from '../../src/core/file-fault.ts'

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'errno' in error

const environmentFaultOf = (error: NodeJS.ErrnoException, folder: string): EnvironmentFault | undefined => {
  const place = error.path ?? folder
  const code = fileFaultOf(error)
  if (code === 'DISK_FULL')
    return new EnvironmentFault(code, `no space left for ${place}; nothing was changed`, {
      cause: error,
      suggestion: 'free some space and do it again',
    })
  if (code !== undefined)
    return new EnvironmentFault(code, `cannot use ${place}: ${error.message}`, { cause: error })
  if (error.code === 'EIO')
    return new EnvironmentFault('STORE_BROKEN', `the disk fails at ${place}: ${error.message}`, {
      cause: error,
    })
  return undefined
}

const translated = (error: unknown, folder: string): unknown =>
  (isSystemError(error) ? environmentFaultOf(error, folder) : undefined) ?? error

/** Runs `task`; what the disk does to it is rejected as `EnvironmentFault`. */
export const guarded = async <T>(folder: string, task: () => Promise<T>): Promise<T> => {
  try {
    return await task()
  } catch (error) {
    throw translated(error, folder)
  }
}

/** The same for a stream of results. */
export async function* guardedEach<T>(folder: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    throw translated(error, folder)
  }
}

/** Runs `task` and lets a failing disk pass: for what the next holder of the lock will do again. */
export const deferred = async (task: () => Promise<void>): Promise<void> => {
  try {
    await task()
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}
