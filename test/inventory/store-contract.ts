import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { replayAudit } from '../../inventory/audit/changes.ts'
import { collectionNames } from '../../inventory/model.ts'
import type { AuditEntry, Inventory, InventoryStore, Operation } from '../../inventory/store.ts'
import { apply, county, node, put, remove } from './store-fixtures.ts'

/** Somewhere to keep an inventory; each `open` is another handle on the same one, empty at first. */
export interface StoreHarness extends AsyncDisposable {
  readonly open: () => Promise<InventoryStore>
}

const plain = (inventory: Inventory): Record<string, unknown> =>
  Object.fromEntries(
    collectionNames.flatMap((name) =>
      [...inventory[name]].map(([id, record]) => [`${name}/${id}`, record] as const),
    ),
  )

const problemsOf = async (change: Promise<unknown>): Promise<UsageFault['problems']> => {
  const error: unknown = await change.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageFault)
  return (error as UsageFault).problems
}

const entriesOf = (store: InventoryStore): Promise<AuditEntry[]> => Array.fromAsync(store.audit())

/** Everything that the port of the inventory promises, shown on one adapter. */
export const storeContract = (adapter: string, start: () => Promise<StoreHarness>): void => {
  describe(`the inventory store, by ${adapter}`, () => {
    test('is empty at revision 0', async () => {
      await using harness = await start()
      await using store = await harness.open()
      const inventory = await store.read()
      expect(inventory.revision).toBe(0)
      expect(plain(inventory)).toEqual({})
      expect(await entriesOf(store)).toEqual([])
      expect(await store.auditVerify()).toEqual({ intact: true, head: { sequence: 0, hash: '0'.repeat(64) } })
    })

    test('gives back what was put, with defaults, frozen, in the order of ids, after reopening too', async () => {
      await using harness = await start()
      await using store = await harness.open()
      expect(await apply(store, county)).toEqual({ revision: 1, added: 9, replaced: 0, removed: 0 })
      await using again = await harness.open()
      for (const inventory of [await store.read(), await again.read()]) {
        expect(inventory.revision).toBe(1)
        expect([...inventory.node.keys()]).toEqual(['n-410200', 'n-410202', 'n-410202001'])
        const found = inventory.node.get('n-410202001')
        expect(found).toMatchObject({ areas: ['public'], state: 'active', probes: [] })
        expect(
          Object.isFrozen(inventory) && Object.isFrozen(found) && Object.isFrozen(found?.uplinks[0]),
        ).toBe(true)
      }
    })

    test('reads the same object until something changed, by whichever handle', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await using other = await harness.open()
      await apply(store, county)
      const before = await store.read()
      expect(await store.read()).toBe(before)
      await apply(other, [put('node', node('n-2'))])
      const after = await store.read()
      expect(after).not.toBe(before)
      expect(after.revision).toBe(2)
      expect(before.node.has('n-2')).toBe(false)
      expect(after.node.has('n-2')).toBe(true)
    })

    test('a change of nothing leaves revision and audit log alone', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      const before = await store.read()
      const nothing = { revision: 1, added: 0, replaced: 0, removed: 0 }
      expect(await apply(store, [])).toEqual(nothing)
      expect(await apply(store, county)).toEqual(nothing)
      expect(await apply(store, [put('node', node('n-9')), remove('node', 'n-9')])).toEqual(nothing)
      expect(await store.read()).toBe(before)
      expect(await entriesOf(store)).toHaveLength(1)
    })

    test('says everything that is wrong at once, where, and what was probably meant; writes nothing', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      const problems = await problemsOf(
        apply(store, [
          put('node', node('n-1', { uplinks: [{ id: 'u1', kind: 'line', to: 'n-41020' }] })),
          put('node', node('n-2', { level: 'towship', adresses: [] })),
          put('node', node('n-3', { region: '410203001', contacts: ['wang', 'wong'] })),
          put('node', node('n-4', { addresses: ['10.1.2.300'] })),
          put('node', node('n-5', { uplinks: [{ id: 'a', kind: 'vpn', to: 'n-2' }] })),
          put(
            'node',
            node('n-6', {
              uplinks: [
                { id: 'a', kind: 'vpn', to: 'n-410200' },
                { id: 'a', kind: 'vpn', to: 'n-410202' },
              ],
            }),
          ),
          put('system', {
            id: 's-1',
            name: '门户',
            region: '410200',
            kind: 'website',
            endpoints: ['https://a.gov.cn/', 'htps://a.gov.cn/'],
          }),
          put('device', { name: 'no id' }),
          remove('node', 'n-410202002'),
        ]),
      )
      expect(problems.map(({ where, suggestion }) => [where, suggestion])).toEqual([
        ['node/n-2.level', 'did you mean township?'],
        ['node/n-2.adresses', 'did you mean addresses?'],
        ['node/n-4.addresses[0]', undefined],
        ['device/(operation 8).id', undefined],
        ['device/(operation 8).role', undefined],
        ['device/(operation 8).node', undefined],
        ['device/(operation 8).address', undefined],
        ['node/n-410202002', 'did you mean n-410202001?'],
        ['node/n-1.uplinks[0].to', 'did you mean n-410200?'],
        ['node/n-3.region', 'did you mean 410202001?'],
        ['node/n-3.contacts[1]', 'did you mean wang?'],
        ['node/n-6.uplinks[1].id', undefined],
        ['system/s-1.endpoints[1]', undefined],
      ])
      expect(problems.find(({ where }) => where === 'node/n-4.addresses[0]')?.message).toContain(
        '"10.1.2.300"',
      )
      expect((await store.read()).revision).toBe(1)
      expect(await entriesOf(store)).toHaveLength(1)
    })

    test('an empty actor or reason is refused', async () => {
      await using harness = await start()
      await using store = await harness.open()
      const problems = await problemsOf(store.change({ actor: ' ', reason: '', operations: () => county }))
      expect(problems.map(({ where }) => where)).toEqual(['actor', 'reason'])
    })

    test('what is still referenced stays, and who refers to it is named; together they may go', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      const problems = await problemsOf(apply(store, [remove('region', '410202'), remove('contact', 'wang')]))
      expect(problems).toMatchObject([
        { where: 'region/410202', message: expect.stringContaining('region/410202001.parent') as string },
        { where: 'contact/wang', message: expect.stringContaining('unit/u-410202.contacts[0]') as string },
      ])
      expect(problems[0]?.message).toContain('node/n-410202.region')
      const result = await apply(store, [remove('node', 'n-410202'), remove('node', 'n-410202001')])
      expect(result).toMatchObject({ removed: 2 })
      expect([...(await store.read()).node.keys()]).toEqual(['n-410200'])
    })

    test('the control of a probe is a node, a system or a device, and stays while it is one', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      const controlledBy = (control: string): Operation =>
        put('node', node('n-1', { probes: [{ kind: 'tcp', unreachableFrom: ['internet'], control }] }))
      expect(await problemsOf(apply(store, [controlledBy('n-41020')]))).toMatchObject([
        {
          where: 'node/n-1.probes[0].control',
          message: 'expected an existing node or system or device, got n-41020',
          suggestion: 'did you mean n-410200?',
        },
      ])
      const system = { id: 's-1', name: '门户', region: '410200', kind: 'website' }
      await apply(store, [controlledBy('s-1'), put('system', system)])
      expect(await problemsOf(apply(store, [remove('system', 's-1')]))).toMatchObject([
        {
          where: 'system/s-1',
          message: expect.stringContaining('node/n-1.probes[0].control') as string,
        },
      ])
      await apply(store, [remove('system', 's-1'), controlledBy('n-410202')])
      expect((await store.read()).system.size).toBe(0)
    })

    test.each<[string, readonly Operation[], string]>([
      [
        'uplinks',
        [
          put(
            'node',
            node('n-410200', {
              region: '410200',
              level: 'city',
              uplinks: [{ id: 'u', kind: 'line', to: 'n-410202001' }],
            }),
          ),
        ],
        'node/n-410200.uplinks',
      ],
      [
        'an uplink to itself',
        [put('node', node('n-1', { uplinks: [{ id: 'u', kind: 'line', to: 'n-1' }] }))],
        'node/n-1.uplinks',
      ],
      [
        'regions',
        [put('region', { id: '410200', name: '开封市', level: 'city', parent: '410202' })],
        'region/410200.parent',
      ],
      [
        'units',
        [
          put('unit', { id: 'a', name: 'a', kind: 'hall', region: '410200', parent: 'b' }),
          put('unit', { id: 'b', name: 'b', kind: 'hall', region: '410200', parent: 'a' }),
        ],
        'unit/a.parent',
      ],
    ])('a cycle of %s is refused', async (_what, operations, where) => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      expect(await problemsOf(apply(store, operations))).toMatchObject([{ where }])
    })

    test('the audit log says who, why and which fields; it can be read in parts', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county, 'first')
      await apply(store, [put('contact', { id: 'wang', name: '王工', duty: '值班' })], 'on duty now')
      await apply(store, [remove('node', 'n-410202001')], 'gone')
      const [, second, third] = await entriesOf(store)
      expect(second).toMatchObject({
        sequence: 2,
        revision: 2,
        actor: 'tester',
        reason: 'on duty now',
        at: '2026-11-23T01:02:03.000Z',
        changes: [
          {
            op: 'replace',
            collection: 'contact',
            id: 'wang',
            before: { phone: '0371-0000000' },
            after: { duty: '值班' },
          },
        ],
      })
      expect(third?.changes).toMatchObject([
        { op: 'remove', id: 'n-410202001', before: { region: '410202001' } },
      ])
      expect(third?.previous).toBe(second?.hash)
      expect(await Array.fromAsync(store.audit({ since: 2, limit: 1 }))).toEqual([second])
      expect(await store.auditHead()).toEqual({ sequence: 3, hash: third?.hash })
    })

    test('the chain is verified, against a head kept elsewhere too', async () => {
      await using harness = await start()
      await using store = await harness.open()
      await apply(store, county)
      const kept = await store.auditHead()
      await apply(store, [put('node', node('n-2'))])
      const head = await store.auditHead()
      expect(await store.auditVerify(kept)).toEqual({ intact: true, head })
      expect(await store.auditVerify({ sequence: 3, hash: 'f'.repeat(64) })).toMatchObject({
        intact: false,
        sequence: 3,
      })
      expect(await store.auditVerify({ sequence: 1, hash: 'f'.repeat(64) })).toMatchObject({
        intact: false,
        sequence: 1,
      })
    })

    test('operations that throw change nothing and let the next one pass', async () => {
      await using harness = await start()
      await using store = await harness.open()
      const failing = store.change({
        actor: 'tester',
        reason: 'test',
        operations: () => {
          throw new UsageFault('no')
        },
      })
      await expect(failing).rejects.toThrow('no')
      expect(await apply(store, county)).toMatchObject({ revision: 1 })
    })

    test('two handles that decide on what they see never lose a change', async () => {
      await using harness = await start()
      const stores = [await harness.open(), await harness.open()]
      await apply(stores[0]!, [put('contact', { id: 'counter', name: '0' })])
      const increment = (store: InventoryStore): Promise<unknown> =>
        store.change({
          actor: 'tester',
          reason: 'count',
          operations: ({ contact }) => [
            put('contact', { id: 'counter', name: String(Number(contact.get('counter')?.name) + 1) }),
          ],
        })
      await Promise.all(Array.from({ length: 30 }, (_, turn) => increment(stores[turn % 2]!)))
      for (const store of stores) expect((await store.read()).contact.get('counter')?.name).toBe('30')
      expect(await stores[0]!.auditVerify()).toMatchObject({ intact: true, head: { sequence: 31 } })
      for (const store of stores) await store[Symbol.asyncDispose]()
    })

    test('any sequence of changes does what a map does, and the audit log leads to the same records', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
          await using harness = await start()
          const model = new Map<string, unknown>()
          for (const operations of batches) {
            await using store = await harness.open()
            await apply(store, operations)
            for (const operation of operations) applyToModel(model, operation)
            expect(normal(plain(await store.read()))).toEqual(normal(Object.fromEntries(model)))
          }
          await using store = await harness.open()
          expect(normal(Object.fromEntries(await replayAudit(store.audit())))).toEqual(
            normal(Object.fromEntries(model)),
          )
          expect(await store.auditVerify()).toMatchObject({ intact: true })
        }),
        { numRuns: 25 },
      )
    })
  })
}

