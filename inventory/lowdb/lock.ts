import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pid } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { EnvironmentFault } from '../../src/core/fault.ts'

// Whoever waits for the lock holds the turnstile, so that one who has just released cannot slip in again.
const lockName = 'lock'
const turnstileName = 'lock.next'
const pollMs = 4

const holderSchema = z.object({ pid: z.int(), host: z.string(), user: z.string() })

const userName = (): string => {
  try {
    return os.userInfo().username
  } catch {
    return 'a user without a name'
  }
}

const readHolder = async (file: string): Promise<string> => {
  try {
    const { pid: holder, host, user } = holderSchema.parse(JSON.parse(await readFile(file, 'utf8')))
    const since = (await stat(file)).mtime.toISOString()
    return `process ${holder} of ${user} on ${host} since ${since}`
  } catch {
    return 'a process that has not said who it is'
  }
}

const lockedBy = async (folder: string): Promise<EnvironmentFault> =>
  new EnvironmentFault(
    'STORE_LOCKED',
    `${folder} is being changed by ${await readHolder(path.join(folder, lockName))}`,
    { suggestion: 'wait until it is done; the lock of a process that died goes by itself' },
  )

// Loaded when first needed: whoever only reads is spared the foreign function interface.
const loadFlock = async (): Promise<(descriptor: number) => boolean> => {
  try {
    return (await import('./flock.ts')).tryFlock
  } catch (error) {
    throw new EnvironmentFault('STORE_LOCKED', `cannot lock: koffi does not load: ${String(error)}`, {
      cause: error,
      suggestion: 'reading works; to write, install yiwang with its dependencies for this platform',
    })
  }
}

const waitFor = async (handle: FileHandle, deadline: AbortSignal): Promise<boolean> => {
  const tryFlock = await loadFlock()
  while (!tryFlock(handle.fd)) {
    if (deadline.aborted) return false
    await delay(pollMs, undefined, { signal: deadline }).catch(() => undefined)
  }
  return true
}

const takeFile = async (folder: string, name: string, deadline: AbortSignal): Promise<FileHandle> => {
  const handle = await open(path.join(folder, name), 'a+', 0o640)
  try {
    if (await waitFor(handle, deadline)) return handle
    throw await lockedBy(folder)
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Says who holds the lock. For people only: a full disk must not keep the holder from going on. */
const sign = async (handle: FileHandle): Promise<void> => {
  const holder = JSON.stringify({ pid, host: os.hostname(), user: userName() })
  await handle.truncate(0)
  await handle.appendFile(`${holder}\n`).catch(() => undefined)
}

const release = async (handle: FileHandle): Promise<void> => {
  await handle.truncate(0).catch(() => undefined)
  await handle.close()
}

const takeLock = async (folder: string, timeoutMs: number): Promise<FileHandle> => {
  const deadline = AbortSignal.timeout(timeoutMs)
  const turnstile = await takeFile(folder, turnstileName, deadline)
  try {
    return await takeFile(folder, lockName, deadline)
  } finally {
    await turnstile.close()
  }
}

/**
 * Runs `task` under the one lock of a store: flock(2), kept by the kernel for our descriptor, so a dead holder has none.
 * Waits up to `timeoutMs` for it, then throws `STORE_LOCKED`, which says who holds it.
 */
export const underLock = async <T>(folder: string, timeoutMs: number, task: () => Promise<T>): Promise<T> => {
  const lock = await takeLock(folder, timeoutMs)
  try {
    await sign(lock)
    return await task()
  } finally {
    await release(lock)
  }
}
