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
import { type Judgement, judge } from './judge.ts'
import { type Prerender, createPrerender } from './prerender.ts'
import { type AgentStanding, type Roster, createRoster } from './roster.ts'
import type { Log } from '../core/log.ts'
import { type Revision, partOf, revisionOf } from './revision.ts'
import { collectorFamilies } from './series.ts'
import { type StatusReport, statusReport } from './status.ts'
import { type Trouble, type Troubles, createTroubles } from './trouble.ts'

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
  judgement(): Judgement
  status(): StatusReport
  families(): Promise<readonly Family[]>
  /** What keeps it from its work, in words; empty while all is well. */
  problems(): readonly Trouble[]
}

const refreshMs = 1000
const pruneMs = 10_000
const dayMs = 86_400_000

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

const prune = async (state: State, { history, retention, clock }: CollectorOptions): Promise<void> => {
  const before = {
    results: clock() - retention.rawDays * dayMs,
    rollups: clock() - retention.hourlyDays * dayMs,
  }
  await state.troubles.watch('history', () => history.prune(before))
}

const judgeNow = ({ revision }: State, { history, clock }: CollectorOptions, roster: Roster): Judgement => {
  const { inventory, plan } = revision
  const isHeard = ({ state, silent }: AgentStanding): boolean => state === 'active' && !silent
  const heard = new Set(
    roster
      .standing()
      .filter(isHeard)
      .map(({ agent }) => agent),
  )
  const sightings = history.sightings()
  return judge({ inventory, plan, sightings, isHeard: (agent) => heard.has(agent), now: clock() })
}

/** Within a second and without news a second reader gets the same answer. */
const judging = (state: State, options: CollectorOptions, roster: Roster): (() => Judgement) => {
  let last: { readonly key: string; readonly revision: Revision; readonly judgement: Judgement } | undefined
  return () => {
    const second = Math.floor(options.clock() / 1000)
    const key = `${second} ${options.history.figures().commits}`
    if (last?.key !== key || last.revision !== state.revision)
      last = { key, revision: state.revision, judgement: judgeNow(state, options, roster) }
    return last.judgement
  }
}

/** What a scrape will show of these, as far as nothing newer came meanwhile. */
const prerendering = (state: State, { history }: CollectorOptions): Prerender =>
  createPrerender((observation) => {
    const sightings = history.sightings().get(observation.job)
    if (sightings?.some((sighting) => sighting.observation === observation))
      state.revision.series.lines(observation)
  })

const ingesting =
  (
    state: State,
    { history, clock, heartbeatSeconds }: CollectorOptions,
    roster: Roster,
    { counters, prerender }: { readonly counters: Counters; readonly prerender: Prerender },
  ): Collector['ingest'] =>
  async (agent, batch) => {
    const { jobs } = partOf(state.revision, agent)
    const skewMs = roster.skewMs(agent.id, batch.sentAt)
    const scope = { agent, jobs, sightings: history.sightings(), receivedAt: clock(), skewMs }
    const { delivery, rejected } = intake(batch, scope)
    const { acknowledged } = await state.troubles.watch('history', () => history.append(delivery))
    for (const [reason, count] of rejected) counters.reject(reason, count)
    prerender.add(delivery.rows.map(({ observation }) => observation))
    roster.hear(agent.id, batch)
    return { acknowledged, heartbeatSeconds }
  }

/** Opens over an inventory and a history, both of which stay the caller's. Throws `UsageFault` where the plan is wrong. */
export const createCollector = async (options: CollectorOptions): Promise<Collector> => {
  const { inventory, history, clock, log, version } = options
  const first = await inventory.read()
  const state: State = { revision: revisionOf(first, options.compile(first)), troubles: createTroubles(log) }
  const roster = createRoster({
    clock,
    silentAfterSeconds: options.silentAfterSeconds,
    heard: history.heard(),
    agents: () => state.revision.inventory.agent.values(),
  })
  const counters = createCounters()
  const judgement = judging(state, options, roster)
  const ownProcess = processMetrics()
  const prerender = prerendering(state, options)
  const tasks = [every(refreshMs, () => refresh(state, options)), every(pruneMs, () => prune(state, options))]
  const view = () => ({
    judgement: judgement(),
    inventory: state.revision.inventory,
    plan: state.revision.plan,
    agents: roster.standing(),
    history: history.figures(),
    problems: state.troubles.now(),
    version,
  })
  return {
    counters,
    inventory: () => inventory.read(),
    admit: (agent) => roster.admit(agent),
    hear: (agent) => roster.hear(agent),
    ingest: ingesting(state, options, roster, { counters, prerender }),
    planOf: (agent) => partOf(state.revision, agent).plan,
    judgement,
    status: () => statusReport(view(), { includeStatisticalOnly: options.includeStatisticalOnly ?? false }),
    families: async () => [
      ...collectorFamilies({ ...view(), counters, series: state.revision.series }),
      ...(await ownProcess()),
    ],
    problems: () => state.troubles.now(),
    [Symbol.asyncDispose]: () => {
      for (const task of [...tasks, prerender]) task[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}
