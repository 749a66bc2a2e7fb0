import { lstat, readlink, stat } from 'node:fs/promises'
import path from 'node:path'
import { readText, tryNames } from '../../../probes/host/read.ts'
import { bounded } from '../../../probes/net/text.ts'
import type { FileState, Found, LiveSystem, Machine } from './machine.ts'

const usualBytes = 1024 * 1024
const mostNames = 4096
const mostLinks = 40

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** A system's answer is a value; anything else is our bug. */
const systemCode = (error: unknown): string => {
  const code = codeOf(error)
  if (code === '') throw error
  return code
}

const partsOf = (file: string): readonly string[] =>
  file.split('/').filter((part) => !['', '.'].includes(part))

/** Where a path of the root really lies. Links are followed as in a chroot, so that none leads out of it. */
const locate = async (root: string, file: string): Promise<string> => {
  const rest = [...partsOf(file)]
  let at: readonly string[] = []
  for (let links = 0; rest.length > 0;) {
    const part = rest.shift() ?? ''
    const place = path.join(root, ...at, part)
    if (part === '..') at = at.slice(0, -1)
    else if (!(await lstat(place)).isSymbolicLink()) at = [...at, part]
    else {
      if ((links += 1) > mostLinks)
        throw Object.assign(new Error(`too many links: ${file}`), { code: 'ELOOP' })
      const target = await readlink(place)
      if (target.startsWith('/')) at = []
      rest.unshift(...partsOf(target))
    }
  }
  return path.join(root, ...at)
}

const isGone = (code: string): boolean => code === 'ENOENT' || code === 'ENOTDIR'

const read = async (root: string, file: string, mostBytes: number): Promise<Found> => {
  try {
    const place = await locate(root, file)
    // A pipe would be waited for.
    const state = await stat(place)
    if (!state.isFile()) return { state: 'unreadable', path: file, reason: '不是普通文件' }
    return {
      state: 'read',
      path: file,
      text: await readText(place, mostBytes),
      isCut: state.size > mostBytes,
    }
  } catch (error) {
    const code = systemCode(error)
    return isGone(code)
      ? { state: 'absent', path: file }
      : { state: 'unreadable', path: file, reason: bounded(code, 40) }
  }
}

const stateOf = async (root: string, file: string): Promise<FileState | undefined> => {
  try {
    const { mode, uid, mtimeMs } = await stat(await locate(root, file))
    return { path: file, mode: mode & 0o7777, ownerId: uid, modifiedAt: mtimeMs }
  } catch (error) {
    systemCode(error)
    return undefined
  }
}

const list = async (root: string, folder: string): Promise<readonly string[]> => {
  try {
    return await tryNames(await locate(root, folder), mostNames)
  } catch (error) {
    systemCode(error)
    return []
  }
}

/** The machine whose files lie under a folder. */
export const rootFolder = (root: string, now: number, live?: LiveSystem): Machine => ({
  now,
  live,
  read: (file, mostBytes = usualBytes) => read(root, file, mostBytes),
  list: (folder) => list(root, folder),
  state: (file) => stateOf(root, file),
})