const regions = ['410202', '410203', '410204'] as const

const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })

const system = fc.record({
  id: fc.constantFrom('s-1', 's-2', 's-3', 's-4'),
  name: text,
  region: fc.constantFrom(...regions),
  kind: fc.constantFrom('website', 'database'),
  endpoints: fc.array(fc.constantFrom('https://a.gov.cn/', 'tcp://192.0.2.1:22', 'dns://192.0.2.53/a.cn'), {
    maxLength: 2,
  }),
  areas: fc.constantFrom(['public'], ['public', 'internet']),
  contacts: fc.constant([]),
  probes: fc.array(
    fc.record({
      kind: text,
      options: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      expect: fc.constant('reachable'),
    }),
    { maxLength: 2 },
  ),
  state: fc.constantFrom('active', 'retired'),
})

const record = fc.record(
  {
    id: fc.constantFrom('c-1', 'c-2', 'c-3'),
    name: text,
    hotline: fc.boolean(),
    phone: fc.constant('1'),
    remark: fc.string({ maxLength: 20 }),
  },
  { requiredKeys: ['id', 'name', 'hotline'] },
)

/** Operations that are valid in any order: systems refer to regions that every batch puts first. */
const batch: fc.Arbitrary<readonly Operation[]> = fc
  .array(
    fc.oneof(
      system.map((made) => put('system', made)),
      record.map((made) => put('contact', made)),
    ),
    { maxLength: 6 },
  )
  .chain((puts) =>
    fc
      .subarray(puts)
      .map((removed) => [
        ...regions.map((id) => put('region', { id, name: id, level: 'county', statisticalOnly: false })),
        ...puts,
        ...removed
          .map(({ collection, record: made }: Operation & { record?: unknown }) =>
            remove(collection, (made as { id: string }).id),
          )
          .filter(
            ({ id }: Operation & { id?: string }, index, all) =>
              all.findIndex((other) => (other as { id?: string }).id === id) === index,
          ),
      ]),
  )

const applyToModel = (model: Map<string, unknown>, operation: Operation): void => {
  if (operation.op === 'remove') model.delete(`${operation.collection}/${operation.id}`)
  else model.set(`${operation.collection}/${(operation.record as { id: string }).id}`, operation.record)
}

/** As JSON has it: -0 is 0. */
const normal = (records: object): unknown => JSON.parse(JSON.stringify(records))
