import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { requires } from '../support/services.ts'
import { apply, clock, county, put, temporaryFolder } from './store-fixtures.ts'
import { startWriter } from './store-processes.ts'

describe('two processes', () => {
  test('that each add 100 records lose none', async () => {
    await using folder = await temporaryFolder()
    const writers = ['a', 'b'].map((prefix) => startWriter(folder.path, ['add', prefix, '100']))
    await Promise.all(writers.map(({ ended }) => ended))
    await using store = await openInventory(folder.path, { clock })
    const { contact, revision } = await store.read()
    expect([contact.size, revision]).toEqual([200, 200])
    expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: 200 } })
    const acknowledged = writers.flatMap(({ lines }) => lines.slice(0, -1).map(Number))
    expect(acknowledged.sort((left, right) => left - right)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  test('wait for each other, and say who is at it when that takes too long', async () => {
    await using folder = await temporaryFolder()
    await using store = await openInventory(folder.path, { clock, create: true, lockTimeoutMs: 100 })
    await using holder = startWriter(folder.path, ['hold'])
    await holder.said(1)
    await expect(apply(store, county)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(
        new RegExp(
          `process ${holder.process.pid ?? 0} of ${os.userInfo().username} on ${os.hostname()} since 20`,
          'u',
        ),
      ) as string,
    })
    expect(await store.read()).toMatchObject({ revision: 0 })
    holder.process.kill('SIGKILL')
    await holder.ended
    expect(await apply(store, county)).toMatchObject({ revision: 1 })
  })

  test('take over from a dead one, one after the other', async () => {
    await using folder = await temporaryFolder()
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => openInventory(folder.path, { clock, create: true })),
    )
    await using holder = startWriter(folder.path, ['hold'])
    await holder.said(1)
    const changes = stores.map((store, index) =>
      apply(store, [put('contact', { id: `c-${index}`, name: 'x' })]),
    )
    holder.process.kill('SIGKILL')
    const revisions = (await Promise.all(changes)).map(({ revision }) => revision)
    expect(revisions.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

test('a reader sees whole changes only, while another process writes', async () => {
  await using folder = await temporaryFolder()
  await using store = await openInventory(folder.path, { clock, create: true })
  await using writer = startWriter(folder.path, ['churn'])
  writer.process.stdin?.write('go\n')
  await writer.said(3)
  const seen = new Set<number>()
  while (seen.size < 12) {
    const { contact, revision } = await store.read()
    const remarks = new Set(
      contact
        .values()
        .filter(({ name }) => name === 'many')
        .map(({ remark }) => remark),
    )
    expect(remarks.size).toBe(1)
    expect(contact.values().some(({ remark }) => remark === `after ${revision - 1}`)).toBe(true)
    expect(await store.auditVerify()).toMatchObject({ intact: true })
    seen.add(revision)
  }
})

describe.skipIf(requires('strace').skip)('system calls (strace)', () => {
  interface Call {
    readonly name: string
    readonly text: string
  }

  const callsOf = (trace: string): readonly Call[] =>
    trace.split('\n').flatMap((line) => {
      const [, name = '', text = ''] = /^\d+\s+([a-z0-9]+)\((.*)$/u.exec(line) ?? []
      return name === '' ? [] : [{ name, text }]
    })

  test('sync file and folder before a change is acknowledged', async () => {
    await using folder = await temporaryFolder()
    await apply(await openInventory(folder.path, { clock, create: true }), county)
    const trace = path.join(folder.path, 'trace')
    const calls = ['trace=fsync,fdatasync,rename,renameat,renameat2,write,unlink,unlinkat']
    await using writer = startWriter(
      folder.path,
      ['add', 'x', '1'],
      ['strace', '-f', '-y', '-qq', '-e', ...calls, '-o', trace],
    )
    await writer.ended
    expect(writer.lines).toEqual(['2', 'done'])
    const steps = callsOf(await readFile(trace, 'utf8'))
    const place = (name: string, text: string): number =>
      steps.findIndex((step) => step.name.startsWith(name) && step.text.includes(text))
    const order = [
      place('fsync', `${folder.path}/.journal.tmp>`),
      place('rename', `${folder.path}/journal"`),
      place('fsync', `${folder.path}>`),
      place('fsync', `${folder.path}/contact/.all.json.tmp>`),
      place('rename', `${folder.path}/contact/all.json"`),
      place('fsync', `${folder.path}/contact>`),
      place('fsync', `${folder.path}/audit.jsonl>`),
      place('fsync', `${folder.path}/.meta.json.tmp>`),
      place('rename', `${folder.path}/meta.json"`),
      place('unlink', `${folder.path}/journal"`),
      place('write', '"2\\n"'),
    ]
    expect(order.every((step) => step >= 0)).toBe(true)
    expect(order).toEqual(order.toSorted((left, right) => left - right))
    const afterMeta = steps.slice(order[8])
    expect(
      afterMeta.findIndex(({ name, text }) => name === 'fsync' && text.includes(`${folder.path}>`)),
    ).toBeGreaterThan(0)
  })
})

const canMount = async (): Promise<boolean> => {
  await using folder = await temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder.path], { stdio: 'ignore' })
    execFileSync('umount', [folder.path])
    return true
  } catch {
    process.stderr.write('skipped, a tmpfs cannot be mounted here\n')
    return false
  }
}

