import { existsSync, readFileSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { UsageFault } from '../src/core/fault.ts'
import { forged, verifyChain } from './audit/chain.ts'
import { mostRecordBytes, type OnBytes, type Piece, writeBackup } from './backup-file.ts'
import { logLines } from './lowdb/audit-log.ts'
import { guarded } from './lowdb/faults.ts'
import { auditFile, metaFile } from './lowdb/layout.ts'
import type { Meta } from './lowdb/meta.ts'
import { withLock } from './lowdb/recover.ts'
import { listShards } from './lowdb/shards.ts'
import { loadSnapshot } from './lowdb/snapshot.ts'
import { readState } from './lowdb/state.ts'
import { inventorySchema } from './schema.ts'
import type { AuditHead, AuditVerdict } from './store.ts'

const newest = inventorySchema.version
const defaultTimeoutMs = 10_000

export interface BackupResult {
  readonly revision: number
  /** Last entry of the audit log in it. */
  readonly head: AuditHead
  readonly files: number
  readonly bytes: number
  /** Whether the audit log in it is as it was written: it is backed up as it is. */
  readonly audit: AuditVerdict
}

/** A store as of one moment. The log is only ever added to: what it had then stays where it was. */
interface Held extends AsyncDisposable {
  readonly meta: Meta
  readonly documents: ReadonlyMap<string, Buffer>
  readonly audit: { readonly handle: FileHandle; readonly bytes: number } | undefined
}

const sizeOf = (documents: Held['documents']): number =>
  documents.values().reduce((sum, { length }) => sum + length, 0)

const documentsIn = (folder: string): Held['documents'] => {
  const files = [metaFile, ...listShards(folder)]
  const documents = new Map(files.map((file) => [file, readFileSync(path.join(folder, file))]))
  const bytes = sizeOf(documents)
  if (bytes > mostRecordBytes)
    throw new UsageFault([
      {
        where: folder,
        message: `expected records of at most ${mostRecordBytes} bytes, more could not be restored in one change; got ${bytes}`,
        suggestion: 'copy this folder while nothing runs',
      },
    ])
  return documents
}

const openAudit = async (folder: string): Promise<Held['audit']> => {
  const file = path.join(folder, auditFile)
  if (!existsSync(file)) return undefined
  const handle = await open(file, 'r')
  return { handle, bytes: (await handle.stat()).size }
}

const hold = (folder: string, timeoutMs: number): Promise<Held> =>
  withLock({ folder, newest, timeoutMs }, async () => {
    const { meta } = await readState(folder, newest)
    if (meta.schemaVersion === newest) await loadSnapshot(folder, newest, undefined)
    const documents = documentsIn(folder)
    const audit = await openAudit(folder)
    return { meta, documents, audit, [Symbol.asyncDispose]: async () => audit?.handle.close() }
  })

async function* chunksOf(audit: Held['audit']): AsyncGenerator<Buffer> {
  if (audit === undefined || audit.bytes === 0) return
  const range = { start: 0, end: audit.bytes - 1, highWaterMark: 1_048_576, autoClose: false }
  yield* audit.handle.createReadStream(range) as AsyncIterable<Buffer>
}

/** With how many bytes each text is. */
async function* textsOf({ documents, audit }: Held): AsyncGenerator<Piece & { readonly bytes: number }> {
  for (const [file, content] of documents) yield { file, text: content.toString(), bytes: content.length }
  if (audit === undefined || audit.bytes === 0) return
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const chunk of chunksOf(audit))
    yield { file: auditFile, text: decoder.decode(chunk, { stream: true }), bytes: chunk.length }
  yield { file: auditFile, text: decoder.decode(), bytes: 0 }
}

async function* piecesOf(held: Held, onBytes: OnBytes): AsyncGenerator<Piece> {
  const total = sizeOf(held.documents) + (held.audit?.bytes ?? 0)
  let done = 0
  for await (const { file, text, bytes } of textsOf(held)) {
    onBytes((done += bytes), total)
    yield { file, text }
  }
}

/** Walks the chain of the log that is backed up. */
const auditOf = async ({ audit, meta }: Held, onBytes: OnBytes): Promise<AuditVerdict> => {
  async function* counted(): AsyncGenerator<Buffer> {
    let done = 0
    for await (const chunk of chunksOf(audit)) {
      onBytes((done += chunk.length), audit?.bytes ?? 0)
      yield chunk
    }
  }
  const { verdict, beyond } = await verifyChain(logLines(counted()), [meta.audit])
  return verdict.intact && beyond ? forged(verdict.head) : verdict
}

export interface BackupOptions {
  readonly lockTimeoutMs?: number
  readonly onBytes?: OnBytes
  /** Of the audit log, while its chain is walked. */
  readonly onChecked?: OnBytes
}

const silently: OnBytes = () => undefined

/**
 * Writes the inventory in `folder`, audit log included, to one compressed file, durably and at one revision. However
 * long the log is, little of it is held at a time, and changes go on meanwhile. A log whose chain is broken is backed up
 * all the same. A store that cannot be read is not: its fault is thrown.
 */
export const backupInventory = (
  folder: string,
  file: string,
  { lockTimeoutMs = defaultTimeoutMs, onBytes = silently, onChecked = silently }: BackupOptions = {},
): Promise<BackupResult> =>
  guarded(folder, async () => {
    await readState(folder, newest)
    await using held = await hold(folder, lockTimeoutMs)
    await writeBackup(file, piecesOf(held, onBytes))
    const { meta, documents, audit } = held
    return {
      audit: await auditOf(held, onChecked),
      revision: meta.revision,
      head: meta.audit,
      files: documents.size + Number(audit !== undefined),
      bytes: (await stat(file)).size,
    }
  })
