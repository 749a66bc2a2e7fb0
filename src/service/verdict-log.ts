import { existsSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { EnvironmentFault } from '../core/fault.ts'
import type { VerdictChange } from '../verify/index.ts'

/**
 * History of verdicts (核验记录): a line of JSON for each that differs from the one before it, in the order of time.
 * It is only ever added to; a line that a crash cut short is no line.
 */

const change = z.object({
  at: z.iso.datetime(),
  claim: z.string(),
  verdict: z.enum(['consistent', 'contradicted', 'stale', 'unverifiable']),
  because: z.string(),
  observedAt: z.iso.datetime().optional(),
  revision: z.int(),
})

const fileOf = (dataFolder: string): string => path.join(dataFolder, 'verify', 'verdicts.jsonl')

const broken = (file: string, message: string, cause?: unknown): EnvironmentFault =>
  new EnvironmentFault('STORE_BROKEN', `${file}: ${message}`, { cause })

const readLine = (file: string, line: string, index: number): VerdictChange => {
  try {
    return change.parse(JSON.parse(line))
  } catch (cause) {
    throw broken(file, `line ${index + 1}: expected a verdict as it was recorded`, cause)
  }
}

/** All that was recorded, oldest first. Rejects with `EnvironmentFault` STORE_BROKEN. */
export const verdictHistory = async (dataFolder: string): Promise<readonly VerdictChange[]> => {
  const file = fileOf(dataFolder)
  if (!existsSync(file)) return []
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.slice(0, -1).flatMap((line, index) => (line === '' ? [] : [readLine(file, line, index)]))
}

/** Adds to the record; on the disk when it resolves. */
export const recordVerdicts = async (
  dataFolder: string,
  changes: readonly VerdictChange[],
): Promise<void> => {
  if (changes.length === 0) return
  const file = fileOf(dataFolder)
  await mkdir(path.dirname(file), { recursive: true })
  await using handle = await open(file, 'a+')
  const bytes = await handle.readFile()
  const whole = bytes.lastIndexOf(10) + 1
  // What a crash cut short is taken off, so that it does not spoil the line that follows.
  if (whole < bytes.length) await handle.truncate(whole)
  await handle.appendFile(changes.map((each) => `${JSON.stringify(each)}\n`).join(''))
  await handle.sync()
}
