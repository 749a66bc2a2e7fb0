import type { Node } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Target, TargetId } from '../core/target.ts'
import { type FullPlan, type Job, isLook } from '../plan/plan.ts'
import type { ResultStore, Sighting } from './history/port.ts'
import { type Outage, outagesOf } from './outage.ts'
import { type Standing, type Topology, traceTopology } from './topology.ts'
import { type Check, checksOf, newestOf } from './check.ts'
import { withReversals } from './reversal.ts'
import { type Segmentation, segmentationsOf } from './segmentation.ts'
import type { TargetState, Verdict } from './verdict.ts'

export interface Judgement {
  readonly at: number
  readonly checks: readonly Check[]
  /** What targets said last of their own accord, however long ago. It makes nothing up or down. */
  readonly events: readonly Sighting[]
  readonly verdicts: ReadonlyMap<TargetId, Verdict>
  readonly outages: readonly Outage[]
  readonly segmentations: readonly Segmentation[]
}

export interface JudgeInput {
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly sightings: ReturnType<ResultStore['sightings']>
  /** Whether this agent is active and was heard lately. */
  readonly isHeard: (agent: string) => boolean
  readonly now: number
}

type OwnState = Exclude<TargetState, 'unreachable'>

/** A target's checks and what they say together, before topology. */
interface Own {
  readonly state: OwnState
  readonly answers: boolean
  readonly checks: readonly Check[]
}

const ownState = (checks: readonly Check[]): OwnState => {
  if (checks.length === 0) return 'unprobed'
  if (checks.some(({ status }) => status === 'down')) return 'down'
  const usual = checks.filter(({ job }) => job.expect === 'reachable')
  return (usual.length > 0 ? usual : checks).some(({ status }) => status === 'up') ? 'up' : 'unknown'
}

const unprobed: Own = { state: 'unprobed', answers: false, checks: [] }

const ownOf = (checks: readonly Check[]): Own => ({
  state: ownState(checks),
  answers: checks.some(({ answers }) => answers),
  checks,
})

const standingOf = ({ state, answers }: Own): Standing => {
  if (answers || state === 'up') return 'answers'
  return state === 'down' ? 'failed' : 'silent'
}

const sinceOf = ({ state, checks }: Own): number | undefined => {
  const times = checks.flatMap(({ status, since }) =>
    status === state && since !== undefined ? [since] : [],
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The node without which this target cannot be reached; a node's own way up is the topology's matter. */
const hostOf = ({ id, labels }: Target, inventory: Inventory): TargetId | undefined => {
  switch (labels.class) {
    case 'device':
      return inventory.device.get(id)?.node
    case 'system':
      return inventory.system.get(id)?.node
    case 'uplink':
      return uplinkOf(id, inventory)?.to
    case 'node':
      return undefined
  }
}

const uplinkOf = (id: TargetId, inventory: Inventory): Node['uplinks'][number] | undefined => {
  const slash = id.lastIndexOf('/')
  return inventory.node.get(id.slice(0, slash))?.uplinks.find((uplink) => uplink.id === id.slice(slash + 1))
}

const upstreamOf = (target: Target, topology: Topology, inventory: Inventory): readonly TargetId[] => {
  const own = topology.causes.get(target.id)
  if (own !== undefined) return own
  const host = hostOf(target, inventory)
  if (host === undefined || !topology.dead.has(host)) return []
  const causes = topology.causes.get(host) ?? [host]
  // In a ring of uplinks a line can be the very cause of what it leads to.
  return causes.includes(target.id) ? [] : causes
}

const verdictOf = (target: Target, own: Own, topology: Topology, inventory: Inventory): Verdict => {
  const upstream = standingOf(own) === 'answers' ? [] : upstreamOf(target, topology, inventory)
  const isBehind = upstream.length > 0 && own.state !== 'unprobed'
  const deadUplinks = topology.deadUplinks.get(target.id) ?? []
  const uplinks = inventory.node.get(target.id)?.uplinks.length ?? 0
  const since = sinceOf(own)
  return {
    target,
    state: isBehind ? 'unreachable' : own.state,
    answers: own.answers,
    checks: own.checks,
    ...(since !== undefined && { since }),
    causes: isBehind ? upstream : [],
    redundancyLost: uplinks > 1 && deadUplinks.length > 0 && !topology.causes.has(target.id),
    deadUplinks,
  }
}

const eventsOf = (jobs: readonly Job[], sightings: JudgeInput['sightings']): readonly Sighting[] =>
  jobs.filter((job) => !isLook(job)).flatMap(({ id }) => newestOf(sightings.get(id) ?? []) ?? [])

const isActive = ({ state }: Node): boolean => state === 'active'

/**
 * What is up, down, unreachable and unknown at `now`: a pure function of what was planned and seen.
 * Upstream outranks silence; what answers freshly is never called unreachable; what nobody could look at
 * is unknown, never red and never a stale green.
 */
export const judge = ({ inventory, plan, sightings, isHeard, now }: JudgeInput): Judgement => {
  const input = { jobs: plan.jobs.filter(isLook), sightings, isHeard, now }
  const checks = withReversals(checksOf(input), input)
  const own = new Map(
    Map.groupBy(checks, ({ job }) => job.target)
      .entries()
      .map(([target, group]) => [target, ownOf(group)]),
  )
  const topology = traceTopology([...inventory.node.values().filter(isActive)], (id) =>
    standingOf(own.get(id) ?? unprobed),
  )
  const verdicts = new Map(
    plan.targets
      .entries()
      .map(([id, target]) => [id, verdictOf(target, own.get(id) ?? unprobed, topology, inventory)]),
  )
  return {
    at: now,
    checks,
    events: eventsOf(plan.jobs, sightings),
    verdicts,
    outages: outagesOf(verdicts),
    segmentations: segmentationsOf(verdicts.values()),
  }
}
