import { createReadStream, existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { parseEntry } from '../audit/chain.ts'
import type { AuditEntry, AuditHead } from '../store.ts'
import { writeDurably } from './durable.ts'
import { auditFile } from './layout.ts'

/** What a journal does to the log: append behind `offset`, or (a restore) replace the whole. */
export type AuditAppend =
  | { readonly mode: 'append'; readonly offset: number; readonly text: string }
  | { readonly mode: 'replace'; readonly text: string }

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

/** Brings the log to where a journal says. May be done again, wherever it was cut. */
export const recordAudit = async (folder: string, audit: AuditAppend): Promise<void> => {
  const file = path.join(folder, auditFile)
  if (audit.mode === 'replace') await writeDurably(file, audit.text)
  else await append(file, audit.offset, Buffer.from(audit.text))
}

const maxLineBytes = 536_870_912

/** Lines of a stream of bytes, without their newlines; a last one that is not ended is a line too. */
async function* linesOf(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let open: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield Buffer.concat([...open, chunk.subarray(start, end)])
      open = []
      bytes = 0
      start = end + 1
    }
    const rest = chunk.subarray(start)
    bytes += rest.length
    if (bytes > maxLineBytes)
      throw new EnvironmentFault(
        'STORE_BROKEN',
        `${auditFile}: expected lines of at most ${maxLineBytes} bytes`,
      )
    if (rest.length > 0) open.push(rest)
  }
  if (open.length > 0) yield Buffer.concat(open)
}

async function* bytesOf(folder: string, pending: AuditAppend | undefined): AsyncGenerator<Buffer> {
  const end = pending?.mode === 'append' ? pending.offset - 1 : Infinity
  const file = path.join(folder, auditFile)
  if (pending?.mode !== 'replace' && end >= 0 && existsSync(file))
    yield* createReadStream(file, { end, highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>
  if (pending !== undefined) yield Buffer.from(pending.text)
}

/** Lines of the log, with those that a journal is about to add. */
export const auditLines = (folder: string, pending: AuditAppend | undefined): AsyncIterable<Buffer> =>
  linesOf(bytesOf(folder, pending))

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
