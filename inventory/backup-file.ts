import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import { EnvironmentFault, UsageFault } from '../src/core/fault.ts'
import { auditFile, metaFile, shardPattern } from './lowdb/layout.ts'

/**
 * A backup is gzip (RFC 1952) over one JSON object, so `gunzip -c` shows it:
 * `{ "format": "yiwang-backup", "version": 1, "files": { "node/410202.json": { "sha256": "…", "text": "…" } } }`.
 * `sha256` is over the UTF-8 text of the file.
 */
export type BackupFiles = ReadonlyMap<string, string>

const format = 'yiwang-backup'
const maxPackedBytes = 268_435_456
const maxBytes = 503_316_480

const schema = z.strictObject({
  format: z.literal(format),
  version: z.literal(1),
  files: z.record(
    z
      .string()
      .refine(
        (name) => [metaFile, auditFile].includes(name) || shardPattern.test(name),
        'no file of a store',
      ),
    z.strictObject({ sha256: z.string(), text: z.string() }),
  ),
})

/** Packs files into the bytes of a backup. Rejects with `UsageFault` where `readBackup` would not take it back. */
export const packBackup = async (files: BackupFiles, limitBytes = maxBytes): Promise<Buffer> => {
  const checked = [...files].map(([name, text]) => [name, { sha256: hash('sha256', text), text }] as const)
  const bytes = Buffer.from(JSON.stringify({ format, version: 1, files: Object.fromEntries(checked) }))
  if (bytes.length > limitBytes)
    throw new UsageFault(
      `expected a store of at most ${limitBytes} bytes, got ${bytes.length}: copy its folder while nothing runs`,
    )
  return promisify(gzip)(bytes)
}

const damaged = (file: string, message: string, cause?: unknown): UsageFault =>
  new UsageFault([{ where: file, message, suggestion: 'nothing was restored; try an older backup' }], {
    cause,
  })

const readPacked = async (file: string): Promise<Buffer> => {
  try {
    const { size } = await stat(file)
    if (size > maxPackedBytes) throw damaged(file, `expected at most ${maxPackedBytes} bytes, got ${size}`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof UsageFault) throw error
    throw new EnvironmentFault('FILE_UNREADABLE', `cannot read ${file}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

const unpack = async (file: string, packed: Buffer): Promise<unknown> => {
  try {
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: maxBytes })
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw damaged(
      file,
      `expected a backup, got a damaged or foreign file: ${(error as Error).message}`,
      error,
    )
  }
}

/** Reads a backup. Throws `UsageFault` for one that is damaged, foreign or too large, and gives no part of it. */
export const readBackup = async (file: string): Promise<BackupFiles> => {
  const parsed = schema.safeParse(await unpack(file, await readPacked(file)))
  if (!parsed.success)
    throw damaged(file, `expected a backup: ${z.prettifyError(parsed.error)}`, parsed.error)
  const entries = Object.entries(parsed.data.files)
  const wrong = entries.find(([, { sha256, text }]) => hash('sha256', text) !== sha256)
  if (wrong !== undefined) throw damaged(file, `${wrong[0]} in it is damaged: its checksum does not match`)
  return new Map(entries.map(([name, { text }]) => [name, text]))
}
