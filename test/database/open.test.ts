import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { temporaryFolder } from '../support/cli.ts'

test('two that make the same file at once both have it', async () => {
  await using folder = await temporaryFolder()
  const files = Array.from({ length: 12 }, (_, index) => path.join(folder.path, `${index}.sqlite`))
  const workerData = { gate: new SharedArrayBuffer(4 * files.length), files, others: 2 }
  const faults = [1, 2].map(async () => {
    const worker = new Worker(new URL('opener.ts', import.meta.url), { workerData })
    const [said] = (await once(worker, 'message')) as [readonly string[]]
    return said
  })
  expect(await Promise.all(faults)).toEqual([[], []])
})

test('a file is the owner’s alone, whatever its folder lets others do', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'one.sqlite')
  using database = openDatabase(file, { schema: 'CREATE TABLE one (id INTEGER) STRICT' })
  database.change(() => database.sql.exec('INSERT INTO one VALUES (1)'))
  for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600)
})
