import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { jobsABlock } from '../../src/collector/history/blocks.ts'
import { createHoursReader } from '../../src/collector/history/hours.ts'
import { parcelOf } from '../../src/collector/history/parcel.ts'
import { hourMs, thirdMs } from '../../src/collector/history/rollup.ts'
import { openForWriting } from '../../src/collector/history/schema.ts'
import { type Writer, writerOf } from '../../src/collector/history/writer.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { down, job, observation } from './support.ts'

/** That what is read is right, however much is folded, is shown in `test/migration/hours.test.ts`. */

const begin = Date.parse('2026-05-01T00:00:00Z')
const later = begin + 30 * thirdMs
/** Three blocks, the last of one job. */
const jobs = Array.from({ length: 2 * jobsABlock }, (_, index) => job(`n-${index}`))

const write = (writer: Writer, at: number, own = jobs, more: object = {}): void => {
  const rows = own.map((each, index) => ({
    sequence: index + 1,
    observation: observation(each, { observedAt: at, ...more }),
  }))
  const range = { first: 1, last: rows.length }
  writer.write([parcelOf({ agent: 'a', stream: randomUUID(), ...range, rows, receivedAt: at })])
}

const standing = (database: DatabaseSync) =>
  database
    .prepare('SELECT third, count(*) AS blocks, count(hours) AS folded FROM folded GROUP BY third')
    .all()
    .map(({ third, ...counts }) => ({ at: Number(third) * thirdMs - begin, ...counts }))

const foldAll = (writer: Writer, before: number): number => {
  let folded = 0
  for (let more = writer.fold(before); more > 0; more = writer.fold(before)) folded += more
  return folded
}

const scene = () => {
  const database = openForWriting(':memory:')
  const writer = writerOf(database)
  write(writer, begin)
  write(writer, begin + 5 * thirdMs)
  return { database, writer, [Symbol.dispose]: () => writer.close() }
}

test('what is over is folded third by third; days without looks are passed over', () => {
  using planted = scene()
  const { database, writer } = planted
  expect(writer.fold(begin + thirdMs - 1)).toBe(0)
  expect(foldAll(writer, begin + 6 * thirdMs)).toBe(6)
  expect(standing(database)).toEqual([
    { at: 0, blocks: 3, folded: 3 },
    { at: 5 * thirdMs, blocks: 3, folded: 3 },
  ])
  expect(writer.fold(later)).toBe(0)
})

test('a late look has its block folded anew, also where nobody had looked', () => {
  using planted = scene()
  const { database, writer } = planted
  foldAll(writer, later)
  write(writer, begin + hourMs, jobs.slice(0, 1), down)
  write(writer, begin + 2 * thirdMs, jobs.slice(0, 1), down)
  expect(standing(database)).toEqual([
    { at: 0, blocks: 3, folded: 2 },
    { at: 2 * thirdMs, blocks: 1, folded: 0 },
    { at: 5 * thirdMs, blocks: 3, folded: 3 },
  ])
  // Whoever opens the file next knows as much.
  const next = writerOf(database)
  expect(foldAll(next, later)).toBe(2)
  write(next, begin, jobs.slice(-1), { observedAt: begin + 1 })
  expect(foldAll(next, later)).toBe(1)
})

test('folded hours are read without the hours, and go with them', () => {
  using planted = scene()
  const { database, writer } = planted
  foldAll(writer, later)
  const hours = [begin, begin + 5 * thirdMs]
  const read = () => {
    const countsOf = atOnce(createHoursReader(database).read([1, 2 * jobsABlock], hours))
    return [countsOf(1), countsOf(2 * jobsABlock)]
  }
  const whole = read()
  expect(whole).toMatchObject([{ up: Uint32Array.of(1, 1, 1, 1) }, { from: 2, to: 4 }])
  database.exec('DELETE FROM rollup')
  expect(read()).toEqual(whole)
  writer.prune({ results: 0, rollups: begin + 5 * thirdMs + 1 })
  expect(standing(database)).toEqual([])
  expect(read()).toEqual([undefined, undefined])
})
