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
    return {
      where: file,
      message: `expected a file that can be read, got ${(error as Error).message}`,
      suggestion: '`yiwang host check --out FILE` on the host writes one',
    }
  }
}

/** Throws `UsageFault` with what is wrong with each of the files, those among them that could not be read. */
const verifyAll = (
  read: readonly (Document | Problem)[],
  inventory: Inventory,
  now: number,
): readonly Brought[] => {
  const keys = keyRingOf(inventory)
  const problems: Problem[] = []
  const brought: Brought[] = []
  for (const each of read) {
    if ('where' in each) {
      problems.push(each)
      continue
    }
    const verified = verifyHostEvidence(each.bytes, keys, now)
    if (verified.ok) brought.push({ ...verified, bytes: each.bytes.length })
    else problems.push({ where: each.file, message: verified.message, suggestion: verified.suggestion })
  }
  if (problems.length > 0) throw new UsageFault(problems)
  return brought
}

/** One target stands for one host. */
const expectOneHost = (hosts: readonly Brought[]): void => {
  const machines = new Set(hosts.map(({ evidence: { host } }) => host.machine ?? host.hostname))
  if (machines.size > 1)
    throw new UsageFault([
      {
        where: '--asset-target',
        message: `expected files of one host, got those of ${machines.size}`,
        suggestion: 'import the files of each host with its own target',
      },
    ])
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
  const hosts = verifyAll(read, await store.read(), now)
  if (target !== undefined) expectOneHost(hosts)
  for (const each of read) if ('bytes' in each) await keepBytes(attachmentFolder(dataFolder), each.bytes)
  const receivedAt = new Date(now).toISOString()
  const change = await store.change({
    actor,
    reason,
    // Verified once more: a key may have been revoked meanwhile.
    operations: (inventory) =>
      recordEvidence(inventory, verifyAll(read, inventory, now), { target, receivedAt }),
  })
  return { ...change, hosts }
}
