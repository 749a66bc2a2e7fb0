import { readFile, stat } from 'node:fs/promises'
import { attachmentFolder, keepBytes } from '../../inventory/attachments/store.ts'
import { type Brought, recordEvidence } from '../../inventory/evidence.ts'
import { keyRingOf } from '../../inventory/signing-keys.ts'
import type { ChangeRequest, ChangeResult, Inventory, InventoryStore } from '../../inventory/store.ts'
import { type Problem, UsageFault } from '../core/fault.ts'
import { maxDocumentBytes, verifyHostEvidence } from '../core/host-evidence-document.ts'

export interface EvidenceImport extends Pick<ChangeRequest, 'actor' | 'reason'> {
  readonly files: readonly string[]
  /** Node, system or device that the hosts are. */
  readonly target?: string | undefined
  readonly now: number
}

export interface ImportedEvidence extends ChangeResult {
  readonly hosts: readonly Brought[]
}

interface Document {
  readonly file: string
  readonly bytes: Buffer
}

const readDocument = async (file: string): Promise<Document | Problem> => {
  try {
    const found = await stat(file)
    if (!found.isFile()) return { where: file, message: 'expected a file, got something else' }
    if (found.size > maxDocumentBytes)
      return { where: file, message: `expected at most ${maxDocumentBytes} bytes, got ${found.size}` }
    return { file, bytes: await readFile(file) }
  } catch (error) {
    return { where: file, message: `expected a file that can be read, got ${(error as Error).message}` }
  }
}

/** Throws `UsageFault` with what is wrong with each of the files. */
const verifyAll = (documents: readonly Document[], inventory: Inventory, now: number): readonly Brought[] => {
  const keys = keyRingOf(inventory)
  const problems: Problem[] = []
  const brought = documents.flatMap(({ file, bytes }): readonly Brought[] => {
    const verified = verifyHostEvidence(bytes, keys, now)
    if (verified.ok) return [{ ...verified, bytes: bytes.length }]
    problems.push({ where: file, message: verified.message, suggestion: verified.suggestion })
    return []
  })
  if (problems.length > 0) throw new UsageFault(problems)
  return brought
}

/**
 * Takes signed host evidence in: all of the files or none. A document is durable among the attachments before its
 * record is; what was taken in before changes nothing but the target, where another is given.
 */
export const importEvidence = async (
  store: InventoryStore,
  dataFolder: string,
  { files, target, now, actor, reason }: EvidenceImport,
): Promise<ImportedEvidence> => {
  const read = await Promise.all(files.map(readDocument))
  const problems = read.filter((each) => 'where' in each)
  if (problems.length > 0) throw new UsageFault(problems)
  const documents = read.filter((each) => 'file' in each)
  const hosts = verifyAll(documents, await store.read(), now)
  for (const { bytes } of documents) await keepBytes(attachmentFolder(dataFolder), bytes)
  const receivedAt = new Date(now).toISOString()
  const change = await store.change({
    actor,
    reason,
    // Verified once more: a key may have been revoked meanwhile.
    operations: (inventory) =>
      recordEvidence(inventory, verifyAll(documents, inventory, now), { target, receivedAt }),
  })
  return { ...change, hosts }
}
