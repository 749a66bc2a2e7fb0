import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { EnvironmentFault } from '../core/fault.ts'
import { fileFaultOf } from '../core/file-fault.ts'

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

const fileFault = (file: string, error: unknown): EnvironmentFault =>
  new EnvironmentFault(
    fileFaultOf(error) ?? 'FILE_UNREADABLE',
    `${file}: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )

const writeSynced = async (file: string, content: string, mode: number): Promise<void> => {
  await using handle = await open(file, 'w', mode)
  await handle.chmod(mode)
  await handle.writeFile(content)
  await handle.sync()
}

const syncFolder = async (folder: string): Promise<void> => {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

/**
 * Makes a folder, and those above it that are missing; all are on the disk when the promise resolves.
 * Rejects with `EnvironmentFault` DISK_FULL or FILE_UNREADABLE.
 */
export const makeFolder = async (folder: string, mode: number): Promise<void> => {
  const whole = path.resolve(folder)
  try {
    const topmost = await mkdir(whole, { recursive: true, mode })
    if (topmost === undefined) return
    for (let made = whole; made.length >= topmost.length; made = path.dirname(made))
      await syncFolder(path.dirname(made))
  } catch (error) {
    throw fileFault(whole, error)
  }
}

/**
 * Replaces a file wholly or not at all; it is on the disk when the promise resolves. One writer at a time.
 * Rejects with `EnvironmentFault` DISK_FULL or FILE_UNREADABLE.
 */
export const replaceFile = async (file: string, content: string, mode: number): Promise<void> => {
  const fresh = `${file}.new`
  try {
    await writeSynced(fresh, content, mode)
    await rename(fresh, file)
    await syncFolder(path.dirname(file))
  } catch (error) {
    // What failed first is told, whatever becomes of the clean-up.
    await rm(fresh, { force: true }).catch(() => undefined)
    throw fileFault(file, error)
  }
}

/** The text of a file, or undefined where there is none. Rejects with `EnvironmentFault` FILE_UNREADABLE. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw fileFault(file, error)
  }
}
