import { createHash } from 'node:crypto'
import { link, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Problem, UsageFault } from '../../src/core/fault.ts'
import type { Attachment } from '../fields.ts'
import { guarded } from '../lowdb/faults.ts'
import { syncFolder } from '../lowdb/durable.ts'
import { contentOf, copyInto, discard, place } from './copy.ts'

/**
 * Files beside the inventory, each under the SHA-256 of its content: `attachments/<hash>` in the data folder. What was
 * put in is durable before a record speaks of it, is never changed, and is checked against its name whenever it is
 * read. A file that no record speaks of harms nobody.
 */

export const attachmentFolder = (dataFolder: string): string => path.join(dataFolder, 'attachments')

/** Of one file. */
export const maxAttachmentBytes = 64 * 1024 * 1024

export type AttachmentState = 'intact' | 'missing' | 'altered'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const nameOf = (file: string): string =>
  path
    .basename(file)
    .replaceAll(/[\p{Cc}\\]/gu, '_')
    .slice(0, 255)

/** What keeps a file from being put in. */
export const fileProblem = async (file: string): Promise<Problem | undefined> => {
  try {
    const found = await stat(file)
    if (!found.isFile()) return { where: file, message: 'expected a file, got something else' }
    if (found.size <= maxAttachmentBytes) return undefined
    return {
      where: file,
      message: `expected at most ${maxAttachmentBytes} bytes, got ${found.size}`,
      suggestion: 'split or compress it',
    }
  } catch (error) {
    return { where: file, message: `expected a file that can be read, got ${(error as Error).message}` }
  }
}

async function* bounded(source: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let left = maxAttachmentBytes
  for await (const chunk of source) {
    left -= chunk.length
    if (left < 0)
      throw new UsageFault([
        { where: file, message: `expected at most ${maxAttachmentBytes} bytes, it grew` },
      ])
    yield chunk
  }
}

const keep = async (folder: string, source: AsyncIterable<Uint8Array>): Promise<Omit<Attachment, 'name'>> => {
  const copied = await copyInto(folder, source)
  // Over what is there: where that was altered, this mends it.
  await place(copied.temporary, copied.hash)
  return { hash: copied.hash, bytes: copied.bytes }
}

/** Puts a copy of a file in; durable when it resolves. Throws `UsageFault`, and `EnvironmentFault` for the disk. */
export const keepFile = async (folder: string, file: string): Promise<Attachment> => {
  const problem = await fileProblem(file)
  if (problem !== undefined) throw new UsageFault([problem])
  const source = bounded(contentOf(file), file)
  return { name: nameOf(file), ...(await guarded(folder, () => keep(folder, source))) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** Puts bytes in; durable when it resolves. */
export const keepBytes = async (folder: string, bytes: Uint8Array): Promise<void> => {
  await guarded(folder, () => keep(folder, once(bytes)))
}

/** Whether a file is there as it was put in; all of it is read. */
export const attachmentState = (folder: string, hash: string): Promise<AttachmentState> =>
  guarded(folder, async () => {
    const actual = createHash('sha256')
    try {
      for await (const chunk of contentOf(path.join(folder, hash))) actual.update(chunk)
    } catch (error) {
      if (isMissing(error)) return 'missing'
      throw error
    }
    return actual.digest('hex') === hash ? 'intact' : 'altered'
  })

export type ReadAttachment =
  | { readonly state: 'intact'; readonly bytes: Buffer }
  | { readonly state: Exclude<AttachmentState, 'intact'> }

/** The content of an attachment that is known to be small; one that is larger than that was altered. */
export const readAttachment = (folder: string, hash: string, maxBytes: number): Promise<ReadAttachment> =>
  guarded(folder, async () => {
    const file = path.join(folder, hash)
    try {
      if ((await stat(file)).size > maxBytes) return { state: 'altered' }
      const bytes = await readFile(file)
      const isIntact = createHash('sha256').update(bytes).digest('hex') === hash
      return isIntact ? { state: 'intact', bytes } : { state: 'altered' }
    } catch (error) {
      if (isMissing(error)) return { state: 'missing' }
      throw error
    }
  })

/** Copies one file from a folder of attachments to another under `name`, if it is intact; says what it was. */
const copyIntact = async (
  from: string,
  hash: string,
  to: { readonly folder: string; readonly finish: (temporary: string) => Promise<void> },
): Promise<AttachmentState> => {
  try {
    const copied = await copyInto(to.folder, contentOf(path.join(from, hash)))
    try {
      if (copied.hash !== hash) return 'altered'
      await to.finish(copied.temporary)
      return 'intact'
    } finally {
      await discard(copied.temporary)
    }
  } catch (error) {
    if (isMissing(error)) return 'missing'
    throw error
  }
}

/** Copies an attachment from one folder of them to another; durable when it resolves. An altered one is not copied. */
export const copyAttachment = (from: string, hash: string, to: string): Promise<AttachmentState> =>
  guarded(to, () => copyIntact(from, hash, { folder: to, finish: (temporary) => place(temporary, hash) }))

/** Copies an attachment out, to a new file. An altered one is not copied. Throws `UsageFault` where there is a file. */
export const exportAttachment = (folder: string, hash: string, file: string): Promise<AttachmentState> =>
  guarded(file, () =>
    copyIntact(folder, hash, {
      folder: path.dirname(file),
      finish: async (temporary) => {
        try {
          await link(temporary, file)
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
          throw new UsageFault([{ where: file, message: 'expected a new file, there is one of that name' }])
        }
        await syncFolder(path.dirname(file))
      },
    }),
  )
