import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import process from 'node:process'
import { EnvironmentFault, type Problem, UsageFault } from '../core/fault.ts'

const maxBytes = 1_048_576

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

const problemsOfStats = (file: string, stats: Stats): readonly Problem[] => {
  const own = process.geteuid?.()
  const isOurs = own === undefined || stats.uid === own || stats.uid === 0
  return [
    ...(stats.isFile() ? [] : [{ where: file, message: 'expected a regular file' }]),
    ...(stats.size > maxBytes
      ? [{ where: file, message: `expected up to 1 MiB, got ${stats.size} bytes` }]
      : []),
    ...((stats.mode & 0o077) === 0
      ? []
      : [
          {
            where: file,
            message: `expected mode 0600, got ${octal(stats.mode)}: others can read or change the secrets`,
            suggestion: `chmod 600 ${file}`,
          },
        ]),
    ...(isOurs
      ? []
      : [
          {
            where: file,
            message: `expected owner ${own} or root, got ${stats.uid}`,
            suggestion: `chown ${own} ${file}`,
          },
        ]),
  ]
}

const open = (file: string): number | undefined => {
  try {
    // Without O_NONBLOCK a pipe of that name would hold the process for ever.
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new EnvironmentFault('FILE_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/**
 * Reads a file that nobody else may read (mode 0600 or less, owner us or root), checked on the open file.
 * Undefined where there is none. Throws `UsageFault` with the command that mends it.
 */
export const readPrivateFile = (file: string): string | undefined => {
  const descriptor = open(file)
  if (descriptor === undefined) return undefined
  try {
    const problems = problemsOfStats(file, fstatSync(descriptor))
    if (problems.length > 0) throw new UsageFault(problems)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

const token = /^[\x21-\x7e]{8,4096}$/u

/**
 * Reads a bearer token: one line of 8 to 4096 visible ASCII characters, in a file that nobody else may read.
 * Throws `UsageFault`, or `EnvironmentFault` FILE_UNREADABLE where there is no such file.
 */
export const readTokenFile = (file: string): string => {
  const text = readPrivateFile(file)?.trim()
  if (text === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `there is no token file ${file}`)
  if (token.test(text)) return text
  throw new UsageFault([
    { where: file, message: 'expected one line of 8 to 4096 visible ASCII characters, got something else' },
  ])
}
