import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { hardened, plant } from '../agent/host/roots.ts'
import { evidenceOf, newTestKey } from '../support/evidence.ts'
import { publicPem } from '../../src/core/signing-key.ts'
import { type Child, startYiwang, until } from './child.ts'
import {
  copyOf,
  type DataFolder,
  emptyFolder,
  expectRefusal,
  expectUntouched,
  kaifeng,
} from './data-folder.ts'

const key = newTestKey()

/** Kaifeng with a server and a registered key; beside it a root to be looked at. */
let city: DataFolder
beforeAll(async () => {
  city = await kaifeng()
  await city.ok('device', 'add', 'd-1', 'name=数据库', 'role=server', 'node=n-410200', 'address=127.0.0.1')
  await writeFile(city.file('field.pub'), publicPem(key.publicKey))
  await city.ok('signer', 'add', 'field', city.file('field.pub'), '--reason', '离线核查')
  await plant(city.file('root'), hardened)
})
afterAll(() => city[Symbol.asyncDispose]())

interface Listed {
  readonly hosts: readonly {
    readonly target?: string
    readonly hostname: string
    readonly machine?: string
    readonly collectedAt: string
    readonly hash: string
    readonly counts: Readonly<Record<string, number>>
  }[]
  readonly refused: readonly { readonly where: string; readonly message: string }[]
}
const listOf = async (folder: DataFolder): Promise<Listed> => (await folder.json('host', 'list')) as Listed

