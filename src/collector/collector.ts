import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import type { Clock } from '../core/clock.ts'
import type { Agent } from '../../inventory/model.ts'
import type { JobId } from '../core/probe.ts'
import type { Family } from '../metrics/exposition.ts'
import { processMetrics } from '../metrics/process.ts'
import { type Assignee, planForAgent } from '../plan/assign.ts'
import type { FullPlan, Job, Plan } from '../plan/plan.ts'
import type { Acknowledgement, Batch } from '../transport/wire.ts'
import { type Counters, createCounters } from './counters.ts'
import type { ResultStore } from './history/port.ts'
import { intake } from './intake.ts'
import { type Judgement, judge } from './judge.ts'
import { type AgentStanding, createLiveness, localAgent } from './liveness.ts'
import type { Log } from '../core/log.ts'
import { type SeriesCache, createSeriesCache } from './series-cache.ts'
import { collectorFamilies } from './series.ts'
import { type StatusReport, statusReport } from './status.ts'

export interface CollectorOptions {
  readonly inventory: InventoryStore
  readonly history: ResultStore
  /** Throws `UsageFault` with every problem; the plan in force then stays. */
  readonly compile: (inventory: Inventory) => FullPlan
  readonly version: string
  readonly silentAfterSeconds: number
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
  families(): Promise<Iterable<Family>>
  /** False while the inventory cannot be read. */
  isReady(): boolean
}

const refreshMs = 1000
const pruneMs = 10_000
const dayMs = 86_400_000

/** What follows from one revision of the inventory. */
interface Revision {
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly series: SeriesCache
  readonly parts: Map<string, Part>
}
interface Part {
  readonly assignee: Assignee
  readonly plan: Plan
  readonly jobs: ReadonlyMap<JobId, Job>
}

const revisionOf = (inventory: Inventory, plan: FullPlan): Revision => ({
  inventory,
  plan,
  series: createSeriesCache(plan),
  parts: new Map(),
})

const partOf = ({ plan, parts }: Revision, assignee: Assignee): Part => {
  const known = parts.get(assignee.id)
  if (known?.assignee === assignee) return known
  const own = planForAgent(plan, assignee)
  const part = { assignee, plan: own, jobs: new Map(own.jobs.map((job) => [job.id, job])) }
  parts.set(assignee.id, part)
  return part
}

/** Runs `work` every so often, never twice at once; errors are logged and the next turn comes. */
const every = (milliseconds: number, log: Log, work: () => Promise<void>): Disposable => {
  let running = false
  const turn = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      await work()
    } catch (error) {
      log('error', 'a periodic task failed', { error })
    } finally {
      running = false
    }
  }
  const timer = setInterval(() => void turn(), milliseconds).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

interface State {
  revision: Revision
  ready: boolean
}

const refresh = async (state: State, { inventory, compile, log }: CollectorOptions): Promise<void> => {
  try {
    const newest = await inventory.read()
    state.ready = true
    if (newest === state.revision.inventory) return
    // An inventory that cannot be compiled must not stop what runs, nor be compiled every second.
    state.revision = { ...state.revision, inventory: newest }
    state.revision = revisionOf(newest, compile(newest))
    log('info', 'plan changed', { revision: newest.revision, jobs: state.revision.plan.jobs.length })
  } catch (error) {
    state.ready = false
    log('error', 'the plan in force stays', { error })
  }
}

const prune = async ({ history, retention, clock }: CollectorOptions): Promise<void> => {
  const now = clock()
  await history.prune({
    results: now - retention.rawDays * dayMs,
    rollups: now - retention.hourlyDays * dayMs,
  })
}

const judging = (state: State, options: CollectorOptions, agents: () => readonly AgentStanding[]) => {
  const work = (): Judgement => {
    const heard = new Set(
      agents()
        .filter((agent) => agent.state === 'active' && !agent.silent)
        .map(({ agent }) => agent),
    )
    const { inventory, plan } = state.revision
    const isHeard = (agent: string): boolean => heard.has(agent)
    return judge({ inventory, plan, sightings: options.history.sightings(), isHeard, now: options.clock() })
  }
  let last: { readonly key: string; readonly revision: Revision; readonly judgement: Judgement } | undefined
  return (): Judgement => {
    // Within a second and without news a second reader gets the same answer.
    const key = `${String(Math.floor(options.clock() / 1000))} ${String(options.history.figures().commits)}`
    if (last?.key !== key || last.revision !== state.revision)
      last = { key, revision: state.revision, judgement: work() }
    return last.judgement
  }
}

/** Opens over an inventory and a history, both of which stay the caller's. Throws `UsageFault` where the plan is wrong. */
export const createCollector = async (options: CollectorOptions): Promise<Collector> => {
  const { inventory, history, clock, log, version } = options
  const first = await inventory.read()
  const state: State = { revision: revisionOf(first, options.compile(first)), ready: true }
  const liveness = createLiveness({
    clock,
    silentAfterSeconds: options.silentAfterSeconds,
    heard: history.heard(),
  })
  const local = new Map<string, Assignee>()
  const agents = (): readonly AgentStanding[] => {
    const known: Iterable<Pick<Agent, 'id' | 'vantage' | 'state'>> = state.revision.inventory.agent.values()
    return liveness.standing([...known, ...local.values().map(localAgent)])
  }
  const counters = createCounters()
  const judgement = judging(state, options, agents)
  const ownProcess = processMetrics()
  const tasks = [
    every(refreshMs, log, () => refresh(state, options)),
    every(pruneMs, log, () => prune(options)),
  ]
  const view = () => ({
    judgement: judgement(),
    inventory: state.revision.inventory,
    plan: state.revision.plan,
    agents: agents(),
    history: history.figures(),
    version,
  })
  return {
    counters,
    inventory: () => inventory.read(),
    admit: (agent) => void local.set(agent.id, agent),
    hear: (agent) => liveness.hear(agent),
    ingest: async (agent, batch) => {
      const { jobs } = partOf(state.revision, agent)
      const scope = { agent, jobs, sightings: history.sightings(), receivedAt: clock() }
      const { delivery, rejected } = intake(batch, scope)
      const { acknowledged } = await history.append(delivery)
      for (const [reason, count] of rejected) counters.reject(reason, count)
      liveness.hear(agent.id, batch)
      return { acknowledged }
    },
    planOf: (agent) => partOf(state.revision, agent).plan,
    judgement,
    status: () => statusReport(view(), { includeStatisticalOnly: options.includeStatisticalOnly ?? false }),
    families: async () => [
      ...collectorFamilies({ ...view(), counters, series: state.revision.series }),
      ...(await ownProcess()),
    ],
    isReady: () => state.ready,
    [Symbol.asyncDispose]: () => {
      for (const task of tasks) task[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}
