import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { addDays, dayIn } from '../../src/core/day.ts'
import { historyFile } from '../../src/service/host-evidence.ts'
import { load, median } from './process.ts'
import { writeProvince } from './verify/history.ts'
import { city, operationsOf, province, type Size } from './verify/province.ts'

/**
 * What holding claims against a history takes, as a person waits: `verify` of a province, `migration list` and
 * `migration funnel` of a city, on the built CLI. The newest looks are written by the real writer, a month of hours in
 * bulk: a province takes two minutes and 2 GB of disk. `--city` leaves it out, `--json` prints the rows only.
 */
const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, city: { type: 'boolean', default: false } },
})
const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')
const usage = path.resolve(import.meta.dirname, 'verify/usage.ts')
const days = 30
const rounds = 3
const maxOutput = 2 ** 30

interface Site {
  readonly folder: string
  readonly asOf: string
}

const makeSite = async (folder: string, size: Size): Promise<Site> => {
  const config = loadConfig({ env: {}, dataFolder: folder })
  const now = Date.now()
  const calendar = { zone: config.timezone, lastDay: addDays(dayIn(config.timezone, now), -1) }
  await using store = await openInventory(path.join(folder, 'inventory'), { clock: Date.now, create: true })
  for (const operations of operationsOf(size, calendar))
    await store.change({ actor: 'bench', reason: 'fill', operations: () => operations })
  const file = historyFile(folder)
  const jobs = await writeProvince({ file, config, inventory: await store.read() }, size, {
    ...calendar,
    now,
    days,
  })
  if (!flags.json)
    console.log(`${size.nodes} nodes, ${size.systems} systems, ${jobs} jobs, ${days} days of hours`)
  return { folder, asOf: new Date(now).toISOString() }
}

interface Figures {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly megabytes: number
}

const measure = ({ folder, asOf }: Site, args: readonly string[]): Figures => {
  const startedAt = performance.now()
  const { stderr, stdout } = spawnSync(launcher, [...args, '--data', folder, '--as-of', asOf], {
    env: { ...process.env, NODE_OPTIONS: `--import=${usage}` },
    encoding: 'utf8',
    maxBuffer: maxOutput,
  })
  const seconds = (performance.now() - startedAt) / 1000
  const told = /^usage (.+)$/mu.exec(stderr)?.[1]
  if (told === undefined || stdout === '') throw new Error(`yiwang ${args.join(' ')}: ${stderr}`)
  return { seconds, ...(JSON.parse(told) as Omit<Figures, 'seconds'>) }
}

const rowOf = (name: string, site: Site, args: readonly string[], wantedSeconds: number) => {
  const all = Array.from({ length: rounds }, () => measure(site, args))
  const of = (read: (figures: Figures) => number): number => Number(median(all.map(read)).toFixed(2))
  return {
    name,
    'wall s': of(({ seconds }) => seconds),
    'CPU s': of(({ cpuSeconds }) => cpuSeconds),
    'peak MB': Math.round(of(({ megabytes }) => megabytes)),
    'wanted s': wantedSeconds,
  }
}

const inFolder = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-verify-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const rows = await inFolder(async (folder) => {
  const site = await makeSite(folder, city)
  return [
    rowOf('city: migration list', site, ['migration', 'list'], 1),
    rowOf('city: migration funnel', site, ['migration', 'funnel'], 1),
    rowOf('city: verify', site, ['verify'], 1),
  ]
})
if (!flags.city)
  await inFolder(async (folder) => {
    const site = await makeSite(folder, province)
    rows.push(rowOf('province: verify', site, ['verify'], 5))
  })
if (flags.json) console.log(JSON.stringify({ load: load(), rows }))
else {
  console.table(rows)
  console.log(`load average ${load()}`)
}
