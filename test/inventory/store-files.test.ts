import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Documents } from '../../inventory/schema.ts'
import { apply, clock, county, node, put, remove, temporaryFolder } from './store-fixtures.ts'

const open = (folder: string, create = false): ReturnType<typeof openInventory> =>
  openInventory(folder, { clock, create, lockTimeoutMs: 2000 })

const edit = async (file: string, change: (text: string) => string): Promise<void> => {
  await writeFile(file, change(await readFile(file, 'utf8')))
}

const filesUnder = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const),
    ),
  )
}

describe('files', () => {
  test('are one small JSON file a county, a line a field', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    const files = await filesUnder(folder.path)
    expect([...files.keys()].filter((name) => name.includes('/')).sort()).toEqual([
      'contact/all.json',
      'node/410200.json',
      'node/410202.json',
      'region/410200.json',
      'region/410202.json',
      'unit/410202.json',
    ])
    expect(files.get('contact/all.json')).toBe(
      '[\n  {\n    "id": "wang",\n    "name": "王工",\n    "phone": "0371-0000000",\n    "hotline": false\n  }\n]\n',
    )
    expect(files.get('node/410202.json')).toContain(
      '\n    "uplinks": [\n      {"id":"u1","kind":"line","to":"n-410200","operator":"联通","bandwidthMbps":1000}\n    ],\n',
    )
  })

  test('of other counties stay untouched by a change, and a county without records has no file', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    const before = await filesUnder(folder.path)
    await apply(store, [put('node', node('n-410202001', { region: '410200' }))])
    const after = await filesUnder(folder.path)
    const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name))
    expect(changed.sort()).toEqual(['audit.jsonl', 'meta.json', 'node/410200.json', 'node/410202.json'])
    await apply(store, [remove('node', 'n-410202'), remove('node', 'n-410202001')])
    expect(existsSync(path.join(folder.path, 'node/410202.json'))).toBe(false)
  })
})

describe('a store that cannot be used', () => {
  test('is missing', async () => {
    await using folder = await temporaryFolder()
    for (const place of [folder.path, path.join(folder.path, 'nowhere')])
      await expect(open(place)).rejects.toMatchObject({ name: 'EnvironmentFault', code: 'STORE_MISSING' })
    expect(await readdir(folder.path)).toEqual([])
  })

  test.each([
    ['node/410202.json', (text: string) => text.slice(0, 200), /node\/410202\.json:\d+:\d+/u],
    ['node/410202.json', (text: string) => text.replace('"level"', '"level'), /node\/410202\.json:6:\d+/u],
    ['node/410202.json', () => '', /node\/410202\.json:1:1/u],
    ['node/410202.json', () => '{}', /node\/410202\.json:1:1: expected an array/u],
    ['meta.json', (text: string) => text.slice(0, 60), /meta\.json:\d+:\d+/u],
    [
      'meta.json',
      (text: string) => text.replace(/"revision": 1/u, '"revision": -1'),
      /meta\.json.*revision/su,
    ],
    ['meta.json', (text: string) => text.replace('yiwang-inventory', 'other'), /meta\.json.*format/su],
  ])('has %s broken: the fault says where', async (file, breaking, message) => {
    await using folder = await temporaryFolder()
    await apply(await open(folder.path, true), county)
    await edit(path.join(folder.path, file), breaking)
    const reading = open(folder.path).then((store) => store.read())
    await expect(reading).rejects.toMatchObject({
      code: 'STORE_BROKEN',
      message: expect.stringMatching(message) as string,
    })
    const changing = open(folder.path).then((store) => apply(store, [put('contact', { id: 'x', name: 'x' })]))
    await expect(changing).rejects.toMatchObject({ code: 'STORE_BROKEN' })
  })

  test('has lost its meta file: it is not taken for an empty one', async () => {
    await using folder = await temporaryFolder()
    await apply(await open(folder.path, true), county)
    await rm(path.join(folder.path, 'meta.json'))
    await expect(open(folder.path, true)).rejects.toMatchObject({ code: 'STORE_BROKEN' })
  })

  test('was written by a newer version', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await edit(path.join(folder.path, 'meta.json'), (text) =>
      text.replace('"schemaVersion": 1', '"schemaVersion": 2,\n  "later": true'),
    )
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'STORE_NEWER' })
    await expect(store.read()).rejects.toMatchObject({ code: 'STORE_NEWER' })
    await expect(apply(store, county)).rejects.toMatchObject({ code: 'STORE_NEWER' })
  })
})

