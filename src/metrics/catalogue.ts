import { kinds } from '../../probes/index.ts'
import type { Metric } from '../core/metric.ts'
import type { MetricDefinition } from './definition.ts'
import { ledger } from './ledger.ts'
import { figures, notify, syslog, upward } from './telling.ts'
import { security } from './security.ts'

export type { MetricDefinition } from './definition.ts'

/** Labels of a target, all from the inventory; an empty one is left out, which Prometheus takes as the same. */
export const targetLabelNames = [
  'target',
  'name',
  'region',
  'county',
  'level',
  'unit',
  'class',
  'role',
] as const

/** Labels of one probe of a target; `endpoint` tells several probes of one kind apart, `expect` marks reversed ones. */
export const probeLabelNames = [...targetLabelNames, 'kind', 'vantage', 'endpoint', 'expect'] as const

/** Labels of a segmentation: one target at one endpoint, looked at by one kind from several areas. */
export const segmentationLabelNames = [...targetLabelNames, 'kind', 'endpoint'] as const

const probe = { type: 'gauge', labels: probeLabelNames } as const
const segmentation = { type: 'gauge', labels: segmentationLabelNames } as const
const target = { type: 'gauge', labels: targetLabelNames } as const
const agent = { type: 'gauge', labels: ['agent', 'vantage'] } as const
const collector = { type: 'gauge', labels: [] } as const
const ingested = { type: 'counter', labels: [] } as const

