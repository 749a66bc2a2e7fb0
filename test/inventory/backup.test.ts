import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { appendFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { type Piece, readBackup, writeBackup } from '../../inventory/backup-file.ts'
import { backupInventory } from '../../inventory/backup.ts'
import { restoreInventory } from '../../inventory/restore.ts'
import { stageAudit } from '../../inventory/lowdb/audit-log.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { commitJournal } from '../../inventory/lowdb/journal.ts'
import { readShard } from '../../inventory/lowdb/shard.ts'
import { listShards } from '../../inventory/lowdb/shards.ts'
import { readState } from '../../inventory/lowdb/state.ts'
import { inventorySchema } from '../../inventory/schema.ts'
import type { Inventory } from '../../inventory/store.ts'
import {
  apply,
  clock,
  county,
  node,
  put,
  remove,
  type TemporaryFolder,
  temporaryFolder,
} from './store-fixtures.ts'

const why = { actor: 'tester', reason: 'disk died', clock }

interface Places extends AsyncDisposable {
  readonly store: string
  readonly file: string
  readonly other: string
}

/** A store at revision 2, and its backup. */
const backedUp = async (): Promise<Places> => {
  const folder: TemporaryFolder = await temporaryFolder()
  const [store, file, other] = ['store', 'backup', 'other'].map((name) => path.join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const opened = await openInventory(store, { clock, create: true })
  await apply(opened, county, 'first')
  await apply(opened, [put('contact', { id: 'li', name: '李工' })], 'second')
  await backupInventory(store, file)
  return { store, file, other, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const readAll = async (folder: string): Promise<Inventory> => (await openInventory(folder, { clock })).read()

const recordsOf = (inventory: Inventory): object => ({ ...inventory, revision: 0 })

test('whatever pieces files come in, they are read as they were written', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'backup')
  const texts = fc.array(
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    { minLength: 1 },
  )
  const names = fc.uniqueArray(
    fc.constantFrom('meta.json', 'audit.jsonl', 'node/410202.json', 'contact/all.json'),
  )
  const pieces = names.chain((all) =>
    fc.tuple(
      ...all.map((name) => texts.map((parts): Piece[] => parts.map((text) => ({ file: name, text })))),
    ),
  )
  await fc.assert(
    fc.asyncProperty(pieces, async (files) => {
      await writeBackup(file, Readable.from(files.flat()) as AsyncIterable<Piece>)
      expect(await Array.fromAsync(readBackup(file))).toEqual(files.flat())
    }),
    { numRuns: 50 },
  )
})

describe('a backup', () => {
  test('is restored into a new folder: records, audit log and a note of it', async () => {
    await using places = await backedUp()
    expect(await restoreInventory(places.file, places.other, why)).toEqual({ revision: 3 })
    expect(recordsOf(await readAll(places.other))).toEqual(recordsOf(await readAll(places.store)))
    const store = await openInventory(places.other, { clock })
    const original = await openInventory(places.store, { clock })
    const entries = await Array.fromAsync(store.audit())
    expect(entries.slice(0, 2)).toEqual(await Array.fromAsync(original.audit()))
    expect(entries[2]).toMatchObject({
      actor: 'tester',
      revision: 3,
      reason: 'disk died (restored from a backup of revision 2)',
    })
    expect(await store.auditVerify(await original.auditHead())).toMatchObject({ intact: true })
    expect(await apply(store, [remove('contact', 'li')])).toMatchObject({ revision: 4 })
  })

  test('says what it holds, and can be read with gunzip', async () => {
    await using places = await backedUp()
    const result = await backupInventory(places.store, places.file)
    expect(result).toMatchObject({ revision: 2, head: { sequence: 2 }, files: 8 })
    const packed = await readFile(places.file)
    expect(result.bytes).toBe(packed.length)
    expect(gunzipSync(packed).toString()).toContain('北书店街道')
  })

  test('holds a change that was not yet carried out', async () => {
    await using places = await backedUp()
    const before = await backupInventory(places.store, places.file)
    await apply(await openInventory(places.store, { clock }), [put('node', node('n-new'))])
    const after = await backupInventory(places.store, places.file)
    expect([before.revision, after.revision]).toEqual([2, 3])
  })

  test('is not overwritten by one of a store that cannot be read', async () => {
    await using places = await backedUp()
    await writeFile(path.join(places.store, 'node/410202.json'), '[')
    await expect(backupInventory(places.store, places.file)).rejects.toMatchObject({ code: 'STORE_BROKEN' })
    await expect(backupInventory(places.other, places.file)).rejects.toMatchObject({ code: 'STORE_MISSING' })
    expect(await restoreInventory(places.file, places.other, why)).toEqual({ revision: 3 })
  })

  test('keeps what was edited by hand as such', async () => {
    await using places = await backedUp()
    const file = path.join(places.store, 'contact/all.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('李工', '李工程师'))
    await backupInventory(places.store, places.file)
    await restoreInventory(places.file, places.other, why)
    const store = await openInventory(places.other, { clock })
    expect((await store.read()).contact.get('li')?.name).toBe('李工程师')
    await apply(store, [put('node', node('n-new'))])
    const entries = await Array.fromAsync(store.audit())
    expect(entries[3]).toMatchObject({
      actor: 'hand-edit',
      changes: [{ id: 'li', before: { name: '李工' } }],
    })
  })
})

describe('a backup of version 1, which was one document', () => {
  const older = async (
    places: Places,
  ): Promise<{ readonly files: Record<string, { sha256: string; text: string }> }> => {
    const files: Record<string, { sha256: string; text: string }> = {}
    for await (const { file, text } of readBackup(places.file)) {
      const whole = (files[file]?.text ?? '') + text
      files[file] = { text: whole, sha256: createHash('sha256').update(whole).digest('hex') }
    }
    return { files }
  }
  const pack = (places: Places, container: object): Promise<void> =>
    writeFile(places.file, gzipSync(JSON.stringify({ format: 'yiwang-backup', version: 1, ...container })))

  test('is restored, with its audit log', async () => {
    await using places = await backedUp()
    await pack(places, await older(places))
    expect(await restoreInventory(places.file, places.other, why)).toEqual({ revision: 3 })
    expect(recordsOf(await readAll(places.other))).toEqual(recordsOf(await readAll(places.store)))
    const store = await openInventory(places.other, { clock })
    expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: 3 } })
  })

  test('with a changed record is refused', async () => {
    await using places = await backedUp()
    const { files } = await older(places)
    const { sha256 = '', text = '' } = files['node/410202.json'] ?? {}
    await pack(places, {
      files: { ...files, 'node/410202.json': { sha256, text: text.replace('n-', 'm-') } },
    })
    await expect(restoreInventory(places.file, places.other, why)).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('its checksum does not match') as string }],
    })
  })
})