describe('evidence of an offline host', () => {
  test('key made, public half registered, host checked, file imported: once, whole, and in the audit log', async () => {
    await using folder = await copyOf(city)
    await folder.ok('signer', 'new', folder.file('usb.pem'))
    await folder.ok('signer', 'add', 'usb', folder.file('usb.pem.pub'))
    const [file, usb] = [folder.file('evidence.json'), folder.file('usb.pem')]
    await folder.ok('host', 'check', '--root', folder.file('root'), '--out', file, '--key', usb)
    const imported = await folder.ok(
      'mlps',
      'import-evidence',
      file,
      '--asset-target',
      'd-1',
      '--reason',
      '三季度',
    )
    expect(imported).toMatch(/^hardened {2}/u)
    expect(await listOf(folder)).toMatchObject({
      hosts: [{ target: 'd-1', hostname: 'hardened' }],
      refused: [],
    })
    expect(await folder.ok('audit', 'log')).toMatch(/三季度 +add evidence [0-9a-f]{64}/u)
    await expectUntouched(folder, () => folder.ok('mlps', 'import-evidence', file).then(() => undefined))

    const hash = (await listOf(folder)).hosts[0]?.hash ?? ''
    expect(await readFile(folder.file('attachments', hash))).toEqual(await readFile(file))
    await writeFile(folder.file('attachments', hash), 'altered')
    const { hosts, refused } = await listOf(folder)
    expect({ hosts, refused }).toMatchObject({ hosts: [], refused: [{ where: `evidence/${hash}` }] })
    expect((await folder.run('host', 'list')).code).toBe(3)
    // The same file again mends it.
    await folder.ok('mlps', 'import-evidence', file)
    expect(await listOf(folder)).toMatchObject({ hosts: [{ target: 'd-1' }], refused: [] })
    await folder.ok('audit', 'verify')
  })

  test('the newest of a host counts, and one without a target is known by its machine', async () => {
    await using folder = await copyOf(city)
    const dated = (collectedAt: string, hostname: string) =>
      key.sign(evidenceOf({ collectedAt, host: { ...evidenceOf().host, hostname } }))
    await writeFile(folder.file('old'), dated('2026-01-01T00:00:00.000Z', 'old-name'))
    await writeFile(folder.file('new'), dated('2026-02-01T00:00:00.000Z', 'new-name'))
    await folder.ok('mlps', 'import-evidence', folder.file('new'), folder.file('old'))
    await writeFile(
      folder.file('other'),
      key.sign(evidenceOf({ host: { ...evidenceOf().host, machine: 'm-2' } })),
    )
    const together = ['new', 'other'].map((name) => folder.file(name))
    const refused = await folder.run('mlps', 'import-evidence', ...together, '--asset-target', 'd-1')
    expectRefusal(refused, 2, /--asset-target: expected files of one host, got those of 2/u)
    const { hosts } = await listOf(folder)
    expect(hosts).toMatchObject([{ hostname: 'new-name', machine: evidenceOf().host.machine }])
    expect(hosts[0]?.target).toBeUndefined()
  })

  test('what only root could see is not hidden by a newer look of somebody else', async () => {
    await using folder = await copyOf(city)
    await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', '--asset', 'net.db=服务器:数据库:d-1')
    await folder.ok('mlps', 'set', 'net', 'L3-CES1-01', '符合')
    const [result] = evidenceOf().results
    const look = (verdict: 'contradicts' | 'cannot-tell', minutesAgo: number, asRoot: boolean) =>
      key.sign(
        evidenceOf({
          collectedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
          asRoot,
          results: [
            { ...result!, verdict },
            { ...result!, id: 'accounts.other', verdict: 'supports' },
          ],
        }),
      )
    await writeFile(folder.file('old.json'), look('contradicts', 90, true))
    await writeFile(folder.file('new.json'), look('cannot-tell', 10, false))
    const files = ['old.json', 'new.json'].map((name) => folder.file(name))
    await folder.ok('mlps', 'import-evidence', ...files, '--asset-target', 'd-1')
    const { hosts } = await listOf(folder)
    expect(hosts).toMatchObject([
      { target: 'd-1', counts: { contradicts: 1, supports: 1, 'cannot-tell': 0 }, earlier: { checks: 1 } },
    ])
    expect((await folder.run('host', 'list')).stderr).toMatch(
      /not collected as root; 1 checks that it could not see/u,
    )
    const contradictions = await folder.run('mlps', 'contradictions', 'net', '--json')
    expect(contradictions.code).toBe(3)
    expect(contradictions.stdout).toContain('accounts.unique-uids')
  })

  test('what is wrong is refused: every file is named, nothing is kept', async () => {
    await using folder = await copyOf(city)
    const good = key.sign(evidenceOf({ collectedAt: '2026-01-01T00:00:00.000Z' }))
    const files: Readonly<Record<string, Buffer>> = {
      good,
      altered: Buffer.from(good.toString().replace('"sig":"', '"sig":"A')),
      future: key.sign(evidenceOf({ collectedAt: '2999-01-01T00:00:00.000Z' })),
      stranger: newTestKey().sign(evidenceOf()),
      large: Buffer.alloc(5 * 1024 * 1024),
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(folder.file(name), bytes)
    await expectUntouched(folder, async () => {
      const paths = [...Object.keys(files), 'missing'].map((name) => folder.file(name))
      const finished = await folder.run('mlps', 'import-evidence', ...paths)
      expectRefusal(
        finished,
        2,
        /altered: expected signed host evidence, got another file or one that was altered/u,
      )
      for (const words of [
        /future: expected a time of collection that has passed, got 2999-/u,
        /stranger: expected a registered key/u,
        /large: expected at most 4194304 bytes, got 5242880/u,
        /missing: expected a file that can be read, got ENOENT/u,
      ])
        expect(finished.stderr).toMatch(words)
      expect(finished.stderr).not.toMatch(/good:/u)
      const elsewhere = await folder.run(
        'mlps',
        'import-evidence',
        folder.file('good'),
        '--asset-target',
        'd-2',
      )
      expectRefusal(elsewhere, 2, /expected an existing node or system or device, got d-2/u)
    })
    expect((await listOf(folder)).hosts).toEqual([])

    await folder.ok('mlps', 'import-evidence', folder.file('good'))
    await folder.ok('signer', 'revoke', 'field', '--reason', 'U盘遗失')
    expect(await listOf(folder)).toMatchObject({
      hosts: [],
      refused: [{ message: expect.stringContaining('(signer field) was revoked') as string }],
    })
    expectRefusal(await folder.run('mlps', 'import-evidence', folder.file('good')), 2, /was revoked/u)
    expectRefusal(
      await folder.run('signer', 'add', 'again', folder.file('field.pub')),
      2,
      /expected a new key, it is that of signer field/u,
    )
  })

  test.each<[string, (folder: DataFolder) => Promise<readonly string[]>, RegExp]>([
    ['no key', () => Promise.resolve([]), /--out: expected a key to sign with.*\n {2}→ /u],
    ['a key that is not there', (f) => Promise.resolve(['--key', f.file('none')]), /got no such file/u],
    ['a public key', (f) => Promise.resolve(['--key', f.file('field.pub')]), /expected mode 0600/u],
    [
      'a key that others may read',
      async (f) => {
        await writeFile(f.file('open.pem'), key.pem)
        await chmod(f.file('open.pem'), 0o644)
        return ['--key', f.file('open.pem')]
      },
      /expected mode 0600, got 0644/u,
    ],
    ['a part of the checks', () => Promise.resolve(['--family', 'accounts']), /--family/u],
  ])('with %s nothing is signed', async (_what, more, words) => {
    await using folder = await copyOf(city)
    const args = ['host', 'check', '--root', folder.file('root'), '--out', folder.file('out.json')]
    expectRefusal(await folder.run(...args, ...(await more(folder))), 2, words)
    expect(await readdir(folder.path)).not.toContain('out.json')
  })
})

describe('attachments', () => {
  test('attached, shown, exported, backed up and restored; an altered one is told of', async () => {
    await using folder = await copyOf(city)
    await using other = await emptyFolder()
    await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', '--asset', 'net.fw=安全设备:核心防火墙')
    await writeFile(folder.file('策略.txt'), '口令八位')
    await writeFile(folder.file('截图.png'), Buffer.from([0x89, 0x50, 0, 255]))
    const attach = ['mlps', 'attach', 'net', 'net.fw', 'L3-CES1-01']
    await folder.ok(...attach, folder.file('策略.txt'), folder.file('截图.png'))
    await expectUntouched(folder, () => folder.ok(...attach, folder.file('策略.txt')).then(() => undefined))
    // A result that is set afterwards keeps them.
    await folder.ok('mlps', 'set', 'net', 'L3-CES1-01', '符合', '--asset', 'net.fw')
    const show = ['mlps', 'show', 'net', '--result', '符合']
    expect(await folder.ok(...show)).toMatch(/L3-CES1-01 +核心防火墙 +策略\.txt +12 +完好/u)

    await writeFile(folder.file('误传.txt'), '误传')
    await folder.ok(...attach, folder.file('误传.txt'))
    const detach = ['mlps', 'detach', 'net', 'net.fw', 'L3-CES1-01']
    await folder.ok(...detach, '误传.txt')
    expectRefusal(
      await folder.run(...detach, '误传.txt'),
      2,
      /expected an attachment of L3-CES1-01 on net\.fw, got 误传/u,
    )
    expect(await folder.ok(...show)).not.toContain('误传')

    await folder.ok('attachment', 'export', folder.file('out'), '--of', 'asset/net.fw')
    const exported = await readdir(folder.file('out'))
    expect(exported.map((name) => name.slice(13)).toSorted()).toEqual(['截图.png', '策略.txt'].toSorted())

    await folder.ok('backup', folder.file('a.backup'))
    await other.ok('restore', folder.file('a.backup'))
    expect(await other.json('attachment', 'list')).toMatchObject([{ state: 'intact' }, { state: 'intact' }])

    const listed = (await folder.json('attachment', 'list')) as readonly { hash: string; name: string }[]
    const { hash = '' } = listed.find(({ name }) => name === '策略.txt') ?? {}
    await writeFile(folder.file('attachments', hash), '口令六位')
    const shown = await folder.run(...show)
    expect(shown).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/策略\.txt +12 +已被改动/u) as string,
    })
    expect((await folder.run('doctor')).stdout).toMatch(/attachments +fail +1 of 2 .* altered/u)
    await rm(folder.file('yiwang-attachments'), { recursive: true })
    const backup = await folder.run('backup', folder.file('b.backup'))
    expect(backup).toMatchObject({ code: 3, stderr: expect.stringContaining(`altered: ${hash}`) as string })
    await using third = await emptyFolder()
    const restored = await third.run('restore', folder.file('b.backup'))
    expect(restored).toMatchObject({ code: 3, stderr: expect.stringContaining(`missing: ${hash}`) as string })
  })

  test.each([
    [['net', 'net.fw', 'L3-CES1-99'], /expected an item of the catalogue/u],
    [['net', 'x', 'L3-CES1-01'], /expected an asset of the assessment, got x/u],
    [['nit', 'net.fw', 'L3-CES1-01'], /did you mean net\?/u],
  ])('mlps attach %j is refused before anything is copied', async (where, words) => {
    await using folder = await copyOf(city)
    await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', '--asset', 'net.fw=安全设备:核心防火墙')
    expectRefusal(await folder.run('mlps', 'attach', ...where, folder.file('field.pub')), 2, words)
    expectRefusal(
      await folder.run(
        'mlps',
        'attach',
        'net',
        'net.fw',
        'L3-CES1-01',
        folder.file('none'),
        folder.file('root'),
      ),
      2,
      /none: expected a file that can be read[^]*root: expected a file, got something else/u,
    )
    expect(await readdir(folder.path)).not.toContain('attachments')
  })
})

