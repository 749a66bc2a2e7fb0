import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { hardened, plant } from '../agent/host/roots.ts'
import { temporaryFolder, yiwang, yiwangJson } from '../support/cli.ts'
import { expectRefusal } from './data-folder.ts'

const families = ['accounts', 'kernel', 'packages', 'nginx'].flatMap((name) => ['--family', name])

test.each([
  { root: 'hardened', files: hardened, code: 0 },
  { root: 'with a fault', files: { ...hardened, '/etc/group': 'a:x:1:\nb:x:1:\n' }, code: 3 },
  { root: 'empty', files: {}, code: 4 },
])('host check of a root $root ends with $code', async ({ files, code }) => {
  await using folder = await temporaryFolder()
  await plant(folder.path, files)
  const finished = await yiwang(['host', 'check', '--root', folder.path, ...families])
  expect(finished.code).toBe(code)
  expect(finished.stdout).toContain('accounts.unique-groups')
  expect(finished.stdout.includes('→ accounts.unique-groups: ')).toBe(code === 3)
})

test('the evidence is a new file of its owner’s, and equals what --json prints', async () => {
  await using folder = await temporaryFolder()
  await plant(folder.path, hardened)
  const file = path.join(folder.path, 'evidence.json')
  const args = ['host', 'check', '--root', folder.path, '--out', file]
  const printed = await yiwangJson(args)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(printed)
  expect(printed).toMatchObject({
    format: 'yiwang-host-evidence/1',
    from: 'folder',
    host: { hostname: 'hardened' },
  })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expectRefusal(await yiwang(args), 2, /--out: expected a new file/u)
})

test.each([
  ['--root', '/no/such/folder'],
  ['--family', 'nonsense'],
])('host check %s %s is refused', async (...args) => {
  expectRefusal(await yiwang(['host', 'check', ...args]), 2, /--(root|family)/u)
})
