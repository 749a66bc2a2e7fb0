import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

export interface Folder extends AsyncDisposable {
  readonly path: string
  /** Writes a file of that name and mode, returns its path. */
  readonly write: (name: string, text: string, mode?: number) => Promise<string>
}

/** A folder of its own, gone when disposed. */
export const temporaryFolder = async (): Promise<Folder> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-config-'))
  return {
    path: folder,
    write: async (name, text, mode = 0o600) => {
      await writeFile(path.join(folder, name), text, { mode })
      return path.join(folder, name)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
