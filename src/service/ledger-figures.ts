import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Inventory } from '../../inventory/store.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { ResultStore } from '../collector/history/port.ts'
import { inSlices, type Work } from '../collector/slices.ts'
import type { Config } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import { dayIn } from '../core/day.ts'
import type { Log } from '../core/log.ts'
import { type Context, ledgerAt, milestoneFigures, taskFigures } from '../ledger/index.ts'
import { ledger as metrics } from '../metrics/ledger.ts'
import type { Evidence } from '../migration/gates.ts'
import type { Job } from '../plan/plan.ts'
import {
  type ContradictedSince,
  contradictedSince,
  contradictionFigures,
  type ItemRatio,
  kindFigures,
  lastVerdicts,
  type Look,
  ratiosOf,
  type Verified,
  verifySteps,
} from '../verify/index.ts'
import { historyFile } from './host-evidence.ts'
import { keepFigures, type KeptFigures, type Watched } from './kept-figures.ts'
import { ledgerContext } from './ledger-context.ts'
import { isTelling, lookAt } from './looks.ts'
import { migrationEvidence } from './migration.ts'
import { createRendering, figures, type Figures } from './rendering.ts'
import { verdictHistory } from './verdict-log.ts'
import { claimedMoves } from './verify.ts'

export interface LedgerFiguresOptions {
  readonly config: Config
  readonly history: Pick<ResultStore, 'sightings'>
  readonly clock: Clock
  readonly log: Log
}

const jobsAtATime = 500

function* looksNow(
  jobs: readonly Job[],
  sightings: ReturnType<ResultStore['sightings']>,
  isHeard: (agent: string) => boolean,
): Work<ReadonlyMap<string, readonly Look[]>> {
  const looks = new Map<string, Look[]>()
  for (const [at, job] of jobs.entries()) {
    if (at % jobsAtATime === 0) yield
    if (!isTelling(job)) continue
    for (const sighting of sightings.get(job.id) ?? []) {
      const look = lookAt(job, sighting, isHeard(sighting.agent))
      const others = looks.get(job.target)
      if (others === undefined) looks.set(job.target, [look])
      else others.push(look)
    }
  }
  return looks
}

/** Whole days change once a day; looks at them that came late are in within the hour. */
const daysEveryMs = 3_600_000

type Days = ReadonlyMap<string, Evidence>

/** Days of the systems that move, read anew when another day or another record of a move asks for it. */
const createDays = ({ config }: LedgerFiguresOptions) => {
  const file = historyFile(config.dataFolder)
  let database: DatabaseSync | undefined
  let known: Days = new Map()
  let [readAt, key]: [number, readonly unknown[]] = [-Infinity, []]
  return {
    read: async (inventory: Inventory, now: number): Promise<Days> => {
      const { migration, claim, system } = inventory
      const asked = [migration, claim, system, dayIn(config.timezone, now)]
      const isSame = asked.every((part, at) => part === key[at])
      if (isSame && now - readAt < daysEveryMs) return known
      const migrations = claimedMoves(inventory, claim.values())
      if (migrations.length === 0 || !existsSync(file)) known = new Map()
      else {
        database ??= openForReading(file)
        known = await inSlices(migrationEvidence(database, { config, inventory, migrations, at: now }))
      }
      ;[readAt, key] = [now, asked]
      return known
    },
    [Symbol.dispose]: () => database?.close(),
  }
}

const goalFamilies = (ratios: readonly ItemRatio[]): readonly Figures[] => {
  const goals = ratios.flatMap(({ item, itemKind, ratio }) =>
    itemKind === 'goal' && ratio.kind === 'ratio' ? [{ labels: { goal: item.id }, ratio }] : [],
  )
  const share = (percent: (ratio: (typeof goals)[number]['ratio']) => number | undefined) =>
    goals.flatMap(({ labels, ratio }) => {
      const value = percent(ratio)
      return value === undefined ? [] : [{ labels, value: value / 100 }]
    })
  return [
    figures(
      metrics.goalMembers,
      goals.map(({ labels, ratio }) => ({ labels, value: ratio.denominator })),
    ),
    figures(
      metrics.goalClaimed,
      share(({ claimedPercent }) => claimedPercent),
    ),
    figures(
      metrics.goalVerified,
      share(({ verifiedPercent }) => verifiedPercent),
    ),
    figures(
      metrics.goalGap,
      goals.flatMap(({ labels, ratio }) =>
        Object.entries(ratio.gap).map(([why, value]) => ({
          labels: { ...labels, why },
          value: Number(value),
        })),
      ),
    ),
  ]
}

