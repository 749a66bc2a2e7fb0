import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import type { SignedDocument } from '../../inventory/ledger/index.ts'
import { EnvironmentFault } from '../core/fault.ts'

/** A file by its name, size and SHA-256. Throws `EnvironmentFault` FILE_UNREADABLE. */
export const documentOf = async (file: string): Promise<SignedDocument> => {
  const sum = createHash('sha256')
  let size = 0
  try {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
      sum.update(piece)
      size += piece.length
    }
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: ${(cause as Error).message}`, { cause })
  }
  return { sha256: sum.digest('hex'), name: path.basename(file), size }
}

export const documentLine = ({ sha256, name, size }: SignedDocument): string =>
  `${name}（${size} 字节，SHA-256 ${sha256}）`
