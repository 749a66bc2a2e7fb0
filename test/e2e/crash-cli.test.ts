import { randomInt } from 'node:crypto'
import { watch } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type Child, runYiwang, startYiwang } from './child.ts'

/** Several times what an idle machine needs. */
const patienceMs = 300_000
const rows = 2000
const importKills = 32
/** After so many the store begins anew: the audit log grows by all rows with each import, and is checked as a whole. */
const importsPerStore = 8
const setKills = 100
const setsAtOnce = 4

const inventoryOf = (store: string): string => path.join(store, 'inventory')

/** Opens what a killed process left, and recomputes the audit chain, which has an entry a revision. */
const openLeft = async (store: string): Promise<Inventory> => {
  await using inventory = await openInventory(inventoryOf(store), { clock: Date.now })
  const left = await inventory.read()
  expect(await inventory.auditVerify()).toMatchObject({ intact: true, head: { sequence: left.revision } })
  return left
}

/** The revision that it printed: from then on the change must be there. */
const acknowledged = ({ output }: Child): number =>
  Math.max(0, ...output.map((line) => Number(/revision (\d+)/u.exec(line)?.[1] ?? 0)))

/** Resolves when the journal is begun, or when the process has ended. */
const commitBegins = async (store: string, child: Child): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const watcher = watch(inventoryOf(store), (_, name) => {
    if (name === '.journal.tmp') resolve(undefined)
  })
  await Promise.race([promise, child.ended])
  watcher.close()
}

/** Kills a process: one in four at any moment of its life, the others while something is written. */
const killSometime = async (store: string, child: Child, writingMs: number): Promise<boolean> => {
  const isWriting = randomInt(4) > 0
  if (isWriting) await commitBegins(store, child)
  await sleep(randomInt(isWriting ? writingMs : 800))
  child.send('SIGKILL')
  const [, signal] = await child.ended
  return signal === 'SIGKILL'
}

const csv = (version: string): string =>
  [
    'id,name,region,level,kind,remark',
    ...Array.from({ length: rows }, (_, at) => `x-${at},节点${at},410221001,township,access,${version}`),
  ].join('\n')

/** What every imported node says; undefined where there is none. */
const versionOf = ({ node }: Inventory): string | undefined => {
  const imported = [...node.values()].filter(({ id }) => id.startsWith('x-'))
  const remarks = new Set(imported.map(({ remark }) => remark))
  expect(remarks.size).toBeLessThanOrEqual(1)
  expect([0, rows]).toContain(imported.length)
  return [...remarks][0]
}

test(
  `kill -9 of ${importKills} imports of ${rows} rows: each wholly there, or not at all`,
  async () => {
    await using folder = await temporaryFolder()
    const [template, store] = [path.join(folder.path, 'template'), path.join(folder.path, 'store')]
    const file = path.join(folder.path, 'nodes.csv')
    await runYiwang(['init', '--region', '410221', '--data', template])
    const begin = async () => {
      await rm(store, { recursive: true, force: true })
      await cp(template, store, { recursive: true })
      return { revision: 1, version: undefined as string | undefined }
    }
    const ends = { before: 0, after: 0 }
    let state = await begin()
    for (let turn = 0, kills = 0; kills < importKills; turn += 1) {
      if (turn % importsPerStore === 0) state = await begin()
      const version = `v${turn}`
      await writeFile(file, csv(version))
      await using child = startYiwang(['import', file, '--data', store])
      kills += Number(await killSometime(store, child, 100))
      const left = await openLeft(store)
      const isAfter = left.revision > state.revision
      expect(left.revision).toBe(state.revision + Number(isAfter))
      expect(left.revision).toBeGreaterThanOrEqual(acknowledged(child))
      expect(versionOf(left)).toBe(isAfter ? version : state.version)
      ends[isAfter ? 'after' : 'before'] += 1
      state = { revision: left.revision, version: versionOf(left) }
    }
    expect(ends.before).toBeGreaterThan(0)
    expect(ends.after).toBeGreaterThan(0)

    await writeFile(file, csv('last'))
    const said = await runYiwang(['import', file, '--data', store])
    expect(said).toContain(`revision ${state.revision + 1}`)
    expect(versionOf(await openLeft(store))).toBe('last')
    expect(await runYiwang(['audit', 'verify', '--data', store])).toMatch(/^intact/u)
  },
  patienceMs,
)

test(
  `kill -9 of ${setKills} small changes, ${setsAtOnce} at once: what was said to be changed is`,
  async () => {
    await using folder = await temporaryFolder()
    const store = path.join(folder.path, 'store')
    await runYiwang(['init', '--region', '410221', '--data', store])
    let before = await openLeft(store)
    const ids = [...before.node.keys()].slice(0, setsAtOnce)
    const set = (id: string, remark: string): readonly string[] => ['node', 'set', id, `remark=${remark}`]
    for (let kills = 0, burst = 0; kills < setKills; burst += 1) {
      const remark = `burst ${burst}`
      const said = await Promise.all(
        ids.map(async (id) => {
          await using child = startYiwang([...set(id, remark), '--data', store])
          const isKilled = await killSometime(store, child, 50)
          return { id, isKilled, isTold: acknowledged(child) > 0 }
        }),
      )
      kills += said.filter(({ isKilled }) => isKilled).length
      const left = await openLeft(store)
      const changed = new Set(ids.filter((id) => left.node.get(id)?.remark === remark))
      expect(left.revision).toBe(before.revision + changed.size)
      expect(said.filter(({ id, isTold }) => isTold && !changed.has(id))).toEqual([])
      for (const id of ids) if (!changed.has(id)) expect(left.node.get(id)).toEqual(before.node.get(id))
      before = left
    }
    expect(before.revision).toBeGreaterThan(10)
    expect(await runYiwang([...set(ids[0]!, 'last'), '--data', store])).toBe(
      `changed 1, revision ${before.revision + 1}`,
    )
    expect(await runYiwang(['audit', 'verify', '--data', store])).toMatch(/^intact/u)
  },
  patienceMs,
)
