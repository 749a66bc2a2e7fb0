import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'

/** How long commands take from start to end, as a person waits: median of five. */
const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')
const folder = mkdtempSync(path.join(os.tmpdir(), 'yiwang-bench-'))
const rounds = 5

const timed = (args: readonly string[]): number => {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(launcher, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`yiwang ${args.join(' ')}: ${stderr.toString()}`)
  return performance.now() - startedAt
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const report = (what: string, targetMs: number, milliseconds: readonly number[]): void =>
  console.log(
    `${what.padEnd(34)} median ${median(milliseconds).toFixed(0).padStart(5)} ms  min ${Math.min(
      ...milliseconds,
    )
      .toFixed(0)
      .padStart(5)} ms  target ${String(targetMs)} ms`,
  )

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