/** The check gives way to everything else on the machine. */
const patienceSeconds = 240

const urlOf = async (collector: Child): Promise<string> => {
  const line = await collector.said(/collector listens on/u)
  return /http:\/\/[\d.]+:\d+/u.exec(line)?.[0] ?? ''
}

test(
  'an agent that is enrolled checks its machine, and what it delivers is listed; so is that of one without a key',
  { timeout: 600_000 },
  async () => {
    await using folder = await copyOf(city)
    await using county = await emptyFolder()
    await writeFile(folder.file('yiwang.yaml'), "collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1 }\n")
    await writeFile(county.file('yiwang.yaml'), 'agent: { hostChecks: { intervalSeconds: 1 } }\n')
    await using collector = startYiwang(['collector', 'run', '--data', folder.path])
    const url = await urlOf(collector)
    const invitation = await folder.ok('agent', 'invite', 'lankao')
    const enrolling = ['agent', 'enroll', '--collector', url, '--id', 'lankao', '--data', county.path]
    expect(await startYiwang(enrolling, { input: invitation }).ended).toEqual([0, null])
    {
      await using agent = startYiwang(['agent', 'run', '--data', county.path])
      const { hosts } = await until(
        () => listOf(folder),
        ({ hosts: found }) => found.length > 0,
        patienceSeconds,
      )
      expect(hosts).toMatchObject([{ hostname: expect.any(String) as string }])
      expect(hosts[0]?.target).toBeUndefined()
      await folder.ok('agent', 'place', 'lankao', 'd-1')
      expect((await listOf(folder)).hosts).toMatchObject([{ target: 'd-1' }])
      const next = await until(
        () => listOf(folder),
        ({ hosts: found }) => found[0]?.collectedAt !== hosts[0]?.collectedAt,
        patienceSeconds,
      )
      expect(next).toMatchObject({ hosts: [{ target: 'd-1' }], refused: [] })
      agent.send('SIGTERM')
      expect(await agent.ended).toEqual([0, null])
    }
    // Its key signs by hand too, for the machine that it is; and not for a root that was looked at there.
    const out = county.file('out.json')
    await county.ok('host', 'check', '--root', folder.file('root'), '--out', out)
    await folder.ok('mlps', 'import-evidence', out)
    expect((await listOf(folder)).hosts).toMatchObject([{ hostname: 'hardened' }, { target: 'd-1' }])

    // As one that was enrolled before there were signing keys.
    const agents = folder.file('inventory', 'agent', 'all.json')
    await writeFile(agents, (await readFile(agents, 'utf8')).replace(/,\s*"signingKey": "[^"]*"/u, ''))
    await rm(county.file('agent', 'signing-key.pem'))
    expect(await listOf(folder)).toMatchObject({ hosts: [], refused: [{}, { where: 'agent/lankao' }] })
    await county.ok('agent', 'rotate')
    await using again = startYiwang(['agent', 'run', '--data', county.path])
    await until(
      () => listOf(folder),
      ({ hosts: found }) => found.some(({ target }) => target === 'd-1'),
      patienceSeconds,
    )
    await folder.ok('agent', 'revoke', 'lankao', '--reason', '设备退役')
    const revoked = await listOf(folder)
    expect(revoked.refused).toMatchObject([
      {},
      { message: expect.stringMatching(/agent lankao\) was revoked/u) as string },
    ])
    again.send('SIGTERM')
    await again.ended
  },
)

