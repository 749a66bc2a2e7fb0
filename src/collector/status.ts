import type { Inventory } from '../../inventory/store.ts'
import { type Level, type TargetId, levels } from '../core/target.ts'
import type { FullPlan } from '../plan/plan.ts'
import type { HistoryFigures } from './history/port.ts'
import type { Judgement } from './judge.ts'
import type { AgentStanding } from './roster.ts'
import type { Outage } from './outage.ts'
import type { Segmentation, SegmentationResult, Side } from './segmentation.ts'
import type { Reason } from './check.ts'
import type { TargetState, Verdict } from './verdict.ts'

/** How many targets are in which state. */
export type StateCounts = { readonly total: number } & Readonly<Record<TargetState, number>>

/** One target, and the check that says most about it. */
export interface StatusItem {
  readonly target: TargetId
  readonly name: string
  readonly class: Verdict['target']['labels']['class']
  readonly level: Level
  readonly region: string
  readonly state: TargetState
  /** ISO 8601, where it is known. */
  readonly since?: string
  readonly kind?: string
  readonly reason?: Reason
  readonly detail?: string
  /** Part of it answers, though a check fails. */
  readonly answers: boolean
  readonly agent?: string
}

export interface OutageReport extends StatusItem {
  /** Others that are down with it and cut the same targets off. */
  readonly otherCauses: readonly TargetId[]
  readonly behind: { readonly count: number; readonly targets: readonly TargetId[] }
}

/** One side of a segmentation; `since` as ISO 8601. */
export interface SideReport extends Omit<Side, 'since'> {
  readonly since?: string
}

/** One target that must answer from some areas and must not from others. */
export interface SegmentationReport extends Pick<
  StatusItem,
  'target' | 'name' | 'class' | 'level' | 'region' | 'since'
> {
  readonly kind: string
  readonly endpoint: string
  readonly result: SegmentationResult
  /** Of the side that decides it, where it does not hold. */
  readonly vantage?: Side['vantage']
  readonly reason?: Side['reason']
  readonly detail?: string
  readonly sides: readonly SideReport[]
}

/** A list that a person reads: its first items and how many there are. */
export interface Bounded<Item> {
  readonly count: number
  readonly items: readonly Item[]
}

/** What `yiwang status` and the API show. */
export interface StatusReport {
  /** ISO 8601. */
  readonly at: string
  readonly version: string
  readonly inventoryRevision: number
  readonly planRevision: number
  readonly planDigest: string
  readonly jobs: number
  /** Nodes; those of statistical units stay out unless the configuration says otherwise. */
  readonly coverage: {
    readonly all: StateCounts
    readonly byLevel: readonly (StateCounts & { readonly level: Level })[]
    readonly byCounty: readonly (StateCounts & { readonly county: string; readonly name: string })[]
    readonly leftOut: number
  }
  readonly systems: StateCounts
  readonly devices: StateCounts
  readonly uplinks: StateCounts
  readonly outages: Bounded<OutageReport>
  readonly down: Bounded<StatusItem>
  readonly unknown: Bounded<StatusItem>
  /** How many there are and hold, and those that do not. */
  readonly segmentations: {
    readonly total: number
    readonly holds: number
    readonly violated: Bounded<SegmentationReport>
    readonly unknown: Bounded<SegmentationReport>
  }
  readonly redundancyLost: Bounded<StatusItem & { readonly deadUplinks: readonly TargetId[] }>
  readonly agents: readonly AgentStanding[]
  readonly history: HistoryFigures
  /** What keeps the collector itself from its work. */
  readonly problems: readonly { readonly with: string; readonly message: string }[]
}

export interface StatusInput {
  readonly judgement: Judgement
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly agents: readonly AgentStanding[]
  readonly history: HistoryFigures
  /** Default: none. */
  readonly problems?: StatusReport['problems']
  readonly version: string
}

const maxItems = 1000

const bounded = <Item, Shown>(items: readonly Item[], show: (item: Item) => Shown): Bounded<Shown> => ({
  count: items.length,
  items: items.slice(0, maxItems).map(show),
})

const countStates = (verdicts: readonly Verdict[]): StateCounts => {
  const counts = { total: verdicts.length, up: 0, down: 0, unreachable: 0, unknown: 0, unprobed: 0 }
  for (const { state } of verdicts) counts[state] += 1
  return counts
}

const isoTime = (at: number): string => new Date(at).toISOString()

/** The check that made it so: the first of the state's own status that has a reason. */
const tellingCheck = ({ state, checks }: Verdict): Verdict['checks'][number] | undefined =>
  checks.find(({ status }) => status === state) ?? checks.find(({ reason }) => reason !== undefined)

