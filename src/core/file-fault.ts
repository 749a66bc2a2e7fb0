import type { EnvironmentCode } from './fault.ts'

/** The one table from errno to what the disk or its folders refused. */
const faultByErrno = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  ENOENT: 'FILE_UNREADABLE',
  EEXIST: 'FILE_UNREADABLE',
  ENOTEMPTY: 'FILE_UNREADABLE',
  EACCES: 'FILE_UNREADABLE',
  EPERM: 'FILE_UNREADABLE',
  EROFS: 'FILE_UNREADABLE',
  ENOTDIR: 'FILE_UNREADABLE',
  EISDIR: 'FILE_UNREADABLE',
  ELOOP: 'FILE_UNREADABLE',
  ENAMETOOLONG: 'FILE_UNREADABLE',
  EMFILE: 'FILE_UNREADABLE',
  ENFILE: 'FILE_UNREADABLE',
} as const satisfies Readonly<Record<string, EnvironmentCode>>

export type FileFault = (typeof faultByErrno)[keyof typeof faultByErrno]

const isListed = (code: unknown): code is keyof typeof faultByErrno =>
  typeof code === 'string' && Object.hasOwn(faultByErrno, code)

/** What a rejection of the file system says about the surroundings; undefined for any other error. */
export const fileFaultOf = (error: unknown): FileFault | undefined =>
  error instanceof Error && 'code' in error && isListed(error.code) ? faultByErrno[error.code] : undefined
