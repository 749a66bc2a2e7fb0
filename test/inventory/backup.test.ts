import { existsSync } from 'node:fs'
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { packBackup } from '../../inventory/backup-file.ts'
import { backupInventory, restoreInventory } from '../../inventory/backup.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
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

test('what would be too large to be restored is not packed', async () => {
  const files = new Map([['audit.jsonl', '县'.repeat(1000)]])
  await expect(packBackup(files, 3000)).rejects.toThrow(
    /expected a store of at most 3000 bytes, got 3\d\d\d/u,
  )
  expect(await packBackup(files)).toBeInstanceOf(Buffer)
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

  test.each<[string, (container: { files: Record<string, { sha256: string; text: string }> }) => unknown]>([
    [
      'a changed record',
      (container) => JSON.parse(JSON.stringify(container).replace('北书店', '南书店')) as unknown,
    ],
    [
      'a file outside of a store',
      (container) => ({
        ...container,
        files: { ...container.files, '../../etc/passwd': { sha256: '', text: '' } },
      }),
    ],
    ['another format', () => ({ format: 'other' })],
    ['nothing', () => null],
  ])('packed anew with %s is refused', async (_what, tamper) => {
    await using places = await backedUp()
    const container = JSON.parse(gunzipSync(await readFile(places.file)).toString()) as Parameters<
      typeof tamper
    >[0]
    await writeFile(places.file, gzipSync(JSON.stringify(tamper(container))))
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