const itemOf = (verdict: Verdict): StatusItem => {
  const { target, state, since, answers } = verdict
  const check = tellingCheck(verdict)
  return {
    target: target.id,
    name: target.labels.name,
    class: target.labels.class,
    level: target.labels.level,
    region: target.labels.region,
    state,
    answers,
    ...(since !== undefined && { since: isoTime(since) }),
    ...(check && { kind: check.job.kind }),
    ...(check?.reason && { reason: check.reason }),
    ...(check?.detail !== undefined && { detail: check.detail }),
    ...(check?.sighting && { agent: check.sighting.agent }),
  }
}

const outageReport = (
  { cause, causes, behind, since }: Outage,
  verdicts: Judgement['verdicts'],
): readonly OutageReport[] => {
  const verdict = verdicts.get(cause)
  if (verdict === undefined) return []
  return [
    {
      ...itemOf(verdict),
      ...(since !== undefined && { since: isoTime(since) }),
      otherCauses: causes.slice(1),
      behind: { count: behind.length, targets: behind.slice(0, maxItems) },
    },
  ]
}

const segmentationReport = ({
  target,
  decisive,
  sides,
  since,
  ...rest
}: Segmentation): SegmentationReport => ({
  target: target.id,
  name: target.labels.name,
  class: target.labels.class,
  level: target.labels.level,
  region: target.labels.region,
  ...rest,
  ...(since !== undefined && { since: isoTime(since) }),
  ...(decisive && { vantage: decisive.vantage }),
  ...(decisive?.reason && { reason: decisive.reason }),
  ...(decisive?.detail !== undefined && { detail: decisive.detail }),
  sides: sides.map(({ since: from, ...side }) => ({
    ...side,
    ...(from !== undefined && { since: isoTime(from) }),
  })),
})

const segmentationsReport = (all: readonly Segmentation[]): StatusReport['segmentations'] => {
  const withResult = (wanted: SegmentationResult): readonly Segmentation[] =>
    all.filter(({ result }) => result === wanted)
  return {
    total: all.length,
    holds: withResult('holds').length,
    violated: bounded(withResult('violated'), segmentationReport),
    unknown: bounded(withResult('unknown'), segmentationReport),
  }
}

const coverageOf = (
  nodes: readonly Verdict[],
  inventory: Inventory,
  all: boolean,
): StatusReport['coverage'] => {
  const counted = nodes.filter(
    ({ target }) => all || inventory.region.get(target.labels.region)?.statisticalOnly !== true,
  )
  const byLevel = Map.groupBy(counted, ({ target }) => target.labels.level)
  const byCounty = Map.groupBy(counted, ({ target }) => target.labels.county)
  return {
    all: countStates(counted),
    byLevel: levels
      .filter((level) => byLevel.has(level))
      .map((level) => ({ level, ...countStates(byLevel.get(level) ?? []) })),
    byCounty: [...byCounty]
      .map(([county, group]) => ({
        county,
        name: inventory.region.get(county)?.name ?? county,
        ...countStates(group),
      }))
      .toSorted((a, b) => (a.county < b.county ? -1 : 1)),
    leftOut: nodes.length - counted.length,
  }
}

const oldestFirst = (a: Verdict, b: Verdict): number => (a.since ?? 0) - (b.since ?? 0)

/** How things stand, as a value to print or to send. Lists hold their first 1,000 items and their true count. */
export const statusReport = (
  { judgement, inventory, plan, agents, history, problems = [], version }: StatusInput,
  options: { readonly includeStatisticalOnly: boolean },
): StatusReport => {
  const { verdicts, outages, at } = judgement
  const all = [...verdicts.values()]
  const ofClass = Map.groupBy(all, ({ target }) => target.labels.class)
  const inState = (state: TargetState): readonly Verdict[] =>
    all.filter((verdict) => verdict.state === state).toSorted(oldestFirst)
  return {
    at: isoTime(at),
    version,
    inventoryRevision: inventory.revision,
    planRevision: plan.revision,
    planDigest: plan.digest,
    jobs: plan.jobs.length,
    coverage: coverageOf(ofClass.get('node') ?? [], inventory, options.includeStatisticalOnly),
    systems: countStates(ofClass.get('system') ?? []),
    devices: countStates(ofClass.get('device') ?? []),
    uplinks: countStates(ofClass.get('uplink') ?? []),
    outages: {
      count: outages.length,
      items: outages.slice(0, maxItems).flatMap((outage) => outageReport(outage, verdicts)),
    },
    down: bounded(inState('down'), itemOf),
    unknown: bounded(inState('unknown'), itemOf),
    segmentations: segmentationsReport(judgement.segmentations),
    redundancyLost: bounded(
      all.filter(({ redundancyLost }) => redundancyLost),
      (verdict) => ({ ...itemOf(verdict), deadUplinks: verdict.deadUplinks }),
    ),
    agents,
    history,
    problems,
  }
}
