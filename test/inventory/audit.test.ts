import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../inventory/audit/canonical.ts'
import { formatEntry, genesis, parseEntry, seal, verifyChain } from '../../inventory/audit/chain.ts'
import { changeOf, replayAudit } from '../../inventory/audit/changes.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { AuditEntry, AuditHead, AuditVerdict } from '../../inventory/store.ts'
import { apply, clock, put, temporaryFolder } from './store-fixtures.ts'

const entriesUpTo = (count: number): readonly AuditEntry[] => {
  const entries: AuditEntry[] = []
  let head = genesis
  for (let revision = 1; revision <= count; revision += 1) {
    const changes = [
      { op: 'add', collection: 'contact', id: `c-${revision}`, after: { id: `c-${revision}` } } as const,
    ]
    const entry = seal(head, {
      at: '2026-11-23T00:00:00.000Z',
      actor: 'tester',
      reason: `第 ${revision} 次`,
      revision,
      changes,
    })
    entries.push(entry)
    head = entry
  }
  return entries
}

const headOf = ({ sequence, hash }: AuditHead): AuditHead => ({ sequence, hash })

const chain = entriesUpTo(8)
const head = headOf(chain[7]!)
const lines: readonly Buffer[] = chain.map((entry): Buffer => Buffer.from(formatEntry(entry).trimEnd()))

const verdictOf = async (tampered: readonly Buffer[], kept = [head]): Promise<AuditVerdict> =>
  (await verifyChain(tampered, kept)).verdict

/** Like an attacker who knows how hashes are made: `change` an entry and seal it anew, and leave the others. */
const resealed = (index: number, change: Partial<AuditEntry>): Buffer => {
  const { at, actor, reason, revision, changes } = { ...chain[index]!, ...change }
  const before = index === 0 ? genesis : headOf(chain[index - 1]!)
  return Buffer.from(formatEntry(seal(before, { at, actor, reason, revision, changes })).trimEnd())
}

describe('verification of the chain', () => {
  test('finds an untouched log intact', async () => {
    expect(await verdictOf(lines)).toEqual({ intact: true, head })
    expect(await verdictOf([], [genesis])).toEqual({ intact: true, head: genesis })
  })

  test.each<[string, number, readonly Buffer[]]>([
    ['a changed word', 3, lines.with(2, Buffer.from(lines[2]!.toString().replace('tester', 'nobody')))],
    ['a space added', 5, lines.with(4, Buffer.from(lines[4]!.toString().replace('{', '{ ')))],
    ['a key given twice', 1, lines.with(0, Buffer.from(lines[0]!.toString().replace('{', '{"actor":"x",')))],
    ['a line that is no JSON', 4, lines.with(3, Buffer.from('noise'))],
    ['an empty line', 4, lines.toSpliced(3, 0, Buffer.alloc(0))],
    ['bytes that are no text', 6, lines.with(5, Buffer.from([0xff, 0xfe, 0x00]))],
    ['a removed line', 4, lines.toSpliced(3, 1)],
    ['the first line removed', 1, lines.slice(1)],
    ['two lines swapped', 5, lines.with(4, lines[5]!).with(5, lines[4]!)],
    ['a line twice', 4, lines.toSpliced(3, 0, lines[2]!)],
    ['an entry rewritten with a right hash', 4, lines.with(2, resealed(2, { actor: 'nobody' }))],
    ['the last entry rewritten with a right hash', 8, lines.with(7, resealed(7, { actor: 'nobody' }))],
    ['a cut tail', 7, lines.slice(0, 6)],
    ['all lines cut', 1, []],
  ])('finds %s, and says that it is entry %i', async (_what, sequence, tampered) => {
    expect(await verdictOf(tampered)).toMatchObject({ intact: false, sequence })
  })

  test('knows a log that was rewritten from an entry on by a head kept elsewhere', async () => {
    const forged = resealed(7, { actor: 'nobody' })
    const forgedHead = headOf(parseEntry(forged)!)
    const tampered = lines.with(7, forged)
    expect(await verdictOf(tampered, [forgedHead])).toMatchObject({ intact: true })
    expect(await verdictOf(tampered, [forgedHead, head])).toMatchObject({ intact: false, sequence: 8 })
  })

  test('says whether lines follow the last head that is known', async () => {
    expect(await verifyChain(lines, [headOf(chain[4]!)])).toMatchObject({
      verdict: { intact: true },
      beyond: true,
    })
    expect(await verifyChain(lines, [head])).toMatchObject({ beyond: false })
  })

  test('finds any flipped bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(7), fc.nat(), fc.nat(7), async (line, at, bit) => {
        const bytes = Buffer.from(lines[line]!)
        const place = at % bytes.length
        bytes[place] = bytes[place]! ^ (1 << bit)
        expect(await verdictOf(lines.with(line, bytes))).toMatchObject({ intact: false, sequence: line + 1 })
      }),
      { numRuns: 300 },
    )
  })

  test('never throws, whatever the lines are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.uint8Array(),
            fc.json().map((text) => Buffer.from(text)),
          ),
        ),
        async (noise) => {
          expect((await verdictOf(noise.map((line) => Buffer.from(line)))).intact).toBe(false)
        },
      ),
    )
  })
})

