import { mkdir, mkdtemp, open, readFile, rm, rmdir, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { systemFault } from '../../src/commands/system-fault.ts'
import { fileFaultOf } from '../../src/core/file-fault.ts'
import { databaseFaultOf } from '../../src/database/sqlite.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-file-fault-'))
  await mkdir(path.join(folder, 'full', 'inner'), { recursive: true })
  await symlink('loop', path.join(folder, 'loop'))
})
afterAll(() => rm(folder, { recursive: true }))

const there = (name: string): string => path.join(folder, name)

/** What a real file system rejects with. */
const rejections: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['ENOENT', () => readFile(there('absent'))],
  ['EEXIST', () => mkdir(there('full'))],
  ['ENOTEMPTY', () => rmdir(there('full'))],
  ['EISDIR', () => open(there('full'), 'w')],
  ['ELOOP', () => readFile(there('loop'))],
  ['ENAMETOOLONG', () => readFile(there('x'.repeat(300)))],
]

test.each(rejections)('%s: the same of a command, the inventory and a database', async (code, attempt) => {
  const error: unknown = await attempt().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code })
  expect(fileFaultOf(error)).toBe('FILE_UNREADABLE')
  expect(systemFault(error as Error)).toMatchObject({ code: 'FILE_UNREADABLE', cause: error })
  expect(databaseFaultOf(error)).toBe('FILE_UNREADABLE')
  await expect(guarded(folder, attempt)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})

test('a full disk, seen at /dev/full', async () => {
  await using handle = await open('/dev/full', 'w')
  const error: unknown = await handle.writeFile('a').catch((reason: unknown) => reason)
  expect(fileFaultOf(error)).toBe('DISK_FULL')
  expect(systemFault(error as Error)).toMatchObject({ code: 'DISK_FULL', message: 'no space left' })
})

test.each([
  new Error('no code'),
  Object.assign(new Error('of a socket'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('a number'), { code: 1 }),
  Object.assign(new Error('a name that every object has'), { code: 'toString' }),
  'no error at all',
])('%s: nothing of the file system', (error) => {
  expect(fileFaultOf(error)).toBeUndefined()
})
