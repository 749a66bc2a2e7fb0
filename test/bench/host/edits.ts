import {
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'

/** A change of one file of a root. */
export interface Edit {
  readonly file: string
  /** undefined takes the file away. */
  readonly text?: (before: string) => string | undefined
  readonly mode?: number
  readonly ownerId?: number
  readonly daysOld?: number
}

const dayMs = 86_400_000

export const write = (file: string, text: string): Edit => ({ file, text: () => text })
export const append = (file: string, text: string): Edit => ({ file, text: (before) => before + text })
export const remove = (file: string): Edit => ({ file, text: () => undefined })
export const mode = (file: string, bits: number): Edit => ({ file, mode: bits })
export const owner = (file: string, ownerId: number): Edit => ({ file, ownerId })
export const aged = (file: string, daysOld: number): Edit => ({ file, daysOld })

/** Throws where the text is not there: a fault that was not planted would prove nothing. */
export const change = (file: string, from: RegExp, to: string): Edit => ({
  file,
  text: (before) => {
    if (!from.test(before)) throw new Error(`${file} does not contain ${from.source}`)
    return before.replace(from, to)
  },
})

const missing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

/** Absolute links would lead out of the root: they are taken away and put back, never followed. */
const removeLink = async (place: string): Promise<() => Promise<void>> => {
  const target = await readlink(place)
  await rm(place)
  return () => symlink(target, place)
}

/** Makes one change and gives back what undoes it. */
const plantOne = async (
  root: string,
  { file, text, mode: bits, ownerId, daysOld }: Edit,
): Promise<() => Promise<void>> => {
  const place = path.join(root, file)
  const state = await lstat(place).catch(missing)
  if (state?.isSymbolicLink() === true) return removeLink(place)
  if (state?.isDirectory() === true) {
    await chmod(place, bits ?? state.mode)
    return () => chmod(place, state.mode)
  }
  const before = state === undefined ? undefined : await readFile(place)
  const after = text === undefined ? before : text(before?.toString('latin1') ?? '')
  if (after === undefined) await rm(place, { force: true })
  else {
    await mkdir(path.dirname(place), { recursive: true })
    await writeFile(place, after, 'latin1')
    if (bits !== undefined) await chmod(place, bits)
    if (ownerId !== undefined) await chown(place, ownerId, ownerId)
    if (daysOld !== undefined) {
      const at = (Date.now() - daysOld * dayMs) / 1000
      await utimes(place, at, at)
    }
  }
  return async () => {
    if (before === undefined || state === undefined) return rm(place, { force: true })
    await writeFile(place, before)
    await chown(place, state.uid, state.gid)
    await chmod(place, state.mode)
    await utimes(place, state.atime, state.mtime)
  }
}

/** Makes the changes in their order and gives back what undoes them all. */
export const plantEdits = async (root: string, edits: readonly Edit[]): Promise<() => Promise<void>> => {
  const undo: (() => Promise<void>)[] = []
  for (const edit of edits) undo.push(await plantOne(root, edit))
  return async () => {
    for (const each of undo.toReversed()) await each()
  }
}
