import { type Counts, columns, columnsOf, type HourCounts } from './hour-table.ts'
import { hourMs, thirdMs } from './rollup.ts'

/** How the file has folded hours: a block of jobs and a third of a day together. Never changed without its schema. */

export const hoursAThird = thirdMs / hourMs

/** Jobs of a block; the next block begins with the next number. */
export const jobsABlock = 2048

export const blockOf = (job: number): number => Math.floor(job / jobsABlock)

export const firstOf = (block: number): number => block * jobsABlock

const length = jobsABlock * hoursAThird

/** By the bytes of a number; the byte order is that of every machine that Node runs on. */
const lists = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const

type Width = 0 | keyof typeof lists

/** Most hours have few looks, and nothing but looks that were up. */
const widthFor = (counts: Counts): Width => {
  let most = 0
  for (const count of counts) most = Math.max(most, count)
  if (most === 0) return 0
  if (most < 2 ** 8) return 1
  return most < 2 ** 16 ? 2 : 4
}

const nothing = new Uint8Array()

/** Counts of all jobs of a block: the bytes of a number in each column, then the columns, as narrow as they can be. */
export const pack = (counts: HourCounts): Uint8Array => {
  const widths = columns.map((column) => widthFor(counts[column]))
  return Buffer.concat([
    Uint8Array.from(widths),
    ...columns.flatMap((column, at) => {
      const width = widths[at] ?? 0
      return width === 0 ? [] : [new Uint8Array(lists[width].from(counts[column]).buffer)]
    }),
  ])
}

export const unpack = (packed: Uint8Array): HourCounts => {
  let from: number = columns.length
  return columnsOf((column) => {
    const width = packed[columns.indexOf(column)] as Width
    if (width === 0) return nothing
    const [begin, end] = [from, (from += width * length)]
    if (width === 1) return packed.subarray(begin, end)
    // A list must begin at a multiple of its width, where this one need not.
    return new lists[width](packed.slice(begin, end).buffer)
  })
}