const ledgerFamilies = (inventory: Inventory, context: Context): readonly Figures[] => {
  const standing = ledgerAt(inventory, context)
  return [
    figures(
      metrics.tasks,
      taskFigures(standing).map(({ unit, state, count }) => ({ labels: { unit, state }, value: count })),
    ),
    figures(
      metrics.milestones,
      milestoneFigures(standing).map(({ light, state, count }) => ({
        labels: { light, state },
        value: count,
      })),
    ),
  ]
}

const claimFamilies = (
  verified: readonly Verified[],
  since: ContradictedSince,
  now: number,
): readonly Figures[] => {
  const { groups, oldestSeconds } = contradictionFigures(verified, since, now)
  return [
    figures(
      metrics.claims,
      kindFigures(verified).flatMap(({ kind, counts }) =>
        Object.entries(counts).map(([verdict, value]) => ({ labels: { kind, verdict }, value })),
      ),
    ),
    figures(
      metrics.contradictions,
      groups.map(({ answered, age, count }) => ({
        labels: { answered: answered ? 'yes' : 'no', age },
        value: count,
      })),
    ),
    figures(metrics.oldestContradiction, [{ labels: {}, value: oldestSeconds }]),
    figures(metrics.verification, [{ labels: {}, value: now / 1000 }]),
  ]
}

/** It takes a hundredth of the time, however many claims there are, unless a minute is over before. */
const pace = { leastPauseMs: 5000, mostPauseMs: 60_000, pausesPerWork: 100 }

const isEmpty = ({ claim, goal, task }: Inventory): boolean => claim.size + goal.size + task.size === 0

/** Figures of the work ledger and of claims; making them rejects as inventory, calendar and history do when they are read. */
export const createLedgerFigures = (options: LedgerFiguresOptions): KeptFigures => {
  const { config, history, clock, log } = options
  const days = createDays(options)
  const rendered = createRendering()
  let since: ContradictedSince = new Map()

  const verify = async (
    collector: Watched,
    inventory: Inventory,
    context: Context,
  ): Promise<readonly Verified[]> => {
    const { checks } = (await collector.judged()).judgement
    const standing = collector.agents().filter(({ state, silent }) => state === 'active' && !silent)
    const heard = new Set(standing.map(({ agent }) => agent))
    const looks = await inSlices(
      looksNow(
        checks.map(({ job }) => job),
        history.sightings(),
        (agent) => heard.has(agent),
      ),
    )
    const migration = await days.read(inventory, context.now)
    const settings = { ...config.verify, ...config.migration }
    return inSlices(verifySteps({ context, inventory, looks, migration, settings }))
  }

  const kept = keepFigures({
    pace,
    failed: (error) => log('error', 'figures of the ledger are not up to date', { error: String(error) }),
    make: async (collector) => {
      const inventory = await collector.inventory()
      if (isEmpty(inventory)) return []
      const context = ledgerContext(config, clock())
      const { now } = context
      const verified = await verify(collector, inventory, context)
      const { changes } = await verdictHistory(config.dataFolder)
      since = contradictedSince(verified, lastVerdicts(changes), { before: since, now })
      return [
        ...goalFamilies(ratiosOf({ inventory, context }, verified)),
        ...ledgerFamilies(inventory, context),
        ...claimFamilies(verified, since, now),
      ].map(rendered)
    },
  })
  return {
    ...kept,
    [Symbol.dispose]: () => {
      kept[Symbol.dispose]()
      days[Symbol.dispose]()
    },
  }
}
