import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepFile } from '../../inventory/attachments/store.ts'
import { writeHistory } from '../migration/history.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

const asOf = '2018-07-02T09:00:00+08:00'
const week = ['report', 'package', '--week', '2018-W26', '--as-of', asOf] as const

interface Manifest {
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
  readonly documents: readonly {
    readonly sha256: string
    readonly state: string
    readonly of: readonly string[]
  }[]
}

let site: DataFolder
let whole: string
beforeAll(async () => {
  site = await emptyFolder()
  await site.ok('init', '--region', '410200', '--plan', 'kaifeng-2018')
  await site.ok('node', 'set', 'n-410202', 'addresses=127.0.0.1')
  await site.ok('node', 'set', 'n-410203', 'addresses=127.0.0.2')
  await writeFile(site.file('connected.pdf'), '验收单')
  await keepFile(site.file('attachments'), site.file('connected.pdf'))
  await writeFile(site.file('elsewhere.pdf'), '另存')
  for (const [node, document] of [
    ['n-410202', 'connected.pdf'],
    ['n-410203', 'elsewhere.pdf'],
  ] as const)
    await site.ok(
      ...['claim', 'add', `node:${node}`, 'connected', '--as-of', '2018-06-27', '--by', '王工'],
      ...['--document', site.file(document)],
    )
  await site.ok('ledger', 'move', '2.2.2', '已完成待核验', '--reason', '报告', '--as-of', '2018-06-27')
  const job = (node: string): string => `${node}/icmp@public`
  await writeHistory(site.path, [
    { job: job('n-410202'), days: ['2018-06-18', '2018-07-01'], status: 'up' },
    { job: job('n-410203'), days: ['2018-06-18', '2018-06-28'], status: 'up' },
    { job: job('n-410203'), days: ['2018-06-29', '2018-07-01'], status: 'down', cause: 'timeout' },
  ])
  whole = site.file('w26')
  await site.ok(...week, '--out', whole)
}, 240_000)
afterAll(() => site[Symbol.asyncDispose]())

const recompute = (folder: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(folder, 'recompute.mjs'), ...args],
    {
      encoding: 'utf8',
    },
  )
  return { status, stdout, stderr }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Manifest

describe('a package for a third party', () => {
  test('recomputes from its data, with nothing of ours, and knows the manifest that was told', async () => {
    const hash = hashOf(await readFile(path.join(whole, 'manifest.json')))
    const { status, stdout, stderr } = recompute(whole, '--expect', hash)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/✓ 相符：\d{2,} 个数字由数据复算，与报告一致/u)
    expect(recompute(whole, '--expect', '0'.repeat(64)).status).toBe(1)
    expect(await readFile(path.join(whole, 'recompute.mjs'), 'utf8')).not.toMatch(/from '(?!node:)/u)
  })

  test('encloses the documents that are kept, and says which are not', async () => {
    const { documents } = await manifestOf(whole)
    const [connected, elsewhere] = [hashOf(Buffer.from('验收单')), hashOf(Buffer.from('另存'))]
    expect(new Map(documents.map(({ sha256, state }) => [sha256, state]))).toEqual(
      new Map([
        [connected, 'intact'],
        [elsewhere, 'missing'],
      ]),
    )
    expect(await readdir(path.join(whole, 'documents'))).toEqual([connected])
  })

  test('holds no telephone numbers and no keys', async () => {
    const names = await readdir(path.join(whole, 'data', 'inventory'))
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/contact|duty|agent|signer/u)]))
  })

  test('the same inputs give the same bytes, and the ZIP holds what the folder does', async () => {
    await site.ok(...week, '--out', site.file('a.zip'))
    await site.ok(...week, '--out', site.file('b.zip'))
    const [a, b] = await Promise.all([readFile(site.file('a.zip')), readFile(site.file('b.zip'))])
    expect(a.equals(b)).toBe(true)
    for (const [name, bytes] of Object.entries(unzipSync(a)))
      expect(hashOf(bytes), name).toBe(hashOf(await readFile(path.join(whole, name))))
  })

  const tampered: readonly (readonly [string, string, (text: string) => string, RegExp])[] = [
    [
      'a verdict made better',
      'data/verdicts.jsonl',
      (text) => text.replaceAll(/"(contradicted|unverifiable|stale)"/gu, '"consistent"'),
      /上报: the report says .* the data come to/u,
    ],
    [
      'hours made up',
      'data/rollups.jsonl',
      (text) => text.replaceAll('[0,1,0]', '[1,0,0]'),
      /县区接入和节点可用率 顺河回族区: the report says/u,
    ],
    [
      'a claim taken out',
      'data/inventory/claim.jsonl',
      (text) => text.slice(text.indexOf('\n') + 1),
      /has a verdict and does not stand/u,
    ],
    [
      'a move taken out',
      'data/inventory/progress.jsonl',
      () => '',
      /任务: the report says \[33,1,0.* the data come to \[33,0,0/u,
    ],
    [
      'the report itself',
      'report.json',
      (text) => text.replace('报完成 1 项', '报完成 9 项'),
      /任务: the report says \[33,9,0/u,
    ],
  ]
  test.each(tampered)(
    '%s is found, even where the manifest was made to fit',
    async (_, file, change, words) => {
      const copy = site.file('tampered')
      await rm(copy, { recursive: true, force: true })
      await cp(whole, copy, { recursive: true })
      const text = change(await readFile(path.join(copy, file), 'utf8'))
      await writeFile(path.join(copy, file), text)
      const found = recompute(copy)
      expect(found.status).toBe(1)
      expect(found.stdout).toContain(`✗ ${file}: expected SHA-256`)
      const manifest = await readFile(path.join(copy, 'manifest.json'), 'utf8')
      const { files } = await manifestOf(copy)
      const old = files.find((each) => each.path === file)?.sha256 ?? ''
      await writeFile(path.join(copy, 'manifest.json'), manifest.replace(old, hashOf(Buffer.from(text))))
      const refitted = recompute(copy)
      expect(refitted.status).toBe(1)
      expect(refitted.stdout).not.toContain('expected SHA-256')
      expect(refitted.stdout).toMatch(words)
    },
  )

  test('a file too many, one too few, one that is no JSON', async () => {
    const copy = site.file('broken')
    await cp(whole, copy, { recursive: true })
    await writeFile(path.join(copy, 'extra.txt'), 'x')
    await rm(path.join(copy, 'data', 'named.jsonl'))
    await writeFile(path.join(copy, 'data', 'verdicts.jsonl'), '{')
    const { status, stdout } = recompute(copy)
    expect(status).toBe(1)
    for (const words of [
      '✗ extra.txt: is not in the manifest',
      '✗ data/named.jsonl: expected',
      '✗ Expected property',
    ])
      expect(stdout).toContain(words)
  })

  test('refused: something in the way, two periods, a last day without a first', async () => {
    await mkdir(site.file('empty'))
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [[...week, '--out', whole], /--out: expected a new ZIP file, or a folder that is new or empty/u],
      [[...week, '--out', site.file('a.zip')], /which is there\n {2}→ name another/u],
      [[...week, '--month', '2018-06', '--out', site.file('x')], /month/u],
      [
        ['report', 'package', '--until', '2018-06-30', '--out', site.file('x')],
        /--since: expected a first day/u,
      ],
    ]
    for (const [args, words] of refused) expectRefusal(await site.run(...args), 2, words)
    expect((await readdir(site.path)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})