describe.skipIf(requires('mount', 'umount').skip || !(await canMount()))(
  'a full disk (tmpfs, needs root)',
  () => {
    const tinyDisk = async (): Promise<AsyncDisposable & { readonly path: string }> => {
      const folder = await temporaryFolder()
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', folder.path])
      return {
        path: folder.path,
        [Symbol.asyncDispose]: async () => {
          execFileSync('umount', [folder.path])
          await folder[Symbol.asyncDispose]()
        },
      }
    }

    const fill = async (disk: string, leaveBytes: number): Promise<void> => {
      await writeFile(path.join(disk, 'room'), Buffer.alloc(leaveBytes))
      const blocks = Array.from({ length: 1000 }, (_, index) => index)
      for (const block of blocks)
        try {
          await writeFile(path.join(disk, `filler-${block}`), Buffer.alloc(4096))
        } catch {
          break
        }
      await rm(path.join(disk, 'room'))
    }

    const records = (round: number): readonly object[] =>
      Array.from({ length: 40 }, (_, index) => ({
        id: `c-${index}`,
        name: 'x'.repeat(100),
        remark: `round ${round}`,
      }))

    test('loses nothing, wherever it strikes: a change is made or it is not', async () => {
      await using disk = await tinyDisk()
      const folder = path.join(disk.path, 'inventory')
      await using store = await openInventory(folder, { clock, create: true })
      let acknowledged = 0
      let leftToDo = 0
      const outcomes = new Set<string>()
      for (const [round, pages] of [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 20].entries()) {
        await fill(disk.path, pages * 4096)
        const outcome = await apply(
          store,
          records(round).map((record) => put('contact', record)),
        ).then(
          ({ revision }) => {
            acknowledged = revision
            return 'made'
          },
          (error: unknown) => (error as { code?: string }).code ?? String(error),
        )
        outcomes.add(outcome)
        if (outcome === 'made' && existsSync(path.join(folder, 'journal'))) leftToDo += 1
        await using reader = await openInventory(folder, { clock })
        const inventory = await reader.read()
        expect(inventory.revision).toBe(acknowledged)
        expect(new Set(inventory.contact.values().map(({ remark }) => remark)).size).toBe(
          acknowledged === 0 ? 0 : 1,
        )
        expect(await reader.auditVerify()).toMatchObject({ intact: true, head: { sequence: acknowledged } })
        for (let block = 0; block < 1000; block += 1)
          await rm(path.join(disk.path, `filler-${block}`), { force: true })
      }
      expect([...outcomes].sort()).toEqual(['DISK_FULL', 'made'])
      // Full between the commit point and the files: made all the same.
      expect(leftToDo).toBeGreaterThan(0)
      expect(await apply(store, [put('contact', { id: 'last', name: 'x' })])).toMatchObject({
        revision: acknowledged + 1,
      })
    })
  },
)
