import { EnvironmentFault } from '../core/fault.ts'
import { fileFaultOf } from '../core/file-fault.ts'

/** What the disk refused and nobody put into words nearer to it; undefined for any other error. */
export const systemFault = (error: NodeJS.ErrnoException): EnvironmentFault | undefined => {
  const { path: place, message } = error
  const code = fileFaultOf(error)
  if (code === 'DISK_FULL')
    return new EnvironmentFault(code, `no space left${place === undefined ? '' : ` for ${place}`}`, {
      cause: error,
    })
  // Without a place it is a pipe or a terminal.
  return code === undefined || place === undefined
    ? undefined
    : new EnvironmentFault(code, `cannot use ${place}: ${message}`, { cause: error })
}
