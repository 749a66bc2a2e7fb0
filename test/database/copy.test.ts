import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { copyDatabase } from '../../src/database/copy.ts'
import { temporaryFolder } from '../support/cli.ts'

const count = (database: DatabaseSync): unknown =>
  database.prepare('SELECT count(*) AS count FROM look').get()?.['count']

test('a copy is of one moment, and done in one go, though somebody writes at each of its steps', async () => {
  await using folder = await temporaryFolder()
  const [from, to] = [path.join(folder.path, 'from.sqlite'), path.join(folder.path, 'to.sqlite')]
  using writer = new DatabaseSync(from)
  writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE look (detail BLOB)')
  writer.exec(`WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 8000)
    INSERT INTO look SELECT zeroblob(4000) FROM n`)
  const steps: number[] = []
  await copyDatabase(from, to, (bytes) => {
    steps.push(bytes)
    writer.exec('INSERT INTO look VALUES (zeroblob(4000))')
  })
  expect(steps.length).toBeGreaterThan(2)
  expect(steps).toEqual(steps.toSorted((one, other) => one - other))
  using copy = new DatabaseSync(to)
  expect(count(copy)).toBe(8000)
  expect(count(writer)).toBe(8000 + steps.length)
})
