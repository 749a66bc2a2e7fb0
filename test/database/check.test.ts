import { open, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkDatabase } from '../../src/database/check.ts'
import { databaseFaultOf } from '../../src/database/sqlite.ts'
import { temporaryFolder } from '../support/cli.ts'

const stack = new AsyncDisposableStack()
let folder: string
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path
})
afterAll(() => stack.disposeAsync())

const made = (name: string, rows: number): string => {
  const file = path.join(folder, name)
  using database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER, b TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO t SELECT i, 'x' FROM n`)
  return file
}
const silently = (): void => undefined

test('a sound database is ok, and is left alone', async () => {
  expect(await checkDatabase(made('sound', 10), silently)).toBe('ok')
  expect((await readdir(folder)).filter((name) => name.startsWith('sound'))).toEqual(['sound'])
})

test('what is wrong is said', async () => {
  const file = made('damaged', 10_000)
  await using handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(4096, 0xff), 0, 4096, 8192)
  const found = await checkDatabase(file, silently).catch((error: unknown) => databaseFaultOf(error))
  expect(found).toMatch(/Tree \d+|STORE_BROKEN/u)
})

test('what is no database is refused with what SQLite says', async () => {
  const file = path.join(folder, 'none')
  await writeFile(file, 'a'.repeat(8192))
  const error: unknown = await checkDatabase(file, silently).catch((reason: unknown) => reason)
  expect(databaseFaultOf(error)).toBe('STORE_BROKEN')
})

test('a file that is gone is not made', async () => {
  await expect(checkDatabase(path.join(folder, 'gone'), silently)).rejects.toThrow(/unable to open/u)
  expect(await readdir(folder)).not.toContain('gone')
})

test('whoever breaks it off does not wait for its end', async () => {
  const file = made('large', 3_000_000)
  const stop = new Error('stop')
  let ticks = 0
  const broken = checkDatabase(file, () => {
    ticks += 1
    throw stop
  })
  // On a machine that checks it within a tenth of a second there is nothing to break off.
  const outcome = await broken.catch((error: unknown) => error)
  expect(outcome).toBe(ticks > 0 ? stop : 'ok')
  await rm(file)
})
