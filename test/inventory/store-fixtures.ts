import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Collection } from '../../inventory/model.ts'
import type { InventoryStore, Operation } from '../../inventory/store.ts'

/** A moment that never moves: entries of the audit log are then the same in every run. */
export const clock = (): number => Date.UTC(2026, 10, 23, 1, 2, 3)

export const put = (collection: Collection, record: unknown): Operation => ({ op: 'put', collection, record })
export const remove = (collection: Collection, id: string): Operation => ({ op: 'remove', collection, id })

export const node = (id: string, more: object = {}): object => ({
  id,
  name: `节点 ${id}`,
  region: '410202001',
  level: 'township',
  kind: 'room',
  ...more,
})

/** A county with two townships, a unit, a contact, and a node at each level. */
export const county: readonly Operation[] = [
  put('region', { id: '410200', name: '开封市', level: 'city' }),
  put('region', { id: '410202', name: '龙亭区', level: 'county', parent: '410200' }),
  put('region', { id: '410202001', name: '北书店街道', level: 'township', parent: '410202' }),
  put('region', { id: '410202002', name: '午朝门街道', level: 'township', parent: '410202' }),
  put('contact', { id: 'wang', name: '王工', phone: '0371-0000000' }),
  put('unit', {
    id: 'u-410202',
    name: '区大数据局',
    kind: 'department',
    region: '410202',
    contacts: ['wang'],
  }),
  put('node', node('n-410200', { region: '410200', level: 'city', kind: 'cloud' })),
  put(
    'node',
    node('n-410202', {
      region: '410202',
      level: 'county',
      unit: 'u-410202',
      uplinks: [{ id: 'u1', kind: 'line', to: 'n-410200', operator: '联通', bandwidthMbps: 1000 }],
    }),
  ),
  put('node', node('n-410202001', { uplinks: [{ id: 'u1', kind: 'line', to: 'n-410202' }] })),
]

export const apply = (
  store: InventoryStore,
  operations: readonly Operation[],
  reason = 'test',
): ReturnType<InventoryStore['change']> =>
  store.change({ actor: 'tester', reason, operations: () => operations })

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

/** An empty folder that goes when it is disposed of. */
export const temporaryFolder = async (): Promise<TemporaryFolder> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-store-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
