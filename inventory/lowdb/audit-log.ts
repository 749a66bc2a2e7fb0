import { createReadStream, existsSync } from 'node:fs'
import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { parseEntry } from '../audit/chain.ts'
import type { AuditEntry, AuditHead } from '../store.ts'
import { syncFolder, writeDurably } from './durable.ts'
import { auditFile, stagedAuditFile } from './layout.ts'
import { linesOf } from './lines.ts'

/** What a journal does to the log: append behind `offset`, or (a restore) put what was staged in its place. */
export type AuditAppend =
  { readonly mode: 'append'; readonly offset: number; readonly text: string } | { readonly mode: 'replace' }

const newline = 0x0a

const lastByte = async (file: string, size: number): Promise<number> => {
  await using handle = await open(file, 'r')
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 })
  return buffer[0] ?? 0
}

/** How `text` is to be appended to the log as it is now. */
export const planAppend = async (folder: string, text: string): Promise<AuditAppend> => {
  const file = path.join(folder, auditFile)
  const offset = existsSync(file) ? (await stat(file)).size : 0
  // A line that somebody left open must not swallow ours.
  const isOpen = offset > 0 && (await lastByte(file, offset)) !== newline
  return { mode: 'append', offset, text: isOpen ? `\n${text}` : text }
}

/** Completes what a cut append left, and appends nothing that is there already. Synced when it resolves. */
const append = async (file: string, offset: number, text: Buffer): Promise<void> => {
  await using handle = await open(file, 'a+', 0o640)
  const tail = Buffer.alloc(text.length)
  const { bytesRead } = await handle.read({ buffer: tail, position: offset })
  const isOurs = tail.subarray(0, bytesRead).equals(text.subarray(0, bytesRead))
  await handle.appendFile(isOurs ? text.subarray(bytesRead) : text)
  await handle.sync()
}

/** Makes a log ready that a journal of mode `replace` then puts in place; durable when it resolves. Needs the lock. */
export const stageAudit = (folder: string, text: AsyncIterable<string>): Promise<void> =>
  writeDurably(path.join(folder, stagedAuditFile), text)

const takeStaged = async (folder: string): Promise<void> => {
  const staged = path.join(folder, stagedAuditFile)
  // It is gone where this was done before.
  if (!existsSync(staged)) return
  await rename(staged, path.join(folder, auditFile))
  await syncFolder(folder)
}

/** Brings the log to where a journal says. May be done again, wherever it was cut. */
export const recordAudit = async (folder: string, audit: AuditAppend): Promise<void> => {
  const file = path.join(folder, auditFile)
  if (audit.mode === 'replace') await takeStaged(folder)
  else await append(file, audit.offset, Buffer.from(audit.text))
}

const maxLineBytes = 536_870_912

const tooLong = (): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${auditFile}: expected lines of at most ${maxLineBytes} bytes`)

/** The log that a restore has made ready; once it has taken its place, that. */
const openStaged = async (folder: string): Promise<FileHandle> => {
  try {
    return await open(path.join(folder, stagedAuditFile), 'r')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return open(path.join(folder, auditFile), 'r')
  }
}

async function* bytesOf(folder: string, pending: AuditAppend | undefined): AsyncGenerator<Buffer> {
  const highWaterMark = 1_048_576
  if (pending?.mode === 'replace') {
    await using staged = await openStaged(folder)
    yield* staged.createReadStream({ highWaterMark, autoClose: false }) as AsyncIterable<Buffer>
    return
  }
  const end = pending === undefined ? Infinity : pending.offset - 1
  const file = path.join(folder, auditFile)
  if (end >= 0 && existsSync(file))
    yield* createReadStream(file, { end, highWaterMark }) as AsyncIterable<Buffer>
  if (pending !== undefined) yield Buffer.from(pending.text)
}

export const logLines = (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> =>
  linesOf(chunks, maxLineBytes, tooLong)

/** Lines of the log, with those that a journal is about to add. */
export const auditLines = (folder: string, pending: AuditAppend | undefined): AsyncIterable<Buffer> =>
  logLines(bytesOf(folder, pending))

/** The entries up to `head`. Throws `STORE_BROKEN` at a line that is none. */
export async function* auditEntries(
  lines: AsyncIterable<Buffer>,
  head: AuditHead,
): AsyncGenerator<AuditEntry> {
  let number = 0
  for await (const line of lines) {
    if (number >= head.sequence) return
    number += 1
    const entry = parseEntry(line)
    if (entry === undefined)
      throw new EnvironmentFault(
        'STORE_BROKEN',
        `${auditFile}:${number}: expected an entry of the audit log`,
        {
          suggestion: '`yiwang audit verify` says what happened to the log',
        },
      )
    yield entry
  }
}
