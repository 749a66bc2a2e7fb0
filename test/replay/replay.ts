import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { calendarWith } from '../../inventory/ledger/index.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import type { Bulletin } from '../../inventory/bulletin.ts'
import { openHistory } from '../../src/collector/history.ts'
import type { ResultStore } from '../../src/collector/history/port.ts'
import { type Config, loadConfig } from '../../src/config/index.ts'
import { dayIn } from '../../src/core/day.ts'
import { type Context, policyOf } from '../../src/ledger/index.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import type { FullPlan } from '../../src/plan/plan.ts'
import { planSettings } from '../../src/plan/settings.ts'
import { periodOf } from '../../src/reports/periods.ts'
import { issueReport } from '../../src/service/issue-report.ts'
import { recordVerified } from '../../src/service/verdict-log.ts'
import { readVerifyInput } from '../../src/service/verify.ts'
import { type Verdict, verifyAll } from '../../src/verify/index.ts'
import { cutoffOf, dayMs, nameOf, weeks, when } from './calendar.ts'
import { openDump } from './dump.ts'
import { type Agents, createAgents } from './observe.ts'
import { officeOperations } from './operator.ts'
import { type Script, writeScript } from './script.ts'

/** The half year, day by day, through the store, the history, the gates, the verdicts and the bulletins of the product. */

/** What the product said of a claim. */
export interface Judgement {
  readonly claim: string
  readonly verdict: Verdict
  readonly because: string
}

export interface Week {
  readonly name: string
  /** When the verdicts were taken. */
  readonly at: number
  readonly judged: readonly Judgement[]
  /** The same, taken a week later, when newer looks and what came late had arrived; not of the last week. */
  readonly judgedLater?: readonly Judgement[]
  readonly bulletin: Bulletin
}

export interface Replay {
  readonly script: Script
  readonly config: Config
  readonly weeks: readonly Week[]
  readonly inventory: Inventory
  readonly observations: number
}

export interface Options {
  /** Data folder, as `--data` takes it; what was planted lies beside it. */
  readonly folder: string
  readonly intervalMinutes: number
  readonly signal: AbortSignal
  readonly tell?: (line: string) => void
}

const kinds = ['icmp', 'tcp', 'http', 'ipv6-ready'] as const

const configOf = async (folder: string, minutes: number): Promise<Config> => {
  const cadences = kinds.map((kind) => `  ${kind}: { intervalSeconds: ${minutes * 60} }`)
  const dataFolder = path.join(folder, 'data')
  await mkdir(dataFolder, { recursive: true })
  await writeFile(
    path.join(dataFolder, 'yiwang.yaml'),
    ['# A simulated history (模拟).', 'probing:', ...cadences, ''].join('\n'),
  )
  return loadConfig({ dataFolder, env: {} })
}

const contextOf = ({ timezone, ledger }: Config, now: number): Context => ({
  now,
  timeZone: timezone,
  calendar: calendarWith(),
  policy: policyOf(ledger),
})

interface Stage {
  readonly script: Script
  readonly config: Config
  readonly store: InventoryStore
  readonly history: ResultStore
  readonly agents: Agents
  /** The clock of everybody. */
  readonly clock: { now: number }
}

const prepare = async ({ script, store, clock }: Stage): Promise<void> => {
  clock.now = when(1, 'Mon')
  for (const operations of script.setUp)
    await store.change({ actor: '模拟', reason: '模拟历史：台账', operations })
}

const officeHour = 10

/** What people do on a day, in the order of time. */
const work = async ({ script, config, store, clock }: Stage, week: number, day: number): Promise<void> => {
  const wednesday = when(week, 'Wed')
  const office =
    day === wednesday
      ? [
          {
            at: when(week, 'Wed', officeHour),
            reason: '迁移办',
            operations: (inventory: Inventory) =>
              officeOperations(script.systems, { config, inventory, week, at: clock.now }),
          },
        ]
      : []
  const events = script.events.filter(({ at }) => day <= at && at < day + dayMs)
  for (const { at, reason, operations } of [...events, ...office].toSorted(
    (one, other) => one.at - other.at,
  )) {
    clock.now = at
    await store.change({ actor: '模拟', reason: `模拟历史：${reason}`, operations })
  }
}

