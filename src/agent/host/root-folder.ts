import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import path from 'node:path'
import { readText } from '../../../probes/host/read.ts'
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

type Deny = (file: string) => void

/** What the system answered instead; notes where it was that we may not look there. */
const answerOf = (error: unknown, file: string, deny: Deny): string => {
  const code = systemCode(error)
  if (code === 'EACCES' || code === 'EPERM') deny(file)
  return code
}

const reading =
  (root: string, deny: Deny) =>
  async (file: string, mostBytes = usualBytes): Promise<Found> => {
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
      const code = answerOf(error, file, deny)
      return isGone(code)
        ? { state: 'absent', path: file }
        : { state: 'unreadable', path: file, reason: bounded(code, 40) }
    }
  }

const stating =
  (root: string, deny: Deny) =>
  async (file: string): Promise<FileState | undefined> => {
    try {
      const { mode, uid, mtimeMs } = await stat(await locate(root, file))
      return { path: file, mode: mode & 0o7777, ownerId: uid, modifiedAt: mtimeMs }
    } catch (error) {
      answerOf(error, file, deny)
      return undefined
    }
  }

const listing =
  (root: string, deny: Deny) =>
  async (folder: string): Promise<readonly string[]> => {
    try {
      const names = await readdir(await locate(root, folder))
      return names.toSorted().slice(0, mostNames)
    } catch (error) {
      answerOf(error, folder, deny)
      return []
    }
  }

/** The machine whose files lie under a folder. */
export const rootFolder = (root: string, now: number, live?: LiveSystem): Machine => {
  const denied: string[] = []
  const deny: Deny = (file) => void denied.push(file)
  return {
    now,
    live,
    read: reading(root, deny),
    list: listing(root, deny),
    state: stating(root, deny),
    denied: () => denied,
  }
}
