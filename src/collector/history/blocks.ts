import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { columnsOf, type HourCounts } from './hour-table.ts'
import { hourMs, thirdMs } from './rollup.ts'

/** How the file has folded hours: a block of jobs and a third of a day together. Never changed without its schema. */

export const hoursAThird = thirdMs / hourMs

/** Jobs of a block; the next block begins with the next number. */
export const jobsABlock = 2048

export const blockOf = (job: number): number => Math.floor(job / jobsABlock)

export const firstOf = (block: number): number => block * jobsABlock

const countsAColumn = jobsABlock * hoursAThird
const fastest = { level: 1 }
/** In one piece, with room for its end. */
const whole = { chunkSize: 16 * countsAColumn + 64 }

/** Counts of all jobs of a block, up, down, unknown, answered, in the byte order of every machine that Node runs on. */
export const pack = ({ up, down, unknown, answered }: HourCounts): Uint8Array => {
  const all = new Uint32Array(4 * countsAColumn)
  for (const [at, column] of [up, down, unknown, answered].entries()) all.set(column, at * countsAColumn)
  return deflateRawSync(all, fastest)
}

export const unpack = (packed: Uint8Array): HourCounts => {
  const { buffer, byteOffset } = inflateRawSync(packed, whole)
  let at = 0
  return columnsOf(() => new Uint32Array(buffer, byteOffset + 4 * countsAColumn * at++, countsAColumn))
}
