import { open, readdir } from 'node:fs/promises'

const chunkBytes = 65_536

/** The beginning of a file of the system, about `limit` bytes: those of /proc have no size. Rejects as the system does. */
export const readText = async (file: string, limit = chunkBytes): Promise<string> => {
  await using handle = await open(file, 'r')
  const chunks: Buffer[] = []
  for (let left = limit; left > 0;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(left, chunkBytes)))
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The same, undefined for what cannot be read: a driver without the value, a process that has ended. */
export const tryText = async (file: string, limit?: number): Promise<string | undefined> =>
  readText(file, limit).catch(() => undefined)

/** Names in a folder in their order, at most `limit`; none where it is not there or not ours to see. */
export const tryNames = async (folder: string, limit: number): Promise<readonly string[]> => {
  const names = await readdir(folder).catch(() => [])
  return names.toSorted().slice(0, limit)
}