/** A running collector lets go of what is too old, and folds what is over. */
const tend = async ({ config, history, clock }: Stage): Promise<void> => {
  const { rawDays, hourlyDays } = config.collector.history
  const before = { results: clock.now - rawDays * dayMs, rollups: clock.now - hourlyDays * dayMs }
  while ((await history.prune(before)) > 0);
  while ((await history.fold(clock.now)) > 0);
}

const planner = (config: Config) => {
  let last: FullPlan | undefined
  return (inventory: Inventory): FullPlan =>
    (last =
      last?.revision === inventory.revision ? last : compilePlan(inventory, planSettings(config.probing)))
}

interface Closed extends Week {
  readonly inventory: Inventory
}

/** Verdicts at an instant, by the records of then and what the history has now. */
const judge = async (config: Config, inventory: Inventory, at: number) =>
  verifyAll(await readVerifyInput(config, inventory, contextOf(config, at)))

const judgementsOf = (verified: Awaited<ReturnType<typeof judge>>): readonly Judgement[] =>
  verified.map(({ claim, verdict, because }) => ({ claim: claim.id, verdict, because }))

const closeWeek = async (stage: Stage, week: number): Promise<Closed> => {
  const { config, store, agents, clock } = stage
  const at = cutoffOf(week)
  await agents.beat(at - 9000, await store.read())
  clock.now = at
  const inventory = await store.read()
  const verified = await judge(config, inventory, at)
  await recordVerified(config.dataFolder, verified, { now: at, revision: inventory.revision })
  clock.now = when(week + 1, 'Mon') + 60_000
  const context = contextOf(config, clock.now)
  const auditHead = (await store.auditHead()).hash
  const ground = { config, inventory, context, auditHead, audit: () => store.audit() }
  const { bulletin } = await issueReport(store, ground, {
    request: {
      kind: 'weekly',
      period: periodOf('weekly', nameOf(week), dayIn(config.timezone, clock.now)),
    },
    issuer: { actor: '模拟', reason: '模拟历史：周通报' },
  })
  return { name: nameOf(week), at, judged: judgementsOf(verified), bulletin, inventory }
}

export const replay = async ({ folder, intervalMinutes, signal, tell }: Options): Promise<Replay> => {
  const config = await configOf(folder, intervalMinutes)
  const script = writeScript()
  const clock = { now: when(1, 'Mon') }
  await using store = await openInventory(path.join(config.dataFolder, 'inventory'), {
    clock: () => clock.now,
    create: true,
  })
  await using history = openHistory(path.join(config.dataFolder, 'collector', 'history.sqlite'))
  await using dump = openDump(path.join(folder, 'observations.jsonl'))
  const stage: Stage = {
    script,
    config,
    store,
    history,
    clock,
    agents: createAgents({ script, history, dump }),
  }
  await prepare(stage)
  const planFor = planner(config)
  const done: Week[] = []
  let before: Closed | undefined
  for (let week = 1; week <= weeks; week += 1) {
    for (let day = when(week, 'Mon'); day < when(week + 1, 'Mon'); day += dayMs) {
      signal.throwIfAborted()
      const noon = day + dayMs / 2
      // What is recorded on a day changes from noon on what is looked at.
      const morning = await store.read()
      await stage.agents.look([day, noon], morning, planFor(morning))
      await work(stage, week, day)
      const evening = await store.read()
      await stage.agents.look([noon, day + dayMs], evening, planFor(evening))
      clock.now = day + dayMs
      await tend(stage)
    }
    const closed = await closeWeek(stage, week)
    if (before !== undefined) {
      const judgedLater = judgementsOf(await judge(config, before.inventory, before.at))
      done.splice(-1, 1, { ...before, judgedLater })
    }
    before = closed
    done.push(closed)
    tell?.(
      `${closed.name}: ${stage.agents.count()} observations, ${closed.judged.length} claims, ${closed.bulletin.id}`,
    )
  }
  return { script, config, weeks: done, inventory: await store.read(), observations: stage.agents.count() }
}
