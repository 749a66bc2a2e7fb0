import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder, writeDurably } from '../../../../inventory/lowdb/durable.ts'
import { plainLine } from '../../../core/plain-line.ts'
import { wordsOf } from '../../../transport/exchange.ts'
import type { Attempt, Send } from '../courier.ts'
import type { Waiting } from '../dispatch.ts'
import type { Message } from '../message.ts'

export interface FileMeans {
  readonly folder: string
  readonly extension: 'xml' | 'cef'
  /** The whole content of a message's file. */
  readonly write: (message: Message) => string
}

/** Beyond, nobody takes them away. */
const mostFiles = 20_000

/** They sort as they follow, and the same message is the same file. */
const fileName = ({ sequence, id }: Waiting, extension: string): string =>
  `${String(sequence).padStart(10, '0')}-${id}.${extension}`

const drop = async (
  { folder, extension, write }: FileMeans,
  messages: readonly Waiting[],
): Promise<Attempt> => {
  await makeFolder(folder)
  const there = await readdir(folder)
  if (there.length >= mostFiles)
    return { ok: false, detail: `${folder} holds ${there.length} files: nobody takes them away` }
  for (const message of messages)
    await writeDurably(path.join(folder, fileName(message, extension)), write(message))
  return { ok: true, receipts: messages.map(({ id }) => ({ id, result: 'accepted', detail: 'written' })) }
}

/**
 * Drops each message into a folder as a file, whole or not at all, for what carries it on. Accepted means: on the disk.
 * A file that was taken away may come back after a crash; it holds the same id.
 */
export const fileSender =
  (means: FileMeans): Send =>
  async (messages) => {
    try {
      return await drop(means, messages)
    } catch (error) {
      return { ok: false, detail: plainLine(wordsOf(error), 200) }
    }
  }