describe('a long audit log', () => {
  const long = async (places: Places): Promise<void> => {
    const store = await openInventory(places.store, { clock })
    for (const word of ['甲', '乙'])
      await apply(
        store,
        Array.from({ length: 400 }, (_, at) =>
          put('contact', { id: `c-${at}`, name: '李工', remark: word.repeat(2000) }),
        ),
      )
    await backupInventory(places.store, places.file)
  }

  test('comes back from many pieces, and is read while it is on its way', async () => {
    await using places = await backedUp()
    await long(places)
    const pieces = await Array.fromAsync(readBackup(places.file))
    expect(pieces.filter(({ file }) => file === 'audit.jsonl').length).toBeGreaterThan(4)
    await restoreInventory(places.file, places.other, why)
    const log = path.join(places.other, 'audit.jsonl')
    const store = await openInventory(places.other, { clock })
    expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: 5 } })
    expect(existsSync(`${log}.restored`)).toBe(false)
  })

  test('is in no hurry: what is changed meanwhile is not in the backup', async () => {
    await using places = await backedUp()
    await long(places)
    const store = await openInventory(places.store, { clock })
    let change: Promise<unknown> | undefined
    const { revision } = await backupInventory(places.store, places.file, {
      onBytes: () => {
        change ??= apply(store, [put('node', node('n-new'))])
      },
    })
    await change
    expect([revision, (await store.read()).revision]).toEqual([4, 5])
    await restoreInventory(places.file, places.other, why)
    const restored = await openInventory(places.other, { clock })
    expect((await restored.read()).node.has('n-new')).toBe(false)
    expect(await restored.auditVerify()).toMatchObject({ intact: true, head: { sequence: 5 } })
  })

  test.each([1, 5, 9])(
    'broken off at step %i, backup and restore leave what was there and nothing else',
    async (step) => {
      await using places = await backedUp()
      await long(places)
      const before = await readFile(places.file)
      const breakAt = () => {
        let steps = 0
        return (): void => {
          if ((steps += 1) === step) throw new Error('broken off')
        }
      }
      await expect(backupInventory(places.store, places.file, { onBytes: breakAt() })).rejects.toThrow(
        'broken off',
      )
      expect(before.equals(await readFile(places.file))).toBe(true)
      await restoreInventory(places.file, places.other, why)
      const standing = (await readdir(places.other)).sort()
      await expect(
        restoreInventory(places.file, places.other, { ...why, force: true, onBytes: breakAt() }),
      ).rejects.toThrow('broken off')
      expect(
        (await readdir(places.other)).sort().filter((name) => !name.startsWith('backup-before')),
      ).toEqual(standing)
      expect((await readAll(places.other)).revision).toBe(5)
      expect((await readdir(path.dirname(places.file))).sort()).toEqual(['backup', 'other', 'store'])
    },
  )
})

