import { createHash, randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, syncFolder } from '../lowdb/durable.ts'

/** As the inventory itself: no business of others on the machine. */
const fileMode = 0o640

/** A file on its way: synced, under a name that nobody looks for. */
export interface Copied {
  readonly temporary: string
  /** SHA-256 (hex). */
  readonly hash: string
  readonly bytes: number
}

const drain = async (
  source: AsyncIterable<Uint8Array>,
  temporary: string,
): Promise<Pick<Copied, 'hash' | 'bytes'>> => {
  const hash = createHash('sha256')
  let bytes = 0
  await using target = await open(temporary, 'wx', fileMode)
  for await (const chunk of source) {
    hash.update(chunk)
    bytes += chunk.length
    await target.writeFile(chunk)
  }
  await target.sync()
  return { hash: hash.digest('hex'), bytes }
}

export const discard = (temporary: string): Promise<void> => rm(temporary, { force: true })

/** Copies into a folder, which is made where it is missing; where the source fails nothing is left behind. */
export const copyInto = async (folder: string, source: AsyncIterable<Uint8Array>): Promise<Copied> => {
  await makeFolder(folder)
  const temporary = path.join(folder, `.${randomUUID()}.tmp`)
  try {
    return { temporary, ...(await drain(source, temporary)) }
  } catch (error) {
    await discard(temporary).catch(() => undefined)
    throw error
  }
}

/** The content of a file, opened when it is first asked for. */
export async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  await using handle = await open(file, 'r')
  yield* handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>
}

/** Gives a copy its name, over whatever had it; durable when it resolves. */
export const place = async (temporary: string, name: string): Promise<void> => {
  const folder = path.dirname(temporary)
  await rename(temporary, path.join(folder, name))
  await syncFolder(folder)
}
