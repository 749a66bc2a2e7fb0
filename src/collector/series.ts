import process from 'node:process'
import type { TargetId } from '../core/target.ts'
import { type MetricDefinition, own, probeFamilies, segmentationLabelNames } from '../metrics/catalogue.ts'
import {
  type Family,
  type LabelString,
  type Lines,
  type Sample,
  joinLabels,
  labelString,
  labelsNamed,
  noLabels,
} from '../metrics/exposition.ts'
import type { FullPlan } from '../plan/plan.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Counters } from './counters.ts'
import type { HistoryFigures, Sighting } from './history/port.ts'
import type { Judgement } from './judge.ts'
import type { AgentStanding } from './roster.ts'
import type { Segmentation } from './segmentation.ts'
import type { SeriesCache } from './series-cache.ts'
import type { Check } from './check.ts'
import type { Verdict } from './verdict.ts'

export interface SeriesInput {
  readonly judgement: Judgement
  readonly inventory: Inventory
  readonly plan: FullPlan
  readonly agents: readonly AgentStanding[]
  readonly history: HistoryFigures
  readonly counters: Counters
  readonly series: SeriesCache
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

/** Gauges of what is there again at every scrape: their lines are kept. */
const lasting =
  <Item>(series: SeriesCache, items: readonly Item[], labels: (item: Item) => LabelString) =>
  (definition: MetricDefinition, value: (item: Item) => number | undefined): Family => ({
    definition,
    samples: (function* (): Generator<Lines, void> {
      for (const item of items) {
        const number = value(item)
        if (number !== undefined) yield series.line(definition.name, labels(item), number)
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

/** `down` is 0, `unknown` is absent. */
const upness = (state: Check['status'] | Verdict['state']): number | undefined => {
  if (state === 'up') return 1
  return state === 'down' ? 0 : undefined
}

const isKnown = ({ status }: Check): boolean => status !== 'unknown'

const probeSeries = ({ judgement, series }: SeriesInput): readonly Family[] => {
  const gaugeOf = lasting<Check>(series, judgement.checks, ({ job }) => series.ofJob(job.id))
  return [
    gaugeOf(own.probeUp, ({ status }) => upness(status)),
    gaugeOf(own.probeUnknown, (check) => Number(!isKnown(check))),
    gaugeOf(own.probeDuration, (check) => (isKnown(check) ? check.sighting?.observation.seconds : undefined)),
    gaugeOf(own.probeLastObservation, ({ sighting }) =>
      sighting === undefined ? undefined : sighting.observation.observedAt / 1000,
    ),
  ]
}

type LinesByFamily = readonly Lines[]

const shownByKind = ({ judgement, series }: SeriesInput): ReadonlyMap<string, readonly LinesByFamily[]> => {
  const byKind = new Map<string, LinesByFamily[]>()
  const show = ({ observation }: Sighting): void => {
    const shown = byKind.get(observation.kind)
    const lines = series.lines(observation)
    if (shown === undefined) byKind.set(observation.kind, [lines])
    else shown.push(lines)
  }
  for (const { status, sighting } of judgement.checks)
    if (status !== 'unknown' && sighting !== undefined) show(sighting)
  for (const event of judgement.events) show(event)
  return byKind
}

const factSeries = (input: SeriesInput): readonly Family[] => {
  const byKind = shownByKind(input)
  return probeFamilies.map(({ definition, readers }, family) => ({
    definition,
    samples: (function* (): Generator<Lines, void> {
      for (const kind of readers.keys())
        for (const lines of byKind.get(kind) ?? []) if (lines[family] !== undefined) yield lines[family]
    })(),
  }))
}

const targetSeries = ({ judgement, inventory, series }: SeriesInput): readonly Family[] => {
  const verdicts = [...judgement.verdicts.values()]
  const labels = ({ target }: Verdict): LabelString => series.ofTarget(target.id)
  const isHomed = ({ target }: Verdict): boolean => (inventory.node.get(target.id)?.uplinks.length ?? 0) > 1
  const ofProbed = lasting(
    series,
    verdicts.filter(({ state }) => state !== 'unprobed'),
    labels,
  )
  const ofHomed = lasting(series, verdicts.filter(isHomed), labels)
  return [
    ofProbed(own.targetUp, ({ state }) => upness(state)),
    ofProbed(own.targetUnreachable, ({ state }) => Number(state === 'unreachable')),
    ofProbed(own.targetUnknown, ({ state }) => Number(state === 'unknown')),
    ofHomed(own.redundancyLost, ({ redundancyLost }) => Number(redundancyLost)),
  ]
}

const tallyBy = <Item>(items: Iterable<Item>, key: (item: Item) => string): ReadonlyMap<string, number> =>
  new Map(
    Map.groupBy(items, key)
      .entries()
      .map(([name, group]) => [name, group.length]),
  )

/** Classes of targets, all of them, so that an outage that ends is a 0 and not a hole. */
const classes = ['node', 'uplink', 'system', 'device'] as const

const sumSeries = ({ judgement, series }: SeriesInput): readonly Family[] => {
  const targets = tallyBy(judgement.verdicts.values(), ({ target, state }) =>
    [target.labels.class, target.labels.level, state].join(' '),
  )
  const outages = tallyBy(judgement.outages, (outage) => outage.class)
  return [
    counted(own.targets, targets, (key) => {
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
      ({ cause }) => series.ofTarget(cause satisfies TargetId),
      ({ behind }) => behind.length,
    ),
  ]
}

const segmentationSeries = ({ judgement, series }: SeriesInput): readonly Family[] => {
  const labels = ({ target, kind, endpoint }: Segmentation): LabelString =>
    joinLabels(series.ofTarget(target.id), labelsNamed(segmentationLabelNames, { kind, endpoint }))
  const gaugeOf = (definition: MetricDefinition, value: (item: Segmentation) => number | undefined) =>
    gauge(definition, judgement.segmentations, labels, value)
  return [
    gaugeOf(own.segmentationHolds, ({ result }) =>
      result === 'unknown' ? undefined : Number(result === 'holds'),
    ),
    gaugeOf(own.segmentationUnknown, ({ result }) => Number(result === 'unknown')),
  ]
}

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

const ownSeries = ({ version, inventory, plan, history, counters }: SeriesInput): readonly Family[] => [
  {
    definition: own.buildInfo,
    samples: [{ labels: labelString({ version, node_version: process.version }), value: 1 }],
  },
  single(own.inventoryRevision, inventory.revision),
  single(own.planRevision, plan.revision),
  counted(
    own.planJobs,
    tallyBy(plan.jobs, ({ kind, vantage }) => `${kind} ${vantage}`),
    (key) => {
      const [kind = '', vantage = ''] = key.split(' ')
      return { kind, vantage }
    },
  ),
  single(own.batches, history.deliveries),
  single(own.observations, history.stored),
  single(own.duplicates, history.duplicates),
  counted(own.rejected, counters.rejected, (reason) => ({ reason })),
  counted(own.refusedRequests, counters.refused, (status) => ({ status: String(status) })),
  single(own.commits, history.commits),
  single(own.commitSeconds, history.commitSeconds),
]

/** Every family of the catalogue, as things stand. Samples are rendered as they are asked for. */
export const collectorFamilies = (input: SeriesInput): readonly Family[] => [
  ...ownSeries(input),
  ...agentSeries(input),
  ...sumSeries(input),
  ...segmentationSeries(input),
  ...targetSeries(input),
  ...probeSeries(input),
  ...factSeries(input),
]