/** What `kill -9` leaves of a restore that was committed. */
test.each<[string, (folder: string) => Promise<void>]>([
  ['before anything of it was carried out', () => Promise.resolve()],
  [
    'when the log had taken its place',
    (folder) => rename(path.join(folder, 'audit.jsonl.restored'), path.join(folder, 'audit.jsonl')),
  ],
])('a restore that was cut %s is read as made, and is carried out', async (_what, carryOn) => {
  await using places = await backedUp()
  await restoreInventory(places.file, places.other, why)
  const made = await openInventory(places.other, { clock })
  const { meta } = await readState(places.other, inventorySchema.version)
  const shards = Object.fromEntries(
    await Promise.all(
      listShards(places.other).map(
        async (name) => [name, (await readShard(places.other, name)) ?? null] as const,
      ),
    ),
  )
  const store = await openInventory(places.store, { clock })
  await apply(store, [put('node', node('n-lost'))], 'lost by the restore')
  await stageAudit(places.store, createReadStream(path.join(places.other, 'audit.jsonl'), 'utf8'))
  await commitJournal(places.store, { meta: { ...meta, revision: 9 }, shards, audit: { mode: 'replace' } })
  await carryOn(places.store)

  const entries = await Array.fromAsync(made.audit())
  expect(await Array.fromAsync(store.audit())).toEqual(entries)
  expect((await store.read()).node.has('n-lost')).toBe(false)
  await apply(store, [put('node', node('n-new'))], 'goes on')
  expect((await Array.fromAsync(store.audit())).slice(0, -1)).toEqual(entries)
  expect(await store.auditVerify()).toMatchObject({ intact: true })
  const names = await readdir(places.store)
  expect(names.filter((name) => /journal|restored/u.test(name))).toEqual([])
})

test('a restore that is broken off leaves a broken store as it was, and none where none was', async () => {
  await using places = await backedUp()
  await writeFile(path.join(places.store, 'meta.json'), '{')
  const lines = gunzipSync(await readFile(places.file))
    .toString()
    .trimEnd()
    .split('\n')
  let steps = 0
  const options = {
    ...why,
    force: true,
    // The first reading proves the backup, the second one brings the log.
    onBytes: (): void => {
      if ((steps += 1) > lines.length + 5) throw new Error('broken off')
    },
  }
  await expect(restoreInventory(places.file, places.store, options)).rejects.toThrow('broken off')
  expect(await readFile(path.join(places.store, 'meta.json'), 'utf8')).toBe('{')
  steps = 0
  await expect(restoreInventory(places.file, places.other, options)).rejects.toThrow('broken off')
  expect(existsSync(path.join(places.other, 'meta.json'))).toBe(false)
})

describe('a store that is not empty', () => {
  test('is not overwritten', async () => {
    await using places = await backedUp()
    await expect(restoreInventory(places.file, places.store, why)).rejects.toMatchObject({
      name: 'UsageFault',
    })
    expect(await readAll(places.store)).toMatchObject({ revision: 2 })
  })

  test('is replaced by force; a copy is kept, and the revision goes on', async () => {
    await using places = await backedUp()
    const store = await openInventory(places.store, { clock })
    for (const name of ['a', 'b', 'c']) await apply(store, [put('node', node(`n-${name}`))])
    await apply(store, [remove('contact', 'li')])
    await rm(path.join(places.store, 'contact/all.json'))
    await apply(store, [remove('unit', 'u-410202')]).catch(() => undefined)
    const { revision, copy = '' } = await restoreInventory(places.file, places.store, { ...why, force: true })
    expect(revision).toBeGreaterThan(6)
    const restored = await store.read()
    expect([...restored.node.keys()]).toEqual(['n-410200', 'n-410202', 'n-410202001'])
    expect(restored.contact.get('li')?.name).toBe('李工')
    expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: 3 } })
    expect(copy).toBe('backup-before-restore-20261123T010203Z')
    expect(await readFile(path.join(places.store, copy, 'node/410202.json'), 'utf8')).toContain('n-c')
  })

  test.each<[string, (folder: string) => Promise<void>]>([
    ['a broken meta file', (folder) => writeFile(path.join(folder, 'meta.json'), '{')],
    ['no meta file', (folder) => rm(path.join(folder, 'meta.json'))],
    ['a broken shard', (folder) => writeFile(path.join(folder, 'node/410202.json'), '{')],
  ])('and has %s is replaced by force too', async (_what, breaking) => {
    await using places = await backedUp()
    await breaking(places.store)
    await expect(restoreInventory(places.file, places.store, why)).rejects.toMatchObject({
      name: 'UsageFault',
    })
    const { copy } = await restoreInventory(places.file, places.store, { ...why, force: true })
    expect(await readAll(places.store)).toMatchObject({ node: new Map((await readAll(places.store)).node) })
    expect((await readAll(places.store)).node.size).toBe(3)
    expect(existsSync(path.join(places.store, copy ?? 'no copy'))).toBe(true)
  })
})

