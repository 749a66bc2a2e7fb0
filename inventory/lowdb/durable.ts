import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** The inventory holds telephone numbers and hashes of keys: no business of others on the machine. */
const fileMode = 0o640
const folderMode = 0o750

/** Makes the entries of a folder (names created, renamed, removed) survive a power cut. */
export const syncFolder = async (folder: string): Promise<void> => {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

const isFolder = async (target: string): Promise<boolean> => {
  try {
    return (await stat(target)).isDirectory()
  } catch {
    return false
  }
}

/**
 * Creates a folder and those above it; durable when it resolves. Not `mkdir`'s own `recursive`, which never ends
 * where a folder that is there refuses with ENOENT (`/proc`).
 */
export const makeFolder = async (folder: string): Promise<void> => {
  const target = path.resolve(folder)
  if (await isFolder(target)) return
  const above = path.dirname(target)
  await makeFolder(above)
  try {
    await mkdir(target, { mode: folderMode })
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isFolder(target))) throw error
  }
  await syncFolder(above)
}

/** What a file is to hold: at once, or piece by piece. */
export type Content = string | Uint8Array | AsyncIterable<string | Uint8Array>

const writeSynced = async (file: string, data: Content): Promise<void> => {
  await using handle = await open(file, 'w', fileMode)
  await handle.writeFile(data)
  await handle.sync()
}

/** Names the file that was asked for: the temporary one is nothing that the caller knows. */
const failedFor = (file: string, error: unknown): unknown =>
  error instanceof Error ? Object.assign(error, { path: file }) : error

/**
 * Replaces a file as a whole: it holds the old or the new, never a part. Durable when it resolves.
 * Rejects with the error of the system, whose `path` is `file`.
 */
export const writeDurably = async (file: string, data: Content): Promise<void> => {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.tmp`)
  try {
    await writeSynced(temporary, data)
    await rename(temporary, file)
  } catch (error) {
    // What failed first is told, whatever becomes of the clean-up.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw failedFor(file, error)
  }
  await syncFolder(path.dirname(file))
}

/** Removes a file, absent or not; durable when it resolves. */
export const removeDurably = async (file: string): Promise<void> => {
  await rm(file, { force: true })
  await syncFolder(path.dirname(file))
}

/** Runs `task` for each item, some at a time. Rejects with the first error, after all that had begun have ended. */
export const inParallel = async <Item>(
  items: Iterable<Item>,
  task: (item: Item) => Promise<void>,
): Promise<void> => {
  const queue = Iterator.from(items)
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item)
  }
  const results = await Promise.allSettled(Array.from({ length: 16 }, worker))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
