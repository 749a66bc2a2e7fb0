import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { median } from './process.ts'

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

/** How long commands take from start to end, as a person waits: median of five. `--json` prints the rows only. */
const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')
const folder = mkdtempSync(path.join(os.tmpdir(), 'yiwang-bench-'))
const rounds = 5

const timed = (args: readonly string[]): number => {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(launcher, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`yiwang ${args.join(' ')}: ${stderr.toString()}`)
  return performance.now() - startedAt
}

interface Row {
  readonly name: string
  readonly 'median ms': number
  readonly 'min ms': number
  readonly 'target ms': number
}

const rows: Row[] = []

const report = (name: string, targetMs: number, milliseconds: readonly number[]): void => {
  const figures = {
    'median ms': Math.round(median(milliseconds)),
    'min ms': Math.round(Math.min(...milliseconds)),
  }
  rows.push({ name, ...figures, 'target ms': targetMs })
}

const repeat = (args: readonly string[]): readonly number[] =>
  Array.from({ length: rounds }, () => timed(args))

const nodeCount = 40_000
const counties = 320

const nodeOf = (index: number): Operation => {
  const region = String(410_000 + 1 + (index % counties)).padStart(6, '0')
  return {
    op: 'put',
    collection: 'node',
    record: {
      id: `n-${String(index)}`,
      name: `模拟节点${String(index)}`,
      region,
      level: 'township',
      kind: 'access',
    },
  }
}

const regionsOf = (): readonly Operation[] =>
  Array.from({ length: counties }, (_, index) => ({
    op: 'put',
    collection: 'region',
    record: { id: String(410_001 + index), name: `模拟县${String(index)}`, level: 'county' },
  }))

try {
  report('--help', 200, repeat(['--help']))
  report(
    'init --region 41',
    5000,
    Array.from({ length: rounds }, (_, round) =>
      timed(['init', '--region', '41', '--data', path.join(folder, `henan-${String(round)}`)]),
    ),
  )
  const data = path.join(folder, 'large')
  {
    await using store = await openInventory(path.join(data, 'inventory'), { clock: Date.now, create: true })
    await store.change({
      actor: 'bench',
      reason: '模拟',
      operations: () => [...regionsOf(), ...Array.from({ length: nodeCount }, (_, index) => nodeOf(index))],
    })
  }
  report('node list, 40,000 nodes', 1000, repeat(['node', 'list', '--data', data]))
  report('node list --json, 40,000 nodes', 1000, repeat(['node', 'list', '--json', '--data', data]))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (flags.json) console.log(JSON.stringify(rows))
else console.table(rows)