describe('a damaged backup', () => {
  const refused = async (places: Places): Promise<void> => {
    await expect(restoreInventory(places.file, places.other, why)).rejects.toMatchObject({
      name: 'UsageFault',
      problems: [{ where: places.file }],
    })
    expect(existsSync(places.other)).toBe(false)
  }

  test('is refused wherever it is cut', async () => {
    await using places = await backedUp()
    const whole = await readFile(places.file)
    for (const length of [0, 1, 10, 100, whole.length - 9, whole.length - 1]) {
      await writeFile(places.file, whole.subarray(0, length))
      await refused(places)
    }
  })

  test('is refused or restored whole, whichever of its bytes is wrong', async () => {
    await using places = await backedUp()
    const whole = await readFile(places.file)
    const records = recordsOf(await readAll(places.store))
    let refusals = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        await rm(places.other, { recursive: true, force: true })
        await writeFile(places.file, whole.with(at, whole[at]! ^ mask))
        // A few bits of gzip mean nothing: the time of packing, what fills up the last byte.
        const outcome = await restoreInventory(places.file, places.other, why).catch(
          (error: unknown) => error,
        )
        if (!(outcome instanceof UsageFault)) expect(recordsOf(await readAll(places.other))).toEqual(records)
        else refusals += existsSync(places.other) ? 0 : 1
      }),
      { numRuns: 60 },
    )
    expect(refusals).toBeGreaterThan(40)
  })

  const unpackedOf = async (file: string): Promise<string> => gunzipSync(await readFile(file)).toString()
  const first = (text: string): string => text.slice(0, text.indexOf('\n', text.indexOf('"sha256"')) + 1)
  const lastLine = /\n\{"files":\d+\}\n$/u

  test.each<[string, (text: string) => string]>([
    ['a changed record', (text) => text.replace('北书店', '南书店')],
    ['a file outside of a store', (text) => text.replace('"meta.json"', '"../../etc/passwd"')],
    ['another format', (text) => text.replace('yiwang-backup', 'other')],
    ['another version', (text) => text.replace('"version":2', '"version":3')],
    ['a line that is none', (text) => text.replace('\n', '\n!\n')],
    ['a file left out', (text) => text.replace(/\{"file":"unit\/410202\.json"[^\n]*\n/gu, '')],
    ['a sum left out', (text) => text.replace(/\{"file":"unit\/410202\.json","sha256[^\n]*\n/u, '')],
    ['its end left out', (text) => text.replace(lastLine, '\n')],
    ['something behind its end', (text) => `${text}${first(text)}`],
    [
      'a file twice',
      (text) => text.replace(first(text).split('\n').slice(1).join('\n'), (found) => found + found),
    ],
    ['nothing', () => 'null'],
  ])('packed anew with %s is refused', async (_what, tamper) => {
    await using places = await backedUp()
    const text = await unpackedOf(places.file)
    const tampered = tamper(text)
    expect(tampered).not.toBe(text)
    await writeFile(places.file, gzipSync(tampered))
    await refused(places)
  })

  test('of a size that no inventory has is refused', async () => {
    await using places = await backedUp()
    await writeFile(places.file, gzipSync(Buffer.alloc(520_000_000), { level: 1 }))
    await refused(places)
  }, 60_000)

  test('that is not there is a fault of the surroundings', async () => {
    await using places = await backedUp()
    await rm(places.file)
    await expect(restoreInventory(places.file, places.other, why)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    })
  })

  test('leaves nothing behind where it cannot be written', async () => {
    await using places = await backedUp()
    const nowhere = path.join(places.other, 'backup')
    await expect(backupInventory(places.store, nowhere)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    await appendFile(places.file, '')
    expect((await readdir(path.dirname(places.file))).sort()).toEqual(['backup', 'store'])
  })
})