/** Every metric that is not a probe kind's own. The key is the name by which code refers to it. */
export const own = {
  probeUp: {
    ...probe,
    name: 'yiwang_probe_up',
    help: '1: as expected, 0: not; absent while it is unknown',
  },
  probeUnknown: {
    ...probe,
    name: 'yiwang_probe_unknown',
    help: '1: we could not look, or have not looked lately',
  },
  probeDuration: {
    ...probe,
    name: 'yiwang_probe_duration_seconds',
    help: 'How long the last run took',
    unit: 'seconds',
  },
  probeLastObservation: {
    ...probe,
    name: 'yiwang_probe_last_observation_timestamp_seconds',
    help: 'When the last run ended, by the clock of its agent (Unix time)',
    unit: 'seconds',
  },
  targetUp: {
    ...target,
    name: 'yiwang_target_up',
    help: '1: every check holds, 0: one fails; absent while unknown or unreachable (upstream)',
  },
  targetUnreachable: {
    ...target,
    name: 'yiwang_target_unreachable',
    help: '1: silent behind a dead uplink; counted apart from down',
  },
  targetUnknown: {
    ...target,
    name: 'yiwang_target_unknown',
    help: '1: nobody could look at it lately',
  },
  targetSilentAgent: {
    ...target,
    labels: [...targetLabelNames, 'agent'],
    name: 'yiwang_target_silent_agent',
    help: '1: unknown, and this agent, which saw it last, is not heard; absent otherwise',
  },
  redundancyLost: {
    ...target,
    name: 'yiwang_node_redundancy_lost',
    help: '1: at least one of several uplinks is dead (nodes with two uplinks or more)',
  },
  segmentationHolds: {
    ...segmentation,
    name: 'yiwang_segmentation_holds',
    help: '1: it answers from where it must and from nowhere that it must not, 0: it does not; absent while unknown',
  },
  segmentationUnknown: {
    ...segmentation,
    name: 'yiwang_segmentation_unknown',
    help: '1: one side is not known, or its silence proves nothing since its control does not answer either',
  },
  targets: {
    ...collector,
    labels: ['class', 'level', 'state'],
    name: 'yiwang_targets',
    help: 'Targets by class, level and state (up, down, unreachable, unknown, unprobed)',
  },
  outages: {
    ...collector,
    labels: ['class'],
    name: 'yiwang_outages',
    help: 'Outages now, by the class of what is at their top; what lies behind is not counted again',
  },
  outageTargets: {
    ...target,
    name: 'yiwang_outage_behind_targets',
    help: 'Targets that are unreachable behind this cause of an outage',
  },
  migrationSystems: {
    ...collector,
    labels: ['state', 'wave'],
    name: 'yiwang_migration_systems',
    help: 'Systems that move to the cloud, by state and wave (none: empty)',
  },
  agentHeartbeatAge: {
    ...agent,
    name: 'yiwang_agent_heartbeat_age_seconds',
    help: 'Since the collector last heard of the agent; absent if never',
    unit: 'seconds',
  },
  agentClockSkew: {
    ...agent,
    name: 'yiwang_agent_clock_skew_seconds',
    help: 'The clock of the agent minus that of the collector, at its last batch',
    unit: 'seconds',
  },
  agentSpoolDepth: {
    ...agent,
    name: 'yiwang_agent_spool_depth',
    help: 'Observations that waited in the spool of the agent after its last batch',
  },
  agentSilent: {
    ...agent,
    name: 'yiwang_agent_silent',
    help: '1: not heard for longer than silentAfterSeconds; what only it watched is unknown',
  },
  buildInfo: {
    type: 'info',
    labels: ['version', 'node_version'],
    name: 'yiwang_build_info',
    help: 'Version of the collector and of its runtime',
  },
  inventoryRevision: {
    ...collector,
    name: 'yiwang_inventory_revision',
    help: 'Newest revision of the inventory',
  },
  planRevision: {
    ...collector,
    name: 'yiwang_plan_revision',
    help: 'Inventory revision from which the plan in force was compiled',
  },
  planJobs: {
    ...collector,
    labels: ['kind', 'vantage'],
    name: 'yiwang_plan_jobs',
    help: 'Jobs of the plan in force',
  },
  batches: { ...ingested, name: 'yiwang_collector_batches_total', help: 'Batches stored and acknowledged' },
  observations: {
    ...ingested,
    name: 'yiwang_collector_observations_total',
    help: 'Observations stored for the first time',
  },
  duplicates: {
    ...ingested,
    name: 'yiwang_collector_duplicate_observations_total',
    help: 'Observations that were sent again and dropped',
  },
  rejected: {
    ...ingested,
    labels: ['reason'],
    name: 'yiwang_collector_rejected_observations_total',
    help: 'Observations that were acknowledged and not stored, by reason',
  },
  refusedRequests: {
    ...ingested,
    labels: ['status'],
    name: 'yiwang_collector_refused_requests_total',
    help: 'Requests that ended in a 4xx or 5xx, by status',
  },
  droppedConnections: {
    ...ingested,
    name: 'yiwang_collector_dropped_connections_total',
    help: 'Connections that were closed unheard, since 2048 were open',
  },
  commits: { ...ingested, name: 'yiwang_collector_commits_total', help: 'Transactions of the history store' },
  commitSeconds: {
    ...ingested,
    name: 'yiwang_collector_commit_seconds_total',
    help: 'Time spent in transactions of the history store',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** Metrics of assessments (等级测评), which are made beside the collector's own. */
export const assessments = {
  items: {
    ...collector,
    labels: ['assessment', 'category', 'result'],
    name: 'yiwang_mlps_items',
    help: 'Items of a classified-protection assessment by category and recorded result, waivers left out of account',
  },
  remediations: {
    ...collector,
    labels: ['assessment', 'state', 'due'],
    name: 'yiwang_mlps_open_remediations',
    help: 'Remediations not yet verified by state and deadline (none, ahead, overdue)',
  },
  remediationAges: {
    ...collector,
    labels: ['assessment', 'age'],
    name: 'yiwang_mlps_open_remediations_by_age',
    help: 'Remediations not yet verified by days since the defect was found (30d, 90d, 180d: up to so many; older; unknown: nobody wrote down when)',
  },
  overdue: {
    ...collector,
    labels: ['assessment'],
    name: 'yiwang_mlps_remediation_overdue_seconds',
    help: 'How long the open remediation that is longest past its deadline has been so; 0: none is',
    unit: 'seconds',
  },
  claims: {
    ...collector,
    labels: ['assessment', 'check'],
    name: 'yiwang_mlps_claims',
    help: 'Recorded results by what evidence makes of them (consistent, contradicted, stale, unverifiable)',
  },
  evidence: {
    ...collector,
    labels: ['assessment', 'source', 'standing'],
    name: 'yiwang_mlps_evidence',
    help: 'Pieces of evidence by source and whether they still count (valid, expired, silent: its agent is not heard)',
  },
  evidenceNewest: {
    ...collector,
    labels: ['assessment', 'source'],
    name: 'yiwang_mlps_evidence_newest_timestamp_seconds',
    help: 'When the newest piece of evidence was seen (Unix time); the inventory itself is always read anew',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

type Facts = Readonly<Record<string, unknown>>

/** A family of the probe registry, and how each kind that shows it reads it from its facts. */
export interface ProbeFamily {
  readonly definition: MetricDefinition
  readonly readers: ReadonlyMap<string, Metric<Facts>>
}

const definitionOf = (metric: Metric<Facts>): MetricDefinition => ({
  name: metric.name,
  help: metric.help,
  type: metric.type,
  ...(metric.unit && { unit: metric.unit }),
  labels: [...probeLabelNames, ...(metric.labels ?? [])],
})

const collectFamilies = (): readonly ProbeFamily[] => {
  const pairs = kinds.flatMap(({ kind, metrics }) => metrics.map((metric) => ({ kind, metric })))
  return [...Map.groupBy(pairs, ({ metric }) => metric.name).values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const readers = new Map(group.map(({ kind, metric }) => [kind, metric]))
    return [{ definition: definitionOf(first.metric), readers }]
  })
}

/** The families of all probe kinds, by name: two kinds that show the same metric share one family. */
export const probeFamilies: readonly ProbeFamily[] = collectFamilies()

/** Every metric of the collector but those of its own process. */
export const catalogue: readonly MetricDefinition[] = [
  ...Object.values(own),
  ...Object.values(assessments),
  ...Object.values(figures),
  ...Object.values(syslog),
  ...Object.values(notify),
  ...Object.values(upward),
  ...Object.values(security),
  ...Object.values(ledger),
  ...probeFamilies.map(({ definition }) => definition),
]
