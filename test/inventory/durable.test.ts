import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { writeDurably } from '../../inventory/lowdb/durable.ts'
import { replaceFile } from '../../src/agent/durable-file.ts'
import { temporaryFolder } from './store-fixtures.ts'

const writers = [
  ['writeDurably', '.kept.tmp', writeDurably, { code: 'EISDIR', syscall: 'open' }],
  [
    'replaceFile',
    'kept.new',
    (file: string, text: string) => replaceFile(file, text, 0o600),
    { code: 'FILE_UNREADABLE', cause: { code: 'EISDIR', syscall: 'open' } },
  ],
] as const

test.each(writers)(
  '%s tells what failed first, whatever becomes of its clean-up, and leaves the file',
  async (_name, temporary, write, fault) => {
    await using folder = await temporaryFolder()
    const file = path.join(folder.path, 'kept')
    await writeFile(file, 'before')
    // A folder can neither be written to as a file nor be removed as one.
    await mkdir(path.join(folder.path, temporary))
    await expect(write(file, 'after')).rejects.toMatchObject(fault)
    expect(await readFile(file, 'utf8')).toBe('before')
  },
)

test('what is written replaces the whole, and nothing else is left', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'kept')
  for (const text of ['before', 'a']) await writeDurably(file, text)
  expect([await readFile(file, 'utf8'), await readdir(folder.path)]).toEqual(['a', ['kept']])
})
