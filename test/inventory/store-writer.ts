import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { InventoryStore } from '../../inventory/store.ts'
import { put } from './store-fixtures.ts'

/**
 * A process that writes to a store and says on its standard output what it knows to be written.
 *
 * `add <prefix> <count>`: as many changes of one record each.
 * `churn`: changes without end, every fourth of them of 2,000 records; starts when a line comes in.
 * `hold`: takes the lock, says so, and keeps it until it is killed.
 */
const [, , folder = '', mode = '', prefix = '', count = '1'] = process.argv

const tell = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const change = (store: InventoryStore, records: readonly object[]): Promise<{ readonly revision: number }> =>
  store.change({
    actor: `writer-${prefix}`,
    reason: 'test',
    operations: () => records.map((record) => put('contact', record)),
  })

const add = async (store: InventoryStore): Promise<void> => {
  for (let number = 0; number < Number(count); number += 1) {
    const { revision } = await change(store, [{ id: `${prefix}-${number}`, name: 'added' }])
    tell(String(revision))
  }
}

const many = (remark: string): readonly object[] =>
  Array.from({ length: 2000 }, (_, index) => ({ id: `many-${index}`, name: 'many', remark }))

const churn = async (store: InventoryStore): Promise<void> => {
  for (let round = 0; ; round += 1) {
    const { revision: before } = await store.read()
    const remark = `after ${before}`
    const { revision } = await change(
      store,
      round % 4 === 0 ? many(remark) : [{ id: 'one', name: 'one', remark }],
    )
    tell(String(revision))
  }
}

const hold = (store: InventoryStore): Promise<unknown> =>
  store.change({
    actor: 'holder',
    reason: 'test',
    operations: () => {
      tell('held')
      // Blocks the whole process, and with it the lock, until it is killed.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      return []
    },
  })

// Written at the end of a process otherwise, and these never see theirs.
flushCompileCache()
if (mode === 'churn') {
  tell('ready')
  await once(process.stdin, 'data')
  process.stdin.destroy()
}
const store = await openInventory(folder, { clock: Date.now, create: true, lockTimeoutMs: 60_000 })
if (mode === 'add') await add(store)
if (mode === 'churn') await churn(store)
if (mode === 'hold') await hold(store)
tell('done')
