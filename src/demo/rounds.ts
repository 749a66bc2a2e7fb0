import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { calendarWith } from '../../inventory/ledger/index.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { type Context, policyOf } from '../ledger/index.ts'
import { recordVerified } from '../service/verdict-log.ts'
import { readVerifyInput } from '../service/verify.ts'
import type { Fault } from '../simulator/named.ts'
import { type Column, table } from '../terminal/table.ts'
import { namedSystems, verifyAll, type Verdict } from '../verify/index.ts'
import { demoClaims } from './claims.ts'

/**
 * Each system that the plan names is claimed to be as the plan wants it, and is so in one round and not so in another:
 * first none but the township's node is out of order, then all that is linked with others or has members, then all
 * that stands by itself.
 */

const byItself = (id: string): boolean =>
  namedSystems.find((row) => row.id === id)?.checks.every((kind) => kind === 'online') ?? false

const outFromTheStart = ['net-city-extranet', 'sys-hall']

type Planted = readonly string[]

/** Named systems whose faults are there, round by round. */
export const plantedIn = (faults: readonly Pick<Fault, 'of'>[]): readonly [Planted, Planted, Planted] => {
  const all = faults.flatMap(({ of }) => of)
  return [outFromTheStart, all.filter((id) => !byItself(id)), all.filter(byItself)]
}

export const contextAt = ({ timezone, ledger }: Config, now: number): Context => ({
  now,
  timeZone: timezone,
  calendar: calendarWith(),
  policy: policyOf(ledger),
})

/** The worst verdict of what is claimed of each named system. */
export type Verdicts = ReadonlyMap<string, Verdict>

const worstFirst: readonly Verdict[] = ['contradicted', 'unverifiable', 'stale', 'consistent']

const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  worstFirst.find((verdict) => verdicts.includes(verdict)) ?? 'unverifiable'

const readInventory = async (config: Config): Promise<Inventory> => {
  await using store = await openInventory(path.join(config.dataFolder, 'inventory'), { clock: Date.now })
  return await store.read()
}

const verifyNow = async (config: Config) => {
  const inventory = await readInventory(config)
  const now = Date.now()
  const verified = verifyAll(await readVerifyInput(config, inventory, contextAt(config, now)))
  const of = new Map(verified.map(({ claim, verdict }) => [claim.id, verdict]))
  const byNamed = Map.groupBy(demoClaims, ({ named }) => named)
  const verdicts = new Map(
    [...byNamed].map(([named, claims]) => [
      named,
      worstOf(claims.map(({ id }) => of.get(id) ?? 'unverifiable')),
    ]),
  )
  return { verdicts, verified, now, revision: inventory.revision }
}

/** What is not as the planted faults want it. */
const wrongIn = (verdicts: Verdicts, planted: ReadonlySet<string>): readonly string[] =>
  namedSystems
    .filter(({ id, checks }) => {
      const wanted = planted.has(id) ? 'contradicted' : 'consistent'
      return checks.length > 0 && verdicts.get(id) !== wanted
    })
    .map(({ id }) => id)

const patienceMs = 45_000
const pollMs = 1000

/**
 * Verifies the claims until they come out as the planted faults want them, and adds what changed to the history of
 * verdicts. Rejects with `EnvironmentFault` when that takes too long.
 */
export const awaitVerdicts = async (
  config: Config,
  planted: Planted,
  signal: AbortSignal,
): Promise<Verdicts> => {
  const wanted = new Set(planted)
  const deadline = performance.now() + patienceMs
  for (;;) {
    const { verdicts, verified, now, revision } = await verifyNow(config)
    const wrong = wrongIn(verdicts, wanted)
    if (wrong.length === 0) {
      await recordVerified(config.dataFolder, verified, { now, revision })
      return verdicts
    }
    signal.throwIfAborted()
    if (performance.now() > deadline)
      throw new EnvironmentFault(
        'COLLECTOR_UNREACHABLE',
        `waited ${String(patienceMs / 1000)} s for the verdicts on ${wrong.join(', ')}`,
      )
    await pause(pollMs)
  }
}

interface Row {
  readonly id: string
  readonly name: string
  readonly fault: string
  readonly rounds: readonly string[]
}

const words: Readonly<Record<Verdict, string>> = {
  consistent: '相符',
  contradicted: '矛盾',
  stale: '过期',
  unverifiable: '无法',
}

const columns: readonly Column<Row>[] = [
  { header: '点名系统', read: ({ id }) => id },
  { header: '名称', read: ({ name }) => name, least: 12 },
  { header: '模拟的故障', read: ({ fault }) => fault, least: 16 },
  ...['起初', '其一', '其二'].map((header, at) => ({
    header,
    read: ({ rounds }: Row) => rounds[at] ?? '',
  })),
]

/** The verdicts of all rounds, a line a named system, in 80 columns. */
export const roundsTable = (
  rounds: readonly Verdicts[],
  faults: readonly Pick<Fault, 'of' | 'what'>[],
  nameOf: (id: string) => string,
): string => {
  const rows = namedSystems.map(({ id, checks }) => ({
    id,
    name: nameOf(id),
    fault: checks.length === 0 ? '仅文件可核' : (faults.find(({ of }) => of.includes(id))?.what ?? ''),
    rounds: rounds.map((verdicts) => words[verdicts.get(id) ?? 'unverifiable']),
  }))
  return table(columns, rows, 80)
}