describe('a store of thousands of files', () => {
  const counties = Array.from({ length: 2500 }, (_, index) =>
    put('region', { id: String(100_000 + index), name: `县${index}`, level: 'county' }),
  )

  test('shows at once what somebody else changed', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, counties)
    const before = await store.read()
    expect(await store.read()).toBe(before)
    await using other = await open(folder.path)
    await apply(other, [put('region', { id: '100007', name: '改名县', level: 'county' })])
    const after = await store.read()
    expect(after.revision).toBe(before.revision + 1)
    expect(after.region.get('100007')?.name).toBe('改名县')
  })

  test('takes in an edit by hand before the next change, however soon that is', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, counties)
    await store.read()
    await edit(path.join(folder.path, 'region/100007.json'), (text) => text.replace('县7', '手改县'))
    await apply(store, [put('region', { id: '100008', name: '改名县', level: 'county' })])
    const { region } = await store.read()
    expect([region.get('100007')?.name, region.get('100008')?.name]).toEqual(['手改县', '改名县'])
  })
})

describe('a file edited by hand', () => {
  test('is read at once, and taken into the audit log with the next change', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    await store.read()
    const file = path.join(folder.path, 'node/410202.json')
    await edit(file, (text) =>
      text.replace('节点 n-410202001', '改过的名字').replace('"bandwidthMbps":1000', '"bandwidthMbps":2000'),
    )
    const read = await store.read()
    expect(read.node.get('n-410202001')?.name).toBe('改过的名字')
    expect(await store.read()).toBe(read)
    await using other = await open(folder.path)
    expect(await apply(other, [put('node', node('n-new'))])).toEqual({
      revision: 3,
      added: 1,
      replaced: 0,
      removed: 0,
    })
    const [, byHand, byUs] = await Array.fromAsync(store.audit())
    expect(byHand).toMatchObject({
      revision: 2,
      actor: 'hand-edit',
      reason: expect.stringContaining('node/410202.json') as string,
    })
    expect(byHand?.changes).toEqual([
      {
        op: 'replace',
        collection: 'node',
        id: 'n-410202',
        before: {
          uplinks: [{ id: 'u1', kind: 'line', to: 'n-410200', operator: '联通', bandwidthMbps: 1000 }],
        },
        after: {
          uplinks: [{ id: 'u1', kind: 'line', to: 'n-410200', operator: '联通', bandwidthMbps: 2000 }],
        },
      },
      {
        op: 'replace',
        collection: 'node',
        id: 'n-410202001',
        before: { name: '节点 n-410202001' },
        after: { name: '改过的名字' },
      },
    ])
    expect(byUs).toMatchObject({ revision: 3, changes: [{ op: 'add', id: 'n-new' }] })
    expect(await store.auditVerify()).toMatchObject({ intact: true })
  })

  test('may be a new one or a deleted one; records then move to where they belong', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    await rm(path.join(folder.path, 'node/410202.json'))
    await writeFile(
      path.join(folder.path, 'node/mine.json'),
      JSON.stringify([node('n-mine'), node('n-city', { region: '410200', level: 'city' })]),
    )
    expect([...(await store.read()).node.keys()]).toEqual(['n-410200', 'n-city', 'n-mine'])
    await apply(store, [put('contact', { id: 'x', name: 'x' })])
    expect((await readdir(path.join(folder.path, 'node'))).sort()).toEqual(['410200.json', '410202.json'])
    const [, byHand] = await Array.fromAsync(store.audit())
    expect(byHand?.changes.map(({ op, id }) => [op, id])).toEqual([
      ['remove', 'n-410202'],
      ['remove', 'n-410202001'],
      ['add', 'n-city'],
      ['add', 'n-mine'],
    ])
    await using again = await open(folder.path)
    expect([...(await again.read()).node.keys()]).toEqual(['n-410200', 'n-city', 'n-mine'])
  })

  test('that only looks different is put in order again', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    const file = path.join(folder.path, 'node/410202.json')
    const before = await readFile(file, 'utf8')
    await writeFile(file, `\uFEFF${JSON.stringify(JSON.parse(before))}`)
    await apply(store, [put('contact', { id: 'x', name: 'x' })])
    expect(await readFile(file, 'utf8')).toBe(before)
    expect((await Array.fromAsync(store.audit()))[1]).toMatchObject({ actor: 'hand-edit', changes: [] })
  })

  test('with mistakes is refused, all of them at once, by file; nothing is overwritten', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    const file = path.join(folder.path, 'node/410202.json')
    await edit(file, (text) => text.replace('"county"', '"conty"').replace('"kind": "room"', '"kind": "rom"'))
    const wrong = await readFile(file, 'utf8')
    const problems = [
      { where: 'node/410202.json[0].level', suggestion: 'did you mean county?' },
      { where: 'node/410202.json[0].kind', suggestion: 'did you mean room?' },
    ]
    await expect(store.read()).rejects.toMatchObject({ name: 'UsageFault', problems })
    await expect(apply(store, [put('contact', { id: 'x', name: 'x' })])).rejects.toMatchObject({
      name: 'UsageFault',
      problems,
    })
    expect(await readFile(file, 'utf8')).toBe(wrong)
  })

  test('with a dangling reference, or an id twice, is refused', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    await rm(path.join(folder.path, 'node/410200.json'))
    await expect(store.read()).rejects.toMatchObject({
      name: 'UsageFault',
      problems: [{ where: 'node/n-410202.uplinks[0].to' }],
    })
    await writeFile(
      path.join(folder.path, 'node/410200.json'),
      JSON.stringify([node('n-410200'), node('n-410202')]),
    )
    await expect(store.read()).rejects.toMatchObject({
      name: 'UsageFault',
      problems: [{ where: 'node/410202.json', message: expect.stringContaining('n-410202') as string }],
    })
  })

  test('leaves an editor its own files', async () => {
    await using folder = await temporaryFolder()
    await using store = await open(folder.path, true)
    await apply(store, county)
    const before = await store.read()
    for (const name of ['.410202.json.swp', '410202.json~', '#410202.json#', 'notes.txt'])
      await writeFile(path.join(folder.path, 'node', name), 'not ours')
    expect(await store.read()).toBe(before)
  })
})

