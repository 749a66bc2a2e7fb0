import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../database/sqlite.ts'
import { blockOf, firstOf, hoursAThird, jobsABlock, pack } from './blocks.ts'
import { createTable } from './hour-table.ts'
import { hourly } from './hourly.ts'
import { hourMs, thirdMs, thirdOf } from './rollup.ts'

/**
 * Folds hours of the past: what a block of jobs came to in a third of a day is one row, which costs a reader a fiftieth
 * of what its thousands of hours do. A row without hours is due: to be folded, or to be folded anew.
 */
export interface Folder {
  /** A look was counted, in the same transaction: what was folded of its hour holds no longer. */
  counted(job: number, observedAt: number): void
  /** Folds a few blocks of what was over before that time; says how many. */
  fold(before: number): number
}

/** Some 4 ms each, for which deliveries wait. */
const blocksAtATime = 2

const numberIn = (row: Readonly<Record<string, unknown>> | undefined, name: string): number | undefined => {
  const value = row?.[name]
  return typeof value === 'number' ? value : undefined
}

const range = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => first + at)

const packing = (database: DatabaseSync): ((third: number, block: number) => Uint8Array) => {
  const read = hourly(database)
  return (third, block) => {
    const first = firstOf(block)
    const table = createTable(range(first, jobsABlock), hoursAThird)
    for (const at of range(0, hoursAThird))
      table.fill(read(third * thirdMs + at * hourMs, [first, first + jobsABlock - 1]), at)
    return pack(table.counts)
  }
}

export const folderOf = (database: DatabaseSync): Folder => {
  const newest = database.prepare('SELECT max(third) AS third FROM folded')
  const nextHour = database.prepare('SELECT min(hour) AS hour FROM rollup WHERE hour >= ?')
  const lastJob = database.prepare('SELECT max(id) AS id FROM job')
  const due = database.prepare('SELECT third, block FROM folded WHERE hours IS NULL LIMIT ?')
  const setDue = database.prepare(
    'INSERT INTO folded (third, block) VALUES (?, ?) ON CONFLICT DO UPDATE SET hours = NULL',
  )
  const put = database.prepare('UPDATE folded SET hours = ? WHERE third = ? AND block = ?')
  const packed = packing(database)

  /** The last third of which blocks are folded or due; none: before all. */
  const frontier = (): number => numberIn(newest.get(), 'third') ?? -Infinity
  const advance = (before: number): void => {
    const hour = numberIn(nextHour.get((Math.max(frontier(), -1) + 1) * thirdMs), 'hour')
    if (hour === undefined || (thirdOf(hour) + 1) * thirdMs > before) return
    const blocks = blockOf(numberIn(lastJob.get(), 'id') ?? 0) + 1
    for (const block of range(0, blocks)) setDue.run(thirdOf(hour), block)
  }
  const someDue = () => due.all(blocksAtATime) as unknown as readonly { third: number; block: number }[]

  let reached = frontier()
  return {
    counted: (job, observedAt) => {
      const third = thirdOf(observedAt)
      if (third <= reached) setDue.run(third, blockOf(job))
    },
    fold: (before) => {
      const folded = inTransaction(database, () => {
        if (someDue().length === 0) advance(before)
        const blocks = someDue()
        for (const { third, block } of blocks) put.run(packed(third, block), third, block)
        return blocks.length
      })
      reached = frontier()
      return folded
    },
  }
}
