import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { setResult } from '../../inventory/mlps/edit.ts'
import { catalogue, type Finding, type Result, resultLabels } from '../../inventory/mlps/index.ts'
import type { InventoryStore, Operation } from '../../inventory/store.ts'
import { conclude } from '../../src/compliance/conclude.ts'
import { dossiersOf } from '../../src/compliance/dossier.ts'

/** 300 assessments × 211 items × 3 assets: load, one durable change, conclude for all, memory. */

const [assessments, kinds] = [300, ['server', 'network-device', 'management']] as const
const results = Object.keys(resultLabels) as readonly Result[]
const items = catalogue(3)

const findings = (seed: number): Readonly<Record<string, Finding>> =>
  Object.fromEntries(
    items.map(({ id }, index): [string, Finding] => [
      id,
      {
        result: results[(index * seed) % 7] ?? 'conforms',
        method: 'examine',
        evidence: `配置核查记录 ${seed}-${index}`,
        assessor: '王工',
        on: '2026-11-26',
      },
    ]),
  )

const operationsOf = (index: number): readonly Operation[] => [
  {
    op: 'put',
    collection: 'assessment',
    record: { id: `a-${index}`, name: `测评 ${index}`, object: 'extranet', level: 3 },
  },
  ...kinds.map((kind, place): Operation => ({
    op: 'put',
    collection: 'asset',
    record: {
      id: `a-${index}.${place}`,
      assessment: `a-${index}`,
      name: `资产 ${place}`,
      kind,
      results: findings(index + place + 1),
    },
  })),
]

/** Milliseconds of CPU that this thread took: what a machine with nothing else to do would take, disk apart. */
const cpu = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const timed = async <T>(what: string, task: () => T | Promise<T>): Promise<T> => {
  const [start, startCpu] = [performance.now(), cpu()]
  const value = await task()
  const [took, tookCpu] = [performance.now() - start, cpu() - startCpu]
  process.stdout.write(`${what}: ${took.toFixed(0)} ms, CPU ${tookCpu.toFixed(0)} ms\n`)
  return value
}

const fill = async (folder: string): Promise<void> => {
  await using store = await openInventory(folder, { clock: Date.now, create: true })
  for (let from = 0; from < assessments; from += 50)
    await store.change({
      actor: 'bench',
      reason: 'fill',
      operations: () => Array.from({ length: 50 }, (_, index) => operationsOf(from + index)).flat(),
    })
}

const changeOne = (store: InventoryStore, round: number) =>
  store.change({
    actor: 'bench',
    reason: 'one result',
    operations: (now) =>
      setResult(now, {
        assessment: `a-${round}`,
        item: 'L3-CES1-01',
        assets: [`a-${round}.0`],
        finding: { result: 'conforms', remark: `${round}` },
      }),
  })

const measure = async (folder: string): Promise<void> => {
  await using store = await openInventory(folder, { clock: Date.now })
  const inventory = await timed('load', () => store.read())
  await timed('conclude for all', () => dossiersOf(inventory).map((each) => conclude(each, '2026-11-26')))
  for (let round = 0; round < 5; round += 1) await timed('one change, durable', () => changeOne(store, round))
  process.stdout.write(`memory: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB\n`)
}

/** As it is shipped: types stripped when a module is first loaded would be measured as well. Returns the script. */
const bundled = async (): Promise<string> => {
  const { rolldown } = await import('rolldown')
  const { ownPlaces } = await import('../../scripts/own-places.ts')
  const root = path.resolve(import.meta.dirname, '../..')
  await using bundle = await rolldown({
    cwd: root,
    input: import.meta.filename,
    platform: 'node',
    external: (id) => !/^[./\0]/u.test(id),
    plugins: [ownPlaces(root)],
  })
  await bundle.write({
    dir: path.join(root, 'dist'),
    format: 'esm',
    entryFileNames: 'bench-[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  })
  return path.join(root, 'dist', 'bench-mlps.js')
}

/** Measured in a process of its own, so that filling does not count as memory. Needs `npm run build`. */
const [filled] = process.argv.slice(2)
if (filled === undefined) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-mlps-'))
  const script = await bundled()
  try {
    await fill(folder)
    spawnSync(process.execPath, [script, folder], { stdio: 'inherit' })
  } finally {
    await rm(folder, { recursive: true, force: true })
    await rm(script, { force: true })
  }
} else await measure(filled)
