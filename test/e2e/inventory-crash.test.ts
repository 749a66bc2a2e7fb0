import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../inventory/audit/canonical.ts'
import { replayAudit } from '../../inventory/audit/changes.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { clock, temporaryFolder } from '../inventory/store-fixtures.ts'
import { startWriter, type Writer } from '../inventory/store-processes.ts'

const kills = 120
const lanes = 2
/** After so many a lane begins a new store, since the audit log is checked as a whole after each. */
const killsPerStore = 6

const latestOf = (lines: readonly string[]): number =>
  Math.max(0, ...lines.map(Number).filter(Number.isFinite))

/** A change of 2,000 records is there as a whole, and no older one shines through. */
const expectWhole = ({ contact, revision }: Inventory): void => {
  const remarks = new Set(
    contact
      .values()
      .filter(({ name }) => name === 'many')
      .map(({ remark }) => remark),
  )
  expect(remarks.size).toBeLessThanOrEqual(1)
  const latest = contact.values().some(({ remark }) => remark === `after ${revision - 1}`)
  expect(latest).toBe(revision > 0)
}

const expectIntact = async (folder: string, acknowledged: number): Promise<number> => {
  await using store = await openInventory(folder, { clock, create: true })
  const inventory = await store.read()
  // What was acknowledged is there; a change may also have been made and not have come to say so.
  expect(inventory.revision).toBeGreaterThanOrEqual(acknowledged)
  expect(inventory.revision).toBeLessThanOrEqual(acknowledged + 1)
  expectWhole(inventory)
  expect(await store.auditVerify()).toMatchObject({ intact: true, head: { sequence: inventory.revision } })
  const logged = await replayAudit(store.audit())
  const present = [...inventory.contact].map(([id, record]) => [`contact/${id}`, record])
  expect(canonicalJson(Object.fromEntries(logged)) === canonicalJson(Object.fromEntries(present))).toBe(true)
  return inventory.revision
}

/** Spreads kills evenly over the first changes, whatever the machine's speed: by what was said, then by a few milliseconds. */
const killAtSomeMoment = async (writer: Writer, turn: number): Promise<void> => {
  writer.process.stdin?.write('go\n')
  await writer.said(1 + (turn % 5))
  const until = performance.now() + ((turn * 7.3) % 60)
  while (performance.now() < until) await new Promise(setImmediate)
  writer.process.kill('SIGKILL')
  await writer.ended
}

/** The next writer starts up while this one works. */
const runLane = async (folder: string, turns: readonly number[]): Promise<readonly number[]> => {
  const revisions: number[] = []
  let acknowledged = 0
  let next = startWriter(folder, ['churn'])
  for (const [index, turn] of turns.entries()) {
    const writer = next
    if (index % killsPerStore === 0) {
      await rm(folder, { recursive: true, force: true })
      acknowledged = 0
    }
    await writer.said(1)
    next = startWriter(folder, ['churn'])
    await killAtSomeMoment(writer, turn)
    acknowledged = await expectIntact(folder, Math.max(acknowledged, latestOf(writer.lines)))
    revisions.push(acknowledged)
  }
  await next[Symbol.asyncDispose]()
  return revisions
}

test(`kill -9 at ${kills} moments: no acknowledged change lost, none half made, audit chain intact`, async () => {
  await using folder = await temporaryFolder()
  const turns = Array.from({ length: kills }, (_, turn) => turn)
  const revisions = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      runLane(
        path.join(folder.path, String(lane)),
        turns.filter((turn) => turn % lanes === lane),
      ),
    ),
  )
  expect(revisions.flat()).toHaveLength(kills)
  expect(Math.max(...revisions.flat())).toBeGreaterThan(killsPerStore)
})
