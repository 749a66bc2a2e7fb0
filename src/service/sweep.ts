import type { Spelled } from '../../inventory/columns/index.ts'
import { type Selection, choiceProblem, kindsOf, select } from '../../inventory/select.ts'
import type { Inventory } from '../../inventory/store.ts'
import { probeByKind } from '../../probes/index.ts'
import { newCounters } from '../agent/counters.ts'
import { createProber } from '../agent/prober.ts'
import type { Sighting } from '../collector/history/port.ts'
import { judge } from '../collector/judge.ts'
import type { Log } from '../core/log.ts'
import { type StatusReport, statusReport } from '../collector/status.ts'
import { type Config, loadCredentials } from '../config/index.ts'
import { UsageFault } from '../core/fault.ts'
import type { Observation } from '../core/observation.ts'
import type { TargetId } from '../core/target.ts'
import { compilePlan } from '../plan/compile.ts'
import { type FullPlan, type Job, isLook } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { version } from './version.ts'

const probedCollections = ['node', 'system', 'device'] as const

/** Kinds and roles of all that is looked at. */
export const probedKinds: Spelled = Object.assign({}, ...probedCollections.map(kindsOf)) as Spelled

/** A kind is one of nodes, of systems or of devices: the others are not meant then. */
const collectionsOf = ({ kind }: Selection): readonly (typeof probedCollections)[number][] => {
  if (kind === undefined) return probedCollections
  const meant = probedCollections.filter(
    (collection) => choiceProblem(kind, kindsOf(collection)) === undefined,
  )
  const problem = choiceProblem(kind, probedKinds)
  if (problem !== undefined) throw new UsageFault([{ where: '--kind', ...problem }])
  return meant
}

const selectedTargets = (inventory: Inventory, selection: Selection): ReadonlySet<TargetId> =>
  new Set(
    collectionsOf(selection).flatMap((collection) =>
      select(inventory, collection, selection).map(({ id }) => id),
    ),
  )

/** An uplink's target id is `<node>/<uplink>`: it goes with its node. */
const ownerOf = (target: TargetId): TargetId => target.split('/')[0] ?? target

/** The part of the plan that lies in the selection. */
const narrowed = (plan: FullPlan, inventory: Inventory, selection: Selection): FullPlan => {
  if (Object.values(selection).every((value) => value === undefined)) return plan
  const chosen = selectedTargets(inventory, selection)
  return {
    ...plan,
    jobs: plan.jobs.filter(({ target }) => chosen.has(ownerOf(target))),
    targets: new Map([...plan.targets].filter(([id]) => chosen.has(ownerOf(id)))),
  }
}

export interface SweepOptions {
  readonly selection: Selection
  readonly signal: AbortSignal
  readonly log: Log
  /** Called once a finished look, with how many there are to be. */
  readonly onLook: (total: number) => void
}

const lookAtAll = async (
  plan: FullPlan,
  jobs: readonly Job[],
  config: Config,
  { signal, log, onLook }: SweepOptions,
): Promise<readonly Observation[]> => {
  const observations: Observation[] = []
  const { promise: finished, resolve } = Promise.withResolvers<undefined>()
  const prober = createProber({
    registry: probeByKind,
    credential: loadCredentials(config.secretsFile, process.env),
    clock: Date.now,
    concurrency: config.probing.concurrency,
    counters: newCounters(),
    log,
    record: (observation) => {
      observations.push(observation)
      onLook(jobs.length)
      if (observations.length === jobs.length) resolve(undefined)
    },
  })
  signal.addEventListener('abort', () => resolve(undefined), { once: true })
  if (jobs.length === 0 || signal.aborted) resolve(undefined)
  prober.start(plan, jobs)
  await finished
  await prober.settle(0)
  return observations
}

/** One look a job: what it says counts for the whole sweep. */
const sightingsOf = (
  observations: readonly Observation[],
  since: number,
): ReadonlyMap<string, readonly Sighting[]> =>
  new Map(observations.map((observation) => [observation.job, [{ agent: 'sweep', observation, since }]]))

/** Looks that could not be made: a target may be up by its other checks and hide them. */
export interface NotLooked {
  readonly kind: string
  readonly cause: string
  readonly count: number
}

const notLookedOf = (observations: readonly Observation[]): readonly NotLooked[] => {
  const unknown = observations.filter(({ status }) => status === 'unknown')
  const groups = Map.groupBy(unknown, ({ kind, cause = '' }) => `${kind} ${cause}`)
  return [...groups].map(([key, { length: count }]) => {
    const [kind = '', cause = ''] = key.split(' ')
    return { kind, cause, count }
  })
}

export interface SweepResult extends StatusReport {
  readonly notLooked: readonly NotLooked[]
  /** Jobs of other vantages, which nobody can run from here. */
  readonly leftToAgents: number
  readonly observations: readonly Observation[]
}

const noHistory = { commits: 0, commitSeconds: 0, stored: 0, duplicates: 0, deliveries: 0 } as const

/**
 * Looks at everything in the selection once, from this machine, and judges it as the collector would.
 * Cancelled looks are missing from the result and count as unknown.
 */
export const sweep = async (
  config: Config,
  inventory: Inventory,
  options: SweepOptions,
): Promise<SweepResult> => {
  const whole = narrowed(compilePlan(inventory, planSettings(config.probing)), inventory, options.selection)
  const plan = { ...whole, jobs: whole.jobs.filter(isLook) }
  const jobs = plan.jobs.filter(({ vantage }) => vantage === config.agent.vantage)
  const startedAt = Date.now()
  const observations = await lookAtAll(plan, jobs, config, options)
  const judgement = judge({
    inventory,
    plan: { ...plan, jobs },
    sightings: sightingsOf(observations, startedAt),
    isHeard: () => true,
    now: Date.now(),
  })
  const report = statusReport(
    { judgement, inventory, plan: { ...plan, jobs }, agents: [], history: noHistory, version },
    { includeStatisticalOnly: false },
  )
  return {
    ...report,
    notLooked: notLookedOf(observations),
    leftToAgents: plan.jobs.length - jobs.length,
    observations,
  }
}
