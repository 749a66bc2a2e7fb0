import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { inventoryAt } from '../../inventory/past.ts'
import type { InventoryStore, Operation } from '../../inventory/store.ts'
import { apply, county, node, put, remove, temporaryFolder } from './store-fixtures.ts'

/** A store whose clock stands at the hour that a change is said to be made in. */
const withStore = async (
  work: (
    store: InventoryStore,
    at: (hour: number, ...operations: Operation[]) => Promise<unknown>,
  ) => Promise<void>,
): Promise<void> => {
  await using folder = await temporaryFolder()
  let now = 0
  await using store = await openInventory(folder.path, { clock: () => now, create: true })
  await work(store, (hour, ...operations) => {
    now = hour * 3_600_000
    return apply(store, operations)
  })
}

const asAt = async (store: InventoryStore, hour: number) =>
  inventoryAt(await store.read(), store.audit(), hour * 3_600_000 + 1)

test('records as they were: changed, removed and added ones taken back', () =>
  withStore(async (store, at) => {
    await at(1, ...county, put('contact', { id: 'li', name: '李工' }))
    const then = await store.read()
    await at(3, put('contact', { id: 'wang', name: '王工', phone: '1' }), remove('contact', 'li'))
    await at(4, put('node', node('n-new')), put('contact', { id: 'wang', name: '王工程师' }))
    const { inventory, past } = await asAt(store, 2)
    expect(past).toEqual({ kind: 'restored', revision: 1, restored: 3, kept: 0 })
    expect({ ...inventory, revision: 1 }).toEqual(then)
    expect(inventory.revision).toBe(3)
    expect((await asAt(store, 3)).inventory.contact.get('wang')).toMatchObject({ name: '王工', phone: '1' })
    expect((await asAt(store, 4)).past).toEqual({ kind: 'unchanged' })
    expect((await asAt(store, 0)).past).toEqual({ kind: 'unknown', firstAt: '1970-01-01T01:00:00.000Z' })
  }))

test('dated records are left to their dates, and what they refer to stays', () =>
  withStore(async (store, at) => {
    await at(1, ...county)
    const claim = { id: 'c-1', subjectKind: 'node', subject: 'n-new', kind: 'connected', by: '王工' }
    await at(
      3,
      put('region', { id: '410202003', name: '大兴街道', level: 'township', parent: '410202' }),
      put('node', node('n-new', { region: '410202003' })),
      put('node', node('n-other')),
      put('claim', { ...claim, at: '1970-01-01T01:30:00.000Z' }),
    )
    const { inventory, past } = await asAt(store, 2)
    expect(past).toEqual({ kind: 'restored', revision: 1, restored: 1, kept: 2 })
    expect([...inventory.claim.keys()]).toEqual(['c-1'])
    expect([inventory.node.has('n-new'), inventory.node.has('n-other')]).toEqual([true, false])
    expect(inventory.region.has('410202003')).toBe(true)
  }))

const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  name: fc.constantFrom('甲', '乙'),
  phone: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
  isRemoved: fc.boolean(),
})

test('whatever was changed, each past is what was read then', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) =>
      withStore(async (store, at) => {
        await at(0, put('contact', { id: 'z', name: '丙' }))
        const read = [await store.read()]
        for (const [index, { id, name, phone, isRemoved }] of steps.entries()) {
          const isThere = read.at(-1)?.contact.has(id) === true
          await at(
            index + 1,
            isRemoved && isThere ? remove('contact', id) : put('contact', { id, name, phone }),
          )
          read.push(await store.read())
        }
        for (const [hour, { contact }] of read.entries())
          expect([...(await asAt(store, hour)).inventory.contact]).toEqual([...contact])
      }),
    ),
    { numRuns: 10 },
  ))
