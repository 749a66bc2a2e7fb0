import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import type { Clock } from '../core/clock.ts'
import type { Family } from '../metrics/exposition.ts'
import { processMetrics } from '../metrics/process.ts'
import type { Assignee } from '../plan/assign.ts'
import type { FullPlan, Plan } from '../plan/plan.ts'
import type { Acknowledgement, Batch } from '../transport/wire.ts'
import { type Counters, createCounters } from './counters.ts'
import type { ResultStore } from './history/port.ts'
import { every } from './every.ts'
import { intake } from './intake.ts'
import type { Judgement } from './judge.ts'
import { type Hold, createReaders } from './readers.ts'
import { type AgentStanding, type Roster, createRoster } from './roster.ts'
import type { Log } from '../core/log.ts'
import { type Revision, partOf, revisionOf } from './revision.ts'
import { collectorFamilies, countTargets } from './series.ts'
import { shared } from './shared.ts'
import { inSlices } from './slices.ts'
import { type StatusReport, statusReport } from './status.ts'
import { type Trouble, type Troubles, createTroubles } from './trouble.ts'
import { keepWarm } from './warm.ts'

export interface CollectorOptions {
  readonly inventory: InventoryStore
  readonly history: ResultStore
  /** Throws `UsageFault` with every problem; the plan in force then stays. */
  readonly compile: (inventory: Inventory) => FullPlan
  readonly version: string
  readonly silentAfterSeconds: number
  /** How often agents are to report at least; default: as they like. */
  readonly heartbeatSeconds?: number
  /** How long raw results and hourly roll-ups are kept. */
  readonly retention: { readonly rawDays: number; readonly hourlyDays: number }
  /** Counts farms, parks and development zones as places to be covered. */
  readonly includeStatisticalOnly?: boolean
  readonly clock: Clock
  readonly log: Log
  /** Told when new observations are on disk. */
  readonly onSeen?: () => void
  /** Families that others make of what the collector knows, shown beside its own; making them ready is theirs. */
  readonly beside?: (inventory: Inventory) => readonly Family[]
}

/** Remembers, judges and tells: what the server speaks for, and what `yiwang run` calls directly. */
export interface Collector extends AsyncDisposable {
  readonly counters: Counters
  /** The newest inventory; reading it costs nothing while nothing changed. */
  inventory(): Promise<Inventory>
  /** Registers an agent inside this process, which needs no key and no place in the inventory. */
  admit(agent: Assignee): void
  /** Notes that this agent spoke. */
  hear(agent: string): void
  /** Resolves when the observations are on disk. Rejects with `EnvironmentFault`. */
  ingest(agent: Assignee, batch: Batch): Promise<Acknowledgement>
  /** The agent's part of the plan in force. */
  planOf(agent: Assignee): Plan
  /** The newest judgement and the inventory that it is of. */
  judged(): Promise<{ readonly judgement: Judgement; readonly inventory: Inventory }>
  agents(): readonly AgentStanding[]
  status(): Promise<StatusReport>
  /** Everything that there is to show. Who asks holds a rendering until it is disposed. */
  scrape(): Promise<Scrape>
  /** What keeps it from its work, in words; empty while all is well. */
  problems(): readonly Trouble[]
}

/** All of it by one judgement. */
export interface Scrape extends Hold {
  readonly families: readonly Family[]
}

const refreshMs = 1000
const warmMs = 1000
const tendMs = 10_000
/** What is on its way arrives within the hour; hours of which more comes later are folded anew. */
const settledMs = 3_600_000
const dayMs = 86_400_000
/** Two Prometheus servers, and one that is late. */
const maxRenderings = 3

interface State {
  revision: Revision
  readonly troubles: Troubles
}

const refresh = async (state: State, { inventory, compile, log }: CollectorOptions): Promise<void> => {
  const newest = await state.troubles.watch('inventory', () => inventory.read())
  if (newest === state.revision.inventory) return
  // An inventory that cannot be compiled must not stop what runs, nor be compiled every second.
  state.revision = { ...state.revision, inventory: newest }
  const plan = await state.troubles.watch('plan', () => compile(newest))
  state.revision = revisionOf(newest, plan)
  log('info', 'plan changed', { revision: newest.revision, jobs: plan.jobs.length })
}

/** Lets go of what is old, and folds the hours of what is over. */
const tend = async (state: State, { history, retention, clock }: CollectorOptions): Promise<void> => {
  const before = {
    results: clock() - retention.rawDays * dayMs,
    rollups: clock() - retention.hourlyDays * dayMs,
  }
  await state.troubles.watch('history', async () => {
    await history.prune(before)
    await history.fold(clock() - settledMs)
  })
}

