import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  attachmentState,
  copyAttachment,
  exportAttachment,
  keepBytes,
  keepFile,
  maxAttachmentBytes,
} from '../../inventory/attachments/store.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/cli.ts'

let scratch: TemporaryFolder
beforeEach(async () => {
  scratch = await temporaryFolder()
})
afterEach(() => scratch[Symbol.asyncDispose]())
const at = (...names: readonly string[]): string => path.join(scratch.path, ...names)
const store = (): string => at('attachments')

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('whatever is put in is there under its hash, once, and is told from what was altered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.integer({ min: 1, max: 255 }),
      async (bytes, by) => {
        await rm(store(), { recursive: true, force: true })
        await writeFile(at('源文件.pdf'), bytes)
        const kept = await keepFile(store(), at('源文件.pdf'))
        expect(kept).toEqual({ name: '源文件.pdf', hash: hashOf(bytes), bytes: bytes.length })
        await keepBytes(store(), bytes)
        expect(await readdir(store())).toEqual([kept.hash])
        expect(await attachmentState(store(), kept.hash)).toBe('intact')
        const altered =
          bytes.length === 0
            ? Uint8Array.of(by)
            : bytes.map((byte, index) => (index === 0 ? byte + by : byte))
        await writeFile(path.join(store(), kept.hash), altered)
        expect(await attachmentState(store(), kept.hash)).toBe('altered')
        await keepBytes(store(), bytes)
        expect(await attachmentState(store(), kept.hash)).toBe('intact')
      },
    ),
    { numRuns: 30 },
  )
})

test('an altered or missing file is copied nowhere, and leaves nothing behind', async () => {
  await keepBytes(store(), Buffer.from('a'))
  const hash = hashOf(Buffer.from('a'))
  expect(await copyAttachment(store(), hash, at('copy'))).toBe('intact')
  expect(await readFile(at('copy', hash), 'utf8')).toBe('a')
  expect(await exportAttachment(store(), hash, at('out', 'a.txt'))).toBe('intact')
  await expect(exportAttachment(store(), hash, at('out', 'a.txt'))).rejects.toThrow(
    /a\.txt: expected a new file/u,
  )
  await writeFile(path.join(store(), hash), 'b')
  expect(await copyAttachment(store(), hash, at('other'))).toBe('altered')
  expect(await exportAttachment(store(), hash, at('out', 'b.txt'))).toBe('altered')
  expect(await copyAttachment(store(), 'f'.repeat(64), at('other'))).toBe('missing')
  expect(await attachmentState(store(), 'f'.repeat(64))).toBe('missing')
  expect(await readdir(at('other'))).toEqual([])
  expect(await readdir(at('out'))).toEqual(['a.txt'])
})

test.each<[string, () => Promise<void>, RegExp]>([
  ['is not there', () => Promise.resolve(), /expected a file that can be read/u],
  ['is a folder', () => mkdir(at('given')).then(() => undefined), /expected a file, got something else/u],
  [
    'is too large',
    async () => {
      await writeFile(at('given'), '')
      await truncate(at('given'), maxAttachmentBytes + 1)
    },
    /expected at most 67108864 bytes, got 67108865\n {2}→/u,
  ],
])('a file that %s is refused', async (_how, make, message) => {
  await make()
  const refused = await keepFile(store(), at('given')).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(UsageFault)
  expect(String(refused)).toMatch(message)
})
