import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openForWriting } from '../../src/collector/history/schema.ts'
import { openDatabase } from '../../src/database/open.ts'
import { temporaryFolder } from '../support/cli.ts'
import type { Opening } from './opener.ts'

/** What went wrong with two that open each of these files at the same instant. */
const openedByTwo = (files: readonly string[], kind: Opening['kind']): Promise<readonly string[]> => {
  const workerData: Opening = { gate: new SharedArrayBuffer(4 * files.length), files, others: 2, kind }
  const faults = [1, 2].map(async () => {
    const worker = new Worker(new URL('opener.ts', import.meta.url), { workerData })
    const [said] = (await once(worker, 'message')) as [readonly string[]]
    return said
  })
  return Promise.all(faults).then((both) => both.flat())
}

const filesIn = (folder: string): readonly string[] =>
  Array.from({ length: 12 }, (_, index) => path.join(folder, `${index}.sqlite`))

test.each(['database', 'history'] as const)(
  'two that make the same %s at once both have it',
  async (kind) => {
    await using folder = await temporaryFolder()
    expect(await openedByTwo(filesIn(folder.path), kind)).toEqual([])
  },
)

/** A history as version 1 had it: what later versions came with is not there. */
const makeOld = (file: string): void => {
  openForWriting(file).close()
  const database = new DatabaseSync(file)
  database.exec(
    'DROP TABLE folded; DROP TABLE ending; ALTER TABLE rollup DROP COLUMN answered; PRAGMA user_version = 1',
  )
  database.close()
}

test('two that bring the same history forward at once both have it', async () => {
  await using folder = await temporaryFolder()
  const files = filesIn(folder.path)
  for (const file of files) makeOld(file)
  expect(await openedByTwo(files, 'history')).toEqual([])
})

test('a file is the owner’s alone, whatever its folder lets others do', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'one.sqlite')
  using database = openDatabase(file, { schema: 'CREATE TABLE one (id INTEGER) STRICT' })
  database.change(() => database.sql.exec('INSERT INTO one VALUES (1)'))
  for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600)
})