/** A change whose journal is whole but which could not be carried out: the shard's place is taken. */
const cutShort = async (folder: string): Promise<void> => {
  await using store = await open(folder, true)
  await apply(store, county)
  await mkdir(path.join(folder, 'node/.410202.json.tmp'))
  await apply(store, [put('node', node('n-cut')), put('contact', { id: 'cut', name: 'cut' })], 'cut')
  expect(existsSync(path.join(folder, 'journal'))).toBe(true)
}

const expectWhole = async (folder: string): Promise<void> => {
  await using store = await open(folder)
  const inventory = await store.read()
  expect(inventory.revision).toBe(2)
  expect(inventory.node.has('n-cut') && inventory.contact.has('cut')).toBe(true)
  expect((await Array.fromAsync(store.audit())).map(({ reason }) => reason)).toEqual(['test', 'cut'])
  expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: 2 } })
}

describe('a change that was cut short after its commit point', () => {
  test('is seen by readers before it is carried out', async () => {
    await using folder = await temporaryFolder()
    await cutShort(folder.path)
    await expect(open(folder.path).then((store) => store.read())).resolves.toMatchObject({ revision: 2 })
    await expectWhole(folder.path)
    expect(existsSync(path.join(folder.path, 'journal'))).toBe(true)
  })

  test('is carried out by whoever opens the store next', async () => {
    await using folder = await temporaryFolder()
    await cutShort(folder.path)
    await rmdir(path.join(folder.path, 'node/.410202.json.tmp'))
    await expectWhole(folder.path)
    expect(existsSync(path.join(folder.path, 'journal'))).toBe(false)
    expect(await readFile(path.join(folder.path, 'node/410202.json'), 'utf8')).toContain('n-cut')
  })

  test.each([0, 1, 100, 10_000])(
    'has its audit entry completed when %i bytes of it were written',
    async (written) => {
      await using folder = await temporaryFolder()
      await cutShort(folder.path)
      const journal = JSON.parse(
        (await readFile(path.join(folder.path, 'journal'), 'utf8')).split('\n')[1] ?? '',
      ) as {
        audit: { text: string }
      }
      await appendFile(path.join(folder.path, 'audit.jsonl'), journal.audit.text.slice(0, written))
      await expectWhole(folder.path)
      await rmdir(path.join(folder.path, 'node/.410202.json.tmp'))
      await expectWhole(folder.path)
      expect((await readFile(path.join(folder.path, 'audit.jsonl'), 'utf8')).split('\n')).toHaveLength(3)
    },
  )

  test('is carried out once, however often its journal comes back', async () => {
    await using folder = await temporaryFolder()
    await cutShort(folder.path)
    const journal = path.join(folder.path, 'journal')
    await cp(journal, path.join(folder.path, 'kept'))
    await rmdir(path.join(folder.path, 'node/.410202.json.tmp'))
    await expectWhole(folder.path)
    await rename(path.join(folder.path, 'kept'), journal)
    await expectWhole(folder.path)
    expect(existsSync(journal)).toBe(false)
  })
})

