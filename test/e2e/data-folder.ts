import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect } from 'vitest'
import { type Finished, yiwang, yiwangJson } from '../support/cli.ts'

/** A data folder of yiwang's, and the CLI at work in it. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string
  readonly file: (...names: readonly string[]) => string
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** Standard output; rejects unless the command ends with 0. */
  readonly ok: (...args: readonly string[]) => Promise<string>
  readonly json: (...args: readonly string[]) => Promise<unknown>
}

const dataFolderAt = (folder: string): DataFolder => {
  const run: DataFolder['run'] = (...args) => yiwang([...args, '--data', folder])
  return {
    path: folder,
    file: (...names) => path.join(folder, ...names),
    run,
    ok: async (...args) => {
      const { code, stdout, stderr } = await run(...args)
      if (code !== 0) throw new Error(`yiwang ${args.join(' ')} ended with ${String(code)}: ${stderr}`)
      return stdout
    },
    json: (...args) => yiwangJson([...args, '--data', folder]),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

export const emptyFolder = async (): Promise<DataFolder> =>
  dataFolderAt(await mkdtemp(path.join(os.tmpdir(), 'yiwang-e2e-')))

/** A folder with the inventory of Kaifeng, as `yiwang init` makes it. */
export const kaifeng = async (): Promise<DataFolder> => {
  const folder = await emptyFolder()
  await folder.ok('init', '--region', '410200')
  return folder
}

export const copyOf = async (folder: DataFolder): Promise<DataFolder> => {
  const copy = await emptyFolder()
  await cp(folder.path, copy.path, { recursive: true })
  return copy
}

/** The command refused with this code: in one sentence with what is wrong, without a stack, and said nothing else. */
export const expectRefusal = (finished: Finished, code: 2 | 3 | 4, words: RegExp): void => {
  const { stdout, stderr } = finished
  expect({ code: finished.code, stderr, stdout }).toMatchObject({ code, stdout: '' })
  expect(stderr).toMatch(words)
  expect(stderr).toMatch(/^yiwang: /u)
  expect(stderr).not.toMatch(/^\s+at .*:\d+/mu)
}

/** The store's files and what is in them, but for the lock. */
const contentOf = async (folder: DataFolder): Promise<ReadonlyMap<string, string>> => {
  const store = folder.file('inventory')
  const names = await readdir(store, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith('lock'))
  const paths = files.map(({ parentPath, name }) => path.join(parentPath, name))
  const contents = await Promise.all(
    paths.map(async (file) => [path.relative(store, file), await readFile(file, 'utf8')] as const),
  )
  return new Map(contents)
}

/** Runs `task` and expects every file of the inventory to be the same as before. */
export const expectUntouched = async (folder: DataFolder, task: () => Promise<void>): Promise<void> => {
  const before = await contentOf(folder)
  await task()
  expect(await contentOf(folder)).toEqual(before)
}
