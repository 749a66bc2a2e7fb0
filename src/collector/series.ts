import process from 'node:process'
import { type MetricDefinition, own, segmentationLabelNames } from '../metrics/catalogue.ts'
import {
  type Family,
  type LabelString,
  type Sample,
  joinLabels,
  labelString,
  labelsNamed,
  noLabels,
} from '../metrics/exposition.ts'
import { levels } from '../core/target.ts'
import type { FullPlan } from '../plan/plan.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Counters } from './counters.ts'
import type { HistoryFigures } from './history/port.ts'
import type { Judgement } from './judge.ts'
import type { AgentStanding } from './roster.ts'
import type { Segmentation } from './segmentation.ts'
import type { Sheets } from './sheets.ts'
import { type Work, atOnce } from './slices.ts'
import { targetStates } from './verdict.ts'

export interface SeriesInput {
  readonly judgement: Judgement
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly agents: readonly AgentStanding[]
  readonly history: HistoryFigures
  readonly counters: Counters
  readonly jobCounts: Counts
  readonly targetCounts: Counts
  readonly sheets: Pick<Sheets, 'ofTarget'>
  readonly version: string
}

/** A family whose samples are what `value` says of each item; undefined shows nothing. */
const gauge = <Item>(
  definition: MetricDefinition,
  items: Iterable<Item>,
  labels: (item: Item) => LabelString,
  value: (item: Item) => number | undefined,
): Family => ({
  definition,
  samples: (function* (): Generator<Sample, void> {
    for (const item of items) {
      const number = value(item)
      if (number !== undefined) yield { labels: labels(item), value: number }
    }
  })(),
})

const single = (definition: MetricDefinition, value: number): Family => ({
  definition,
  samples: [{ labels: noLabels, value }],
})

const counted = <Key>(
  definition: MetricDefinition,
  counts: Iterable<readonly [Key, number]>,
  labels: (key: Key) => Readonly<Record<string, string>>,
): Family =>
  gauge(
    definition,
    counts,
    ([key]) => labelString(labels(key)),
    ([, count]) => count,
  )

type Counts = ReadonlyMap<string, number>

const countedAtOnce = 4096

function* tallyBy<Item>(items: Iterable<Item>, key: (item: Item) => string): Work<Counts> {
  const counts = new Map<string, number>()
  let done = 0
  for (const item of items) {
    const name = key(item)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    if ((done += 1) % countedAtOnce === 0) yield
  }
  return counts
}

/** Jobs of a plan by kind and vantage, which stay for as long as the plan does. */
export const countJobs = ({ jobs }: FullPlan): Counts =>
  atOnce(tallyBy(jobs, ({ kind, vantage }) => `${kind} ${vantage}`))

/** Classes of targets, all of them, so that an outage that ends is a 0 and not a hole. */
const classes = ['node', 'uplink', 'system', 'device', 'migration'] as const

/** Made once: to put words together for each of many targets costs more than to count them. */
const targetKeys = classes.map((name) =>
  levels.map((level) => targetStates.map((state) => `${name} ${level} ${state}`)),
)

/** Targets by class, level and state. */
export const countTargets = ({ verdicts }: Judgement): Work<Counts> =>
  tallyBy(verdicts.values(), ({ target: { labels }, state }) => {
    const byLevel = targetKeys[classes.indexOf(labels.class)]
    return byLevel?.[levels.indexOf(labels.level)]?.[targetStates.indexOf(state)] ?? ''
  })

const sumSeries = ({ judgement, targetCounts, sheets }: SeriesInput): readonly Family[] => {
  const outages = atOnce(tallyBy(judgement.outages, (outage) => outage.class))
  return [
    counted(own.targets, targetCounts, (key) => {
      const [name = '', level = '', state = ''] = key.split(' ')
      return { class: name, level, state }
    }),
    counted(
      own.outages,
      classes.map((name) => [name, outages.get(name) ?? 0] as const),
      (name) => ({ class: name }),
    ),
    gauge(
      own.outageTargets,
      judgement.outages,
      ({ cause }) => sheets.ofTarget(cause),
      ({ behind }) => behind.length,
    ),
  ]
}

const segmentationSeries = ({ judgement, sheets }: SeriesInput): readonly Family[] => {
  const labels = ({ target, kind, endpoint }: Segmentation): LabelString =>
    joinLabels(sheets.ofTarget(target.id), labelsNamed(segmentationLabelNames, { kind, endpoint }))
  const gaugeOf = (definition: MetricDefinition, value: (item: Segmentation) => number | undefined) =>
    gauge(definition, judgement.segmentations, labels, value)
  return [
    gaugeOf(own.segmentationHolds, ({ result }) =>
      result === 'unknown' ? undefined : Number(result === 'holds'),
    ),
    gaugeOf(own.segmentationUnknown, ({ result }) => Number(result === 'unknown')),
  ]
}

const migrationSeries = ({ inventory: { migration } }: SeriesInput): Family =>
  counted(
    own.migrationSystems,
    atOnce(tallyBy(migration.values(), ({ state, wave = '' }) => `${state} ${wave}`)),
    (key) => {
      const [state = '', wave = ''] = key.split(' ')
      return { state, wave }
    },
  )

const agentSeries = ({ agents }: SeriesInput): readonly Family[] => {
  const enrolled = agents.filter(({ state }) => state === 'active')
  const labels = ({ agent, vantage }: AgentStanding): LabelString => labelString({ agent, vantage })
  return [
    gauge(own.agentHeartbeatAge, enrolled, labels, ({ heartbeatAgeSeconds }) => heartbeatAgeSeconds),
    gauge(own.agentClockSkew, enrolled, labels, ({ clockSkewSeconds }) => clockSkewSeconds),
    gauge(own.agentSpoolDepth, enrolled, labels, ({ spoolDepth }) => spoolDepth),
    gauge(own.agentSilent, enrolled, labels, ({ silent }) => Number(silent)),
  ]
}

const ownSeries = ({
  version,
  inventory,
  plan,
  jobCounts,
  history,
  counters,
}: SeriesInput): readonly Family[] => [
  {
    definition: own.buildInfo,
    samples: [{ labels: labelString({ version, node_version: process.version }), value: 1 }],
  },
  single(own.inventoryRevision, inventory.revision),
  single(own.planRevision, plan.revision),
  counted(own.planJobs, jobCounts, (key) => {
    const [kind = '', vantage = ''] = key.split(' ')
    return { kind, vantage }
  }),
  single(own.batches, history.deliveries),
  single(own.observations, history.stored),
  single(own.duplicates, history.duplicates),
  counted(own.rejected, counters.rejected, (reason) => ({ reason })),
  counted(own.refusedRequests, counters.refused, (status) => ({ status: String(status) })),
  single(own.droppedConnections, counters.droppedConnections()),
  single(own.commits, history.commits),
  single(own.commitSeconds, history.commitSeconds),
]

/** Every family of the catalogue, as things stand; `shown` are those of targets and probes. */
export const collectorFamilies = (input: SeriesInput, shown: readonly Family[]): readonly Family[] => [
  ...ownSeries(input),
  ...agentSeries(input),
  ...sumSeries(input),
  ...segmentationSeries(input),
  migrationSeries(input),
  ...shown,
]