test.each(['', 'x', '0'.repeat(64), `${'0'.repeat(64)}\n{"meta":{}}`])(
  'a journal that is not whole (%j) is dropped',
  async (content) => {
    await using folder = await temporaryFolder()
    await apply(await open(folder.path, true), county)
    await writeFile(path.join(folder.path, 'journal'), content)
    await using store = await open(folder.path)
    expect(await store.read()).toMatchObject({ revision: 1 })
    expect(existsSync(path.join(folder.path, 'journal'))).toBe(false)
    expect(await apply(store, [put('contact', { id: 'x', name: 'x' })])).toMatchObject({ revision: 2 })
  },
)

describe('an older schema version', () => {
  /** Once, a node named the one above it in a field, and had no list of uplinks. */
  const listUplinks = (documents: Documents): Documents => ({
    ...documents,
    node: (documents['node'] ?? []).map((record) => {
      const { above, ...rest } = record as { readonly above?: string }
      return { ...rest, ...(above !== undefined && { uplinks: [{ id: 'u1', kind: 'line', to: above }] }) }
    }),
  })
  const schema = { version: 1, migrations: [listUplinks] }

  const makeOld = async (folder: string, records: readonly object[]): Promise<void> => {
    await apply(await open(folder, true), [put('region', { id: '410200', name: '开封市', level: 'city' })])
    await mkdir(path.join(folder, 'node'), { recursive: true })
    await writeFile(path.join(folder, 'node/410200.json'), JSON.stringify(records))
    await edit(path.join(folder, 'meta.json'), (text) =>
      text.replace('"schemaVersion": 1', '"schemaVersion": 0'),
    )
  }

  const city = { region: '410200', level: 'city' }

  test('is brought forward when opened, in one audited change, and a copy is kept', async () => {
    await using folder = await temporaryFolder()
    await makeOld(folder.path, [node('n-1', city), node('n-2', { ...city, above: 'n-1' })])
    const before = await filesUnder(folder.path)
    await using store = await openInventory(folder.path, { clock, schema })
    const inventory = await store.read()
    expect(inventory.revision).toBe(2)
    expect(inventory.node.get('n-2')).toMatchObject({ uplinks: [{ to: 'n-1' }], areas: ['public'] })
    const [, entry] = await Array.fromAsync(store.audit())
    expect(entry).toMatchObject({
      actor: 'yiwang',
      reason: expect.stringContaining('backup-schema-0') as string,
    })
    expect(entry?.changes).toMatchObject([
      { id: 'n-1', op: 'replace' },
      { id: 'n-2', op: 'replace', before: { above: 'n-1' }, after: { uplinks: [{ to: 'n-1' }] } },
    ])
    const copy = await filesUnder(path.join(folder.path, 'backup-schema-0'))
    expect(copy.get('node/410200.json')).toBe(before.get('node/410200.json'))
    expect(copy.get('meta.json')).toBe(before.get('meta.json'))
    await using again = await openInventory(folder.path, { clock, schema })
    expect(await again.read()).toMatchObject({ revision: 2 })
    expect(await again.auditVerify()).toMatchObject({ intact: true, head: { sequence: 2 } })
  })

  test('stays as it was if a record cannot come along', async () => {
    await using folder = await temporaryFolder()
    await makeOld(folder.path, [node('n-2', { ...city, above: 'n-1', colour: 'red' })])
    await expect(openInventory(folder.path, { clock, schema })).rejects.toMatchObject({
      name: 'UsageFault',
      problems: [{ where: 'node[0].colour' }],
    })
    expect(await readFile(path.join(folder.path, 'meta.json'), 'utf8')).toContain('"schemaVersion": 0')
    expect(existsSync(path.join(folder.path, 'backup-schema-0'))).toBe(false)
  })

  test('of before the first release gets its defaults', async () => {
    await using folder = await temporaryFolder()
    await makeOld(folder.path, [node('n-1', city)])
    await using store = await open(folder.path)
    expect((await store.read()).node.get('n-1')).toMatchObject({ state: 'active', uplinks: [] })
  })
})
