import { writeFile } from 'node:fs/promises'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { UsageFault } from '../core/fault.ts'

/** What is wrong with the name, not with the disk. */
const wrongName: readonly string[] = ['EEXIST', 'EISDIR', 'ENOENT', 'ENOTDIR']

const isWrongName = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && wrongName.includes(String(error.code))

/**
 * Writes a file that was not there, and is on the disk then. Rejects with `UsageFault` where the name cannot be that
 * of a new file, with `EnvironmentFault` where the disk does not take it.
 */
export const writeNewFile = async (
  where: string,
  file: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> => {
  try {
    await guarded(file, () => writeFile(file, content, { mode, flag: 'wx', flush: true }))
  } catch (error) {
    const cause = error instanceof Error && isWrongName(error.cause) ? error.cause : undefined
    if (cause === undefined) throw error
    const problem = { where, message: `expected a new file, got ${cause.message}` }
    throw new UsageFault([
      { ...problem, suggestion: 'name a file that is not there yet, in a folder that is' },
    ])
  }
}