test(
  '`yiwang run` checks the machine that it is on, and signs what it finds',
  { timeout: 600_000 },
  async () => {
    await using folder = await copyOf(city)
    const settings = (agent: string) =>
      writeFile(folder.file('yiwang.yaml'), `collector: { listen: '127.0.0.1:0' }\nagent: ${agent}\n`)
    await settings('{ hostChecks: { intervalSeconds: 1 } }')
    const seen = ({ hosts }: Listed): boolean => hosts.length > 0
    {
      await using site = startYiwang(['run', '--data', folder.path])
      expect(await until(() => listOf(folder), seen, patienceSeconds)).toMatchObject({
        hosts: [{ hostname: expect.any(String) as string }],
        refused: [],
      })
      await folder.ok('agent', 'place', 'local', 'd-1')
      expect(await listOf(folder)).toMatchObject({ hosts: [{ target: 'd-1' }], refused: [] })
      site.send('SIGTERM')
      expect(await site.ended).toEqual([0, null])
    }
    const { size } = await stat(folder.file('inventory', 'audit.jsonl'))
    {
      // Its place and its key are there already; what was seen outlives the process.
      await using again = startYiwang(['run', '--data', folder.path])
      await again.said(/collector listens on/u)
      expect(await listOf(folder)).toMatchObject({ hosts: [{ target: 'd-1' }], refused: [] })
      again.send('SIGTERM')
      expect(await again.ended).toEqual([0, null])
    }
    expect((await stat(folder.file('inventory', 'audit.jsonl'))).size).toBe(size)
    // A lost key is no reason to take another for it: a person has to say so.
    await rm(folder.file('agent', 'signing-key.pem'))
    {
      await using stranger = startYiwang(['run', '--data', folder.path])
      await stranger.said(/expected the signing key that it had, got another/u)
      stranger.send('SIGTERM')
      expect(await stranger.ended).toEqual([0, null])
    }
  },
)

