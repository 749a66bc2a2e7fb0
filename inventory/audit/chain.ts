import { hash } from 'node:crypto'
import { jsonOf } from '../../src/core/json.ts'
import type { AuditEntry, AuditHead, AuditVerdict } from '../store.ts'
import { canonicalJson } from './canonical.ts'

/** Head of a log without entries. */
export const genesis: AuditHead = { sequence: 0, hash: '0'.repeat(64) }

type Unhashed = Omit<AuditEntry, 'hash'>

const hashOf = (entry: Unhashed): string => hash('sha256', canonicalJson(entry))

/** The entry that follows `head`, with its place and its hash. */
export const seal = (
  head: AuditHead,
  entry: Omit<AuditEntry, 'sequence' | 'previous' | 'hash'>,
): AuditEntry => {
  const unhashed: Unhashed = { sequence: head.sequence + 1, ...entry, previous: head.hash }
  return { ...unhashed, hash: hashOf(unhashed) }
}

/** The entry as one line of the log, newline included. */
export const formatEntry = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`

const isEntry = (value: unknown): value is AuditEntry =>
  typeof value === 'object' &&
  value !== null &&
  'sequence' in value &&
  Number.isSafeInteger(value.sequence) &&
  'hash' in value &&
  typeof value.hash === 'string' &&
  'changes' in value &&
  Array.isArray(value.changes)

/** Reads a line of the log (without its newline); undefined where it is none. */
export const parseEntry = (line: Buffer): AuditEntry | undefined => {
  const value = jsonOf(line.toString())
  return isEntry(value) ? value : undefined
}

// Compared as bytes: space that was added, or a key given twice, is a change although it parses alike.
const isAsWritten = (line: Buffer, { hash: claimed, ...entry }: AuditEntry): boolean =>
  hashOf(entry) === claimed && Buffer.from(JSON.stringify({ ...entry, hash: claimed })).equals(line)

const problemOf = (line: Buffer, entry: AuditEntry | undefined, head: AuditHead): string | undefined => {
  const expected = head.sequence + 1
  if (entry === undefined || !isAsWritten(line, entry)) return `entry ${expected} was changed`
  if (entry.sequence !== expected)
    return `expected entry ${expected}, found entry ${entry.sequence}: an entry was removed or moved`
  if (entry.previous !== head.hash)
    return `entry ${expected} does not follow entry ${head.sequence}: one of the two was rewritten`
  return undefined
}

const broken = (sequence: number, problem: string): AuditVerdict => ({ intact: false, sequence, problem })

/** More than the store knows of. */
export const forged = ({ sequence }: AuditHead): AuditVerdict =>
  broken(sequence + 1, `the store knows of entries up to ${sequence}, and more follows: it was added by hand`)

const contradiction = (head: AuditHead, kept: readonly AuditHead[]): AuditVerdict | undefined =>
  kept.some(({ sequence, hash: hashKept }) => sequence === head.sequence && hashKept !== head.hash)
    ? broken(
        head.sequence,
        `entry ${head.sequence} is not the one whose hash was kept: the log was rewritten`,
      )
    : undefined

const cutTail = (head: AuditHead, kept: readonly AuditHead[]): AuditVerdict | undefined => {
  const last = Math.max(...kept.map(({ sequence }) => sequence))
  return last > head.sequence
    ? broken(
        head.sequence + 1,
        `the log ends at entry ${head.sequence}, it had ${last}: the rest was cut off`,
      )
    : undefined
}

/**
 * Recomputes the chain over the lines of a log. `kept` are heads known from elsewhere:
 * each must be found at its place, so a cut or rewritten tail shows. Lines behind the last of them
 * are not looked at; `beyond` says whether there are any.
 */
export const verifyChain = async (
  lines: AsyncIterable<Buffer> | Iterable<Buffer>,
  kept: readonly AuditHead[],
): Promise<{ readonly verdict: AuditVerdict; readonly beyond: boolean }> => {
  const last = Math.max(0, ...kept.map(({ sequence }) => sequence))
  let head = genesis
  for await (const line of lines) {
    if (head.sequence >= last) return { verdict: { intact: true, head }, beyond: true }
    const entry = parseEntry(line)
    const problem = problemOf(line, entry, head)
    if (entry === undefined || problem !== undefined)
      return { verdict: broken(head.sequence + 1, problem ?? 'no entry'), beyond: false }
    head = { sequence: entry.sequence, hash: entry.hash }
    const verdict = contradiction(head, kept)
    if (verdict !== undefined) return { verdict, beyond: false }
  }
  return { verdict: cutTail(head, kept) ?? { intact: true, head }, beyond: false }
}