const judgeNow = (
  { revision }: State,
  { history, clock }: CollectorOptions,
  roster: Roster,
): Promise<Judgement> => {
  const isHeard = ({ state, silent }: AgentStanding): boolean => state === 'active' && !silent
  const heard = new Set(
    roster
      .standing()
      .filter(isHeard)
      .map(({ agent }) => agent),
  )
  const input = { sightings: history.sightings(), isHeard: (agent: string) => heard.has(agent), now: clock() }
  return inSlices(revision.judge.judge(input))
}

interface Picture {
  readonly revision: Revision
  readonly judgement: Judgement
  readonly shown: readonly Family[]
}

/** Within a second and without news a second reader gets the same judgement, and the same rendering of it. */
const picturing = (state: State, options: CollectorOptions, roster: Roster) => {
  const { clock, history } = options
  const key = () => [state.revision, Math.floor(clock() / 1000), history.figures().commits]
  const judged = shared(key, async () => {
    const { revision } = state
    return { revision, inventory: revision.inventory, judgement: await judgeNow(state, options, roster) }
  })
  const picture = shared(key, async (): Promise<Picture> => {
    const { revision, judgement } = await judged()
    return { revision, judgement, shown: await inSlices(revision.sheets.show(judgement)) }
  })
  return { judged, picture }
}

/** Milliseconds of this thread, whatever else it did meanwhile. */
const threadWorked = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const ingesting =
  (
    state: State,
    { history, clock, heartbeatSeconds, onSeen }: CollectorOptions,
    roster: Roster,
    counters: Counters,
  ): Collector['ingest'] =>
  async (agent, batch) => {
    const { jobs } = partOf(state.revision, agent)
    const skewMs = roster.skewMs(agent.id, batch.sentAt)
    const scope = { agent, jobs, sightings: history.sightings(), receivedAt: clock(), skewMs }
    const { delivery, rejected } = intake(batch, scope)
    const { acknowledged } = await state.troubles.watch('history', () => history.append(delivery))
    for (const [reason, count] of rejected) counters.reject(reason, count)
    roster.hear(agent.id, batch)
    if (batch.observations.length > 0) onSeen?.()
    return { acknowledged, heartbeatSeconds }
  }

const rosterOf = (state: State, { clock, silentAfterSeconds, history }: CollectorOptions): Roster =>
  createRoster({
    clock,
    silentAfterSeconds,
    heard: history.heard(),
    agents: () => state.revision.inventory.agent.values(),
  })

/** Opens over an inventory and a history, both of which stay the caller's. Throws `UsageFault` where the plan is wrong. */
export const createCollector = async (options: CollectorOptions): Promise<Collector> => {
  const { inventory, history, version } = options
  const first = await inventory.read()
  const revision = revisionOf(first, options.compile(first))
  const state: State = { revision, troubles: createTroubles(options.log) }
  const roster = rosterOf(state, options)
  const counters = createCounters()
  const { judged, picture } = picturing(state, options, roster)
  const readers = createReaders(maxRenderings)
  const ownProcess = processMetrics()
  const warm = keepWarm({
    now: () => performance.now(),
    worked: threadWorked,
    render: picture,
  })
  const tasks = [
    every(refreshMs, () => refresh(state, options)),
    every(tendMs, () => tend(state, options)),
    every(warmMs, () => warm.turn()),
  ]
  const view = ({ revision, judgement }: Pick<Picture, 'revision' | 'judgement'>) => ({
    judgement,
    inventory: revision.inventory,
    plan: revision.plan,
    agents: roster.standing(),
    history: history.figures(),
    problems: state.troubles.now(),
    version,
  })
  const statusOptions = { includeStatisticalOnly: options.includeStatisticalOnly ?? false }
  const scrape = async (): Promise<Scrape> => {
    warm.asked()
    const [drawn, process] = [await picture(), await ownProcess()]
    const targetCounts = await inSlices(countTargets(drawn.judgement))
    const input = { ...drawn.revision, ...view(drawn), counters, targetCounts }
    const families = collectorFamilies(input, drawn.shown)
    const beside = options.beside?.(drawn.revision.inventory) ?? []
    return { ...readers.hold(drawn), families: [...families, ...beside, ...process] }
  }
  return {
    counters,
    inventory: () => inventory.read(),
    admit: (agent) => roster.admit(agent),
    hear: (agent) => roster.hear(agent),
    ingest: ingesting(state, options, roster, counters),
    planOf: (agent) => partOf(state.revision, agent).plan,
    judged,
    agents: () => roster.standing(),
    status: async () => statusReport(view(await judged()), statusOptions),
    scrape,
    problems: () => state.troubles.now(),
    [Symbol.asyncDispose]: () => {
      for (const task of tasks) task[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}