const importer = path.join(import.meta.dirname, 'import-writer.ts')

test('kill -9 while importing: a record and its document, or neither', async () => {
  await using folder = await copyOf(city)
  const documents = Array.from({ length: 40 }, (_, at) => {
    const hostname = `h-${at}`
    return key.sign(evidenceOf({ host: { ...evidenceOf().host, hostname, machine: `m-${at}` } }))
  })
  const files = documents.map((_, at) => folder.file(`in-${at}`))
  for (const [at, bytes] of documents.entries()) await writeFile(files[at]!, bytes)
  let acknowledged = 0
  for (let turn = 0; turn < 10; turn += 1) {
    const child = spawn(process.execPath, [importer, folder.path, ...files.slice(acknowledged)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface(child.stdout)
    let said = 0
    lines.on('line', () => {
      said += 1
    })
    await once(lines, 'line')
    const moment = performance.now() + turn * 4.7
    while (performance.now() < moment) await new Promise(setImmediate)
    child.kill('SIGKILL')
    await Promise.all([once(child, 'close'), once(lines, 'close')])
    acknowledged = Math.min(acknowledged + said, files.length - 1)

    await using store = await openInventory(folder.file('inventory'), { clock: Date.now })
    expect((await store.read()).evidence.size).toBeGreaterThanOrEqual(acknowledged)
    expect(await store.auditVerify()).toMatchObject({ intact: true })
  }
  const { hosts, refused } = await listOf(folder)
  expect(refused).toEqual([])
  expect(hosts.length).toBeGreaterThanOrEqual(acknowledged)
  await folder.ok('mlps', 'import-evidence', ...files)
  expect((await listOf(folder)).hosts).toHaveLength(files.length)
})
