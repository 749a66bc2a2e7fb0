import { EnvironmentFault } from '../../core/fault.ts'

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const sqlite = {
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
}
/** The shared-memory file cannot grow: a full disk, seen through `mmap`. */
const sharedMemorySize = 4874

const numberOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const diskFull = (file: string, cause: unknown): EnvironmentFault =>
  new EnvironmentFault('DISK_FULL', `${file}: no room for the history`, {
    cause,
    suggestion: 'free space on that disk; agents keep their observations meanwhile',
  })

const broken = (file: string, cause: unknown): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: not a readable history database`, {
    cause,
    suggestion: 'move the file away; a new one is begun, and agents deliver what they still hold',
  })

const closed = (file: string, cause: unknown): EnvironmentFault =>
  new EnvironmentFault('FILE_UNREADABLE', `${file}: cannot be opened`, {
    cause,
    suggestion: 'check that folder and file belong to the user that runs yiwang',
  })

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const faultOfErrno = (file: string, error: unknown): Error => {
  const code = errnoOf(error)
  if (code === 'ENOSPC') return diskFull(file, error)
  return ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)
    ? closed(file, error)
    : asError(error)
}

/** What an error of the database says about the surroundings; any other error as it is: our bug. */
export const historyFault = (file: string, error: unknown): Error => {
  const code = numberOf(error)
  if (code === sharedMemorySize) return diskFull(file, error)
  switch (code & 0xff) {
    case sqlite.full:
      return diskFull(file, error)
    case sqlite.corrupt:
    case sqlite.notADatabase:
    case sqlite.io:
      return broken(file, error)
    case sqlite.busy:
    case sqlite.locked:
      return new EnvironmentFault('STORE_LOCKED', `${file}: another process writes to it`, { cause: error })
    case sqlite.readonly:
    case sqlite.cannotOpen:
      return closed(file, error)
    default:
      return faultOfErrno(file, error)
  }
}