describe('canonical JSON (RFC 8785)', () => {
  test.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ '\u20ac': 1, '\r': 2, '1': 3 }, '{"\\r":2,"1":3,"\u20ac":1}'],
    [{ gone: undefined, n: 1e21, m: 0.000001 }, '{"m":0.000001,"n":1e+21}'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test('is JSON of the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

test('changes lead from any record to any other when they are replayed', async () => {
  const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue({ maxDepth: 1 }))
  await fc.assert(
    fc.asyncProperty(fields, fields, async (before, after) => {
      const changes = [
        changeOf('contact', 'x', undefined, before) ?? [],
        changeOf('contact', 'x', before, after) ?? [],
      ].flat()
      const entry = seal(genesis, { at: '', actor: '', reason: '', revision: 1, changes })
      const replayed = await replayAudit([JSON.parse(JSON.stringify(entry)) as AuditEntry])
      expect(canonicalJson(replayed.get('contact/x'))).toBe(canonicalJson(after))
    }),
  )
})

describe('the log of a store', () => {
  const filled = async (folder: string): ReturnType<typeof openInventory> => {
    const store = await openInventory(folder, { clock, create: true })
    for (let number = 1; number <= 5; number += 1)
      await apply(store, [put('contact', { id: 'c', name: `${number}` })])
    return store
  }

  test.each<[string, number, (text: string) => string]>([
    ['changed', 2, (text) => text.replace('"name":"2"', '"name":"3"')],
    ['without a line', 3, (text) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['with its tail cut off', 5, (text) => text.split('\n').toSpliced(4, 1).join('\n')],
    ['with half its last line', 5, (text) => text.slice(0, -50)],
    ['empty', 1, () => ''],
  ])('%s is found out at entry %i', async (_what, sequence, tamper) => {
    await using folder = await temporaryFolder()
    await using store = await filled(folder.path)
    const file = path.join(folder.path, 'audit.jsonl')
    await writeFile(file, tamper(await readFile(file, 'utf8')))
    expect(await store.auditVerify()).toMatchObject({ intact: false, sequence })
    // The store goes on, and the log stays as telling as it was.
    await apply(store, [put('contact', { id: 'd', name: 'd' })])
    expect(await store.auditVerify()).toMatchObject({ intact: false, sequence })
  })

  test('with a line added by hand is found out, although the line follows by its hashes', async () => {
    await using folder = await temporaryFolder()
    await using store = await filled(folder.path)
    const forged = seal(await store.auditHead(), {
      at: '',
      actor: 'nobody',
      reason: 'x',
      revision: 6,
      changes: [],
    })
    await appendFile(path.join(folder.path, 'audit.jsonl'), formatEntry(forged))
    expect(await store.auditVerify()).toMatchObject({ intact: false, sequence: 6 })
  })

  test('that was removed is found out', async () => {
    await using folder = await temporaryFolder()
    await using store = await filled(folder.path)
    await rm(path.join(folder.path, 'audit.jsonl'))
    expect(await store.auditVerify()).toMatchObject({ intact: false, sequence: 1 })
  })

  test('cut together with the meta file is found out by a head kept elsewhere', async () => {
    await using folder = await temporaryFolder()
    await using store = await filled(folder.path)
    const kept = await store.auditHead()
    const [log, meta] = [path.join(folder.path, 'audit.jsonl'), path.join(folder.path, 'meta.json')]
    const left = (await readFile(log, 'utf8')).split('\n').slice(0, 3)
    const last = headOf(parseEntry(Buffer.from(left[2]!))!)
    await writeFile(log, `${left.join('\n')}\n`)
    const cut = { ...(JSON.parse(await readFile(meta, 'utf8')) as object), audit: last }
    await writeFile(meta, JSON.stringify(cut))
    expect(await store.auditVerify()).toEqual({ intact: true, head: last })
    expect(await store.auditVerify(kept)).toMatchObject({ intact: false, sequence: 4 })
  })
})
