import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { writeHistory } from '../migration/history.ts'
import { emptyFolder } from './data-folder.ts'

/** A thousand systems that moved: the built CLI counts their days in a thread. */

const put = (collection: Operation['collection'], record: object): Operation => ({
  op: 'put',
  collection,
  record,
})

const movedOperations = (id: string): readonly Operation[] => [
  put('system', { id, name: id, region: '410200', kind: 'application' }),
  put('migration', {
    id,
    state: 'accepted',
    oldEndpoints: ['tcp://127.0.0.1:8081'],
    newEndpoints: ['http://127.0.0.1:8082/'],
    moves: [{ at: '2026-06-01T10:00:00Z', by: '王工', from: 'trial', to: 'accepted', reason: '因为' }],
  }),
  put('claim', {
    id: `c-${id}`,
    subjectKind: 'system',
    subject: id,
    kind: 'old-silent',
    at: '2026-06-05T02:00:00.000Z',
    by: '李',
  }),
]

const wanted = [
  put('region', { id: '410000', name: '河南省', level: 'province' }),
  put('region', { id: '410200', name: '开封市', level: 'city', parent: '410000' }),
  ...Array.from({ length: 1000 }, (_, index) => movedOperations(`s-${index}`)).flat(),
]

const week = ['2026-06-02', '2026-06-08'] as const
const oldPlace = (system: number): string => `s-${system}/old/tcp/127.0.0.1:8081@public`

test('an old place that was silent, one that answered, and those that nobody looked at', async () => {
  await using folder = await emptyFolder()
  await writeFile(
    folder.file('yiwang.yaml'),
    'collector: { silentAfterSeconds: 7200 }\nprobing: { tcp: { intervalSeconds: 3600 } }\n',
  )
  {
    await using store = await openInventory(folder.file('inventory'), { clock: Date.now, create: true })
    await store.change({ actor: 'test', reason: '模拟', operations: () => wanted })
  }
  await writeHistory(folder.path, [
    { job: oldPlace(0), days: week, status: 'down', cause: 'refused' },
    { job: oldPlace(1), days: week, status: 'down', cause: 'refused' },
    { job: oldPlace(1), days: ['2026-06-07', '2026-06-07'], status: 'up', agent: 'b' },
    { job: 'n-1/icmp@public', days: week, status: 'up' },
  ])
  const { code, stdout } = await folder.run('verify', '--json', '--as-of', '2026-06-08')
  expect(code).toBe(0)
  const { counts, claims } = JSON.parse(stdout) as {
    readonly counts: object
    readonly claims: readonly { readonly because: string }[]
  }
  expect(counts).toMatchObject({ consistent: 1, contradicted: 0, stale: 0, unverifiable: 999 })
  expect(claims[0]?.because).toContain('原址已静默 7/7 日')
  expect(claims[1]?.because).toContain('原址已静默 1/7 日')
  expect(claims[2]?.because).toContain('没有原址的整日探测')
})
