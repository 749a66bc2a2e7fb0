import { EnvironmentFault } from '../core/fault.ts'

const fullDisk: readonly string[] = ['ENOSPC', 'EDQUOT']
const unusable: readonly string[] = [
  'ENOENT',
  'EEXIST',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EMFILE',
  'ENFILE',
]

/** What the disk refused and nobody put into words nearer to it; undefined for any other error. */
export const systemFault = (error: NodeJS.ErrnoException): EnvironmentFault | undefined => {
  const { code = '', path: place, message } = error
  if (fullDisk.includes(code))
    return new EnvironmentFault('DISK_FULL', `no space left${place === undefined ? '' : ` for ${place}`}`, {
      cause: error,
    })
  if (place !== undefined && unusable.includes(code))
    return new EnvironmentFault('FILE_UNREADABLE', `cannot use ${place}: ${message}`, { cause: error })
  return undefined
}
