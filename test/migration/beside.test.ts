import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { collections } from '../../inventory/model.ts'
import { loadConfig } from '../../src/config/index.ts'
import { answerBeside } from '../../src/service/days-beside.ts'
import { readMigrationEvidence, readMigrationEvidenceBeside } from '../../src/service/migration.ts'
import { temporaryFolder } from '../collector/support.ts'
import { emptyInventory } from '../inventory/exchange-support.ts'
import { writeHistory } from './history.ts'

/** Days that are counted in a thread are those that are counted in place. */

const many = Array.from({ length: 1000 }, (_, index) => `s-${index}`)

const migrationOf = (id: string) =>
  collections.migration.parse({
    id,
    state: 'accepted',
    oldEndpoints: ['tcp://127.0.0.1:8081'],
    newEndpoints: ['http://127.0.0.1:8082/'],
    moves: [
      { at: '2026-04-30T10:00:00Z', by: '王工', from: 'deploying', to: 'trial', reason: '因为' },
      { at: '2026-06-01T10:00:00Z', by: '王工', from: 'trial', to: 'accepted', reason: '因为' },
    ],
  })

const systemOf = (id: string) =>
  collections.system.parse({ id, name: id, region: '410200', kind: 'application' })

test('many systems', async () => {
  using folder = temporaryFolder()
  await writeHistory(folder.path, [
    { job: 's-7/new/http/http:127.0.0.1:8082@public', days: ['2026-05-01', '2026-05-30'], status: 'up' },
    {
      job: 's-7/old/tcp/127.0.0.1:8081@public',
      days: ['2026-06-02', '2026-06-08'],
      status: 'down',
      cause: 'refused',
    },
    { job: 's-8/old/tcp/127.0.0.1:8081@public', days: ['2026-06-03', '2026-06-05'], status: 'up' },
    { job: 'n-1/icmp@public', days: ['2026-06-02', '2026-06-08'], status: 'up' },
  ])
  const migrations = many.map(migrationOf)
  const inventory = {
    ...emptyInventory,
    system: new Map(many.map((id) => [id, systemOf(id)])),
    migration: new Map(migrations.map((each) => [each.id, each])),
  }
  const config = loadConfig({ env: {}, dataFolder: folder.path })
  const at = Date.parse('2026-06-09T00:00:00+08:00') - 1
  const beside = await readMigrationEvidenceBeside(config, inventory, migrations, at)
  expect(beside).toEqual(readMigrationEvidence(config, inventory, migrations, at))
  expect(beside.get('s-7')?.probeDays.filter(({ ran }) => ran > 0)).toHaveLength(30)
  expect(beside.get('s-8')?.silentDays.filter(({ standing }) => standing === 'answered')).toHaveLength(3)
})

test('a history that cannot be read is the fault that it is in place', async () => {
  using folder = temporaryFolder()
  const file = path.join(folder.path, 'history.sqlite')
  await writeFile(file, 'not a database '.repeat(1000))
  const rules = { zone: 'Asia/Shanghai', ratios: { ranRatio: 0.9, upRatio: 0.95 } }
  await expect(answerBeside({ file, questions: { probed: [], silenced: [] }, rules })).rejects.toMatchObject({
    code: 'STORE_BROKEN',
    message: expect.stringContaining(file) as string,
  })
})
