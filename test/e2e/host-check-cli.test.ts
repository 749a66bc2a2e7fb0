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

test('the evidence is a new file of its owner’s, and what is signed in it equals what --json prints', async () => {
  await using folder = await temporaryFolder()
  await plant(path.join(folder.path, 'root'), hardened)
  const [file, key] = [path.join(folder.path, 'evidence.json'), path.join(folder.path, 'key.pem')]
  await yiwang(['signer', 'new', key])
  const args = ['host', 'check', '--root', path.join(folder.path, 'root'), '--out', file, '--key', key]
  const printed = await yiwangJson(args)
  const { payload } = JSON.parse(await readFile(file, 'utf8')) as { readonly payload: string }
  expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toEqual(printed)
  expect(printed).toMatchObject({
    format: 'yiwang-host-evidence/1',
    from: 'folder',
    host: { hostname: 'hardened' },
  })
  for (const each of [file, key]) expect((await stat(each)).mode & 0o777).toBe(0o600)
  expectRefusal(await yiwang(args), 2, /--out: expected a new file/u)
})

test.each([
  ['--root', '/no/such/folder'],
  ['--family', 'nonsense'],
])('host check %s %s is refused', async (...args) => {
  expectRefusal(await yiwang(['host', 'check', ...args]), 2, /--(root|family)/u)
})
