import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { makeFolder, syncFolder } from '../../inventory/lowdb/durable.ts'
import { underLock } from '../../inventory/lowdb/lock.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import {
  changesFrom,
  lastVerdicts,
  type VerdictChange,
  type VerdictRecord,
  type VerdictRun,
  type Verified,
} from '../verify/index.ts'

/**
 * History of verdicts (核验记录): a line of JSON for each that differs from the one before it, and one for each time that
 * all claims were looked at, in the order of time. It is only ever added to; a line that a crash cut short is no line.
 */

const change = z.object({
  at: z.iso.datetime(),
  claim: z.string(),
  verdict: z.enum(['consistent', 'contradicted', 'stale', 'unverifiable']),
  because: z.string(),
  observedAt: z.iso.datetime().optional(),
  revision: z.int(),
})

const run = z.strictObject({ at: z.iso.datetime(), claims: z.int(), revision: z.int() })

export const verdictFile = (dataFolder: string): string => path.join(dataFolder, 'verify', 'verdicts.jsonl')

const lockTimeoutMs = 10_000

const broken = (file: string, message: string, cause?: unknown): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: ${message}`, { cause })

const readLine = (file: string, line: string, index: number): VerdictChange | VerdictRun => {
  try {
    return z.union([change, run]).parse(JSON.parse(line))
  } catch (cause) {
    throw broken(file, `line ${index + 1}: expected a verdict as it was recorded`, cause)
  }
}

/** What such a file has, oldest first; nothing where there is none. Rejects with `EnvironmentFault` STORE_BROKEN. */
export const readVerdicts = async (file: string): Promise<VerdictRecord> => {
  if (!existsSync(file)) return { changes: [], runs: [] }
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
  const all = lines.flatMap((line, index) => (line === '' ? [] : [readLine(file, line, index)]))
  return {
    changes: all.filter((each) => 'claim' in each),
    runs: all.filter((each) => 'claims' in each),
  }
}

/** All that was recorded, oldest first. Rejects with `EnvironmentFault` STORE_BROKEN. */
export const verdictHistory = (dataFolder: string): Promise<VerdictRecord> =>
  readVerdicts(verdictFile(dataFolder))

/** On the disk when it resolves. */
const append = async (file: string, lines: readonly (VerdictChange | VerdictRun)[]): Promise<void> => {
  const isNew = !existsSync(file)
  await using handle = await open(file, 'a+')
  const bytes = await handle.readFile()
  const whole = bytes.lastIndexOf(10) + 1
  // What a crash cut short is taken off, so that it does not spoil the line that follows.
  if (whole < bytes.length) await handle.truncate(whole)
  await handle.appendFile(lines.map((each) => `${JSON.stringify(each)}\n`).join(''))
  await handle.sync()
  if (isNew) await syncFolder(path.dirname(file))
}

const record = async (
  file: string,
  verified: readonly Verified[],
  { now, revision }: { readonly now: number; readonly revision: number },
): Promise<number> => {
  const known = await readVerdicts(file)
  const last = known.runs.at(-1) ?? known.changes.at(-1)
  if (last !== undefined && Date.parse(last.at) > now)
    throw new UsageFault([
      {
        where: '--as-of',
        message: `expected a time from ${last.at} on, the newest that is recorded: the record is only added to`,
      },
    ])
  const changes = changesFrom(lastVerdicts(known.changes), verified, { now, revision })
  const done: VerdictRun = { at: new Date(now).toISOString(), claims: verified.length, revision }
  await append(file, [...changes, done])
  return changes.length
}

/**
 * Adds the verdicts that are not those which were recorded last; says how many. Throws `UsageFault` for a time before
 * the newest that is recorded, `EnvironmentFault` STORE_LOCKED where another records for long.
 */
export const recordVerified = async (
  dataFolder: string,
  verified: readonly Verified[],
  moment: { readonly now: number; readonly revision: number },
): Promise<number> => {
  const file = verdictFile(dataFolder)
  const folder = path.dirname(file)
  await makeFolder(folder)
  return underLock(folder, lockTimeoutMs, () => record(file, verified, moment))
}
