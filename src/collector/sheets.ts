import type { Inventory } from '../../inventory/store.ts'
import type { TargetId } from '../core/target.ts'
import { own, probeFamilies, probeLabelNames, targetLabelNames } from '../metrics/catalogue.ts'
import {
  type Block,
  type Family,
  type LabelString,
  labelString,
  labelsNamed,
  noLabels,
} from '../metrics/exposition.ts'
import { type LabelledNumber, readerOf } from '../metrics/readings.ts'
import { type FullPlan, type Job, isLook } from '../plan/plan.ts'
import { timingOf } from '../plan/timing.ts'
import { type Check, tellingUp } from './check.ts'
import type { Sighting } from './history/port.ts'
import type { Judgement } from './judge.ts'
import { type Sheet, type SheetColumn, createSheet } from './sheet.ts'
import type { Work } from './slices.ts'
import type { Verdict } from './verdict.ts'

/** The series of each target and each probe of a plan, rendered from one scrape to the next. */
export interface Sheets {
  ofTarget(target: TargetId): LabelString
  /** Families as this judgement has them, which then stay so. One such work at a time. */
  show(judgement: Pick<Judgement, 'checks' | 'events' | 'verdicts'>): Work<readonly Family[]>
}

/** `down` is 0, `unknown` is absent. */
const upness = (state: Check['status'] | Verdict['state']): number | undefined => {
  if (state === 'up') return 1
  return state === 'down' ? 0 : undefined
}

const isKnown = ({ status }: Check): boolean => status !== 'unknown'

const probeColumns: readonly SheetColumn<Check>[] = [
  { name: own.probeUp.name, cell: ({ status }) => upness(status) },
  { name: own.probeUnknown.name, cell: (check) => Number(!isKnown(check)) },
  {
    name: own.probeDuration.name,
    cell: (check) => (isKnown(check) ? check.sighting?.observation.seconds : undefined),
  },
  {
    name: own.probeLastObservation.name,
    cell: ({ sighting }) => sighting && sighting.observation.observedAt / 1000,
  },
]

/** What the facts of a kind show, family by family. */
const factColumns = <Item>(
  kind: string,
  sightingOf: (item: Item) => Sighting | undefined,
): readonly SheetColumn<Item>[] =>
  probeFamilies.flatMap(({ definition: { name }, readers }) => {
    const metric = readers.get(kind)
    if (metric === undefined) return []
    const read = readerOf(metric)
    const cell: SheetColumn<Item>['cell'] = (item) => {
      const sighting = sightingOf(item)
      return sighting && read(sighting.observation.facts)
    }
    return [{ name, cell, isList: metric.labels !== undefined }]
  })

/** Agents for whose silence a target is unknown: had one of them been heard, it might be up. */
const silentAgents = ({ state, checks }: Verdict): readonly LabelledNumber[] | undefined => {
  if (state !== 'unknown') return undefined
  const agents = tellingUp(checks).flatMap(({ reason, sighting }) =>
    reason === 'agent-silent' && sighting ? [sighting.agent] : [],
  )
  return [...new Set(agents)].map((agent) => ({ labels: labelString({ agent }), value: 1 }))
}

const targetColumns = ({ node }: Inventory): readonly SheetColumn<Verdict>[] => {
  const ofProbed =
    (read: (state: Verdict['state']) => number | undefined): SheetColumn<Verdict>['cell'] =>
    ({ state }) =>
      state === 'unprobed' ? undefined : read(state)
  const isHomed = ({ target }: Verdict): boolean => (node.get(target.id)?.uplinks.length ?? 0) > 1
  return [
    { name: own.targetUp.name, cell: ofProbed(upness) },
    { name: own.targetUnreachable.name, cell: ofProbed((state) => Number(state === 'unreachable')) },
    { name: own.targetUnknown.name, cell: ofProbed((state) => Number(state === 'unknown')) },
    { name: own.targetSilentAgent.name, cell: silentAgents },
    {
      name: own.redundancyLost.name,
      cell: (verdict) => (isHomed(verdict) ? Number(verdict.redundancyLost) : undefined),
    },
  ]
}

/** What tells a job from others of its kind at its target: `<target>/<kind>[/<endpoint>]@<vantage>`. */
const endpointOf = ({ id, target, kind, vantage }: Job): string =>
  id.slice(`${target}/${kind}/`.length, -`@${vantage}`.length)

const labelsOfJob = (job: Job, plan: FullPlan): LabelString =>
  labelsNamed(probeLabelNames, {
    ...plan.targets.get(job.target)?.labels,
    target: job.target,
    kind: job.kind,
    vantage: job.vantage,
    endpoint: endpointOf(job),
    expect: job.expect === 'unreachable' ? job.expect : '',
  })

/** Jobs that are due at about the same time stand together: what comes in between two scrapes changes few blocks. */
const inOrderOfPhase = (jobs: readonly Job[], places: readonly number[]): readonly number[] =>
  places
    .flatMap((at) => (jobs[at] ? [{ at, interval: jobs[at].intervalSeconds, ...timingOf(jobs[at]) }] : []))
    .toSorted((a, b) => a.interval - b.interval || a.phaseMs - b.phaseMs)
    .map(({ at }) => at)

/** Jobs of one kind: rows by their places in a list of jobs. */
interface KindSheet<Item> {
  readonly jobs: readonly Job[]
  readonly places: readonly number[]
  readonly sheet: Sheet<Item>
}

const kindSheets = <Item>(
  plan: FullPlan,
  jobs: readonly Job[],
  columnsOf: (kind: string) => readonly SheetColumn<Item>[],
): readonly KindSheet<Item>[] => {
  const byKind = Map.groupBy(jobs.keys(), (at) => jobs[at]?.kind ?? '')
  return [...byKind].map(([kind, members]) => {
    const places = inOrderOfPhase(jobs, members)
    const labelsOf = (row: number): LabelString => {
      const job = jobs[places[row] ?? -1]
      return job === undefined ? noLabels : labelsOfJob(job, plan)
    }
    return { jobs, places, sheet: createSheet(places.length, labelsOf, columnsOf(kind)) }
  })
}

/** What a check shows of its facts; an event always does. */
const shownOf = (check: Check): Sighting | undefined => (isKnown(check) ? check.sighting : undefined)
const asItIs = (event: Sighting): Sighting => event

const targetDefinitions = [
  own.targetUp,
  own.targetUnreachable,
  own.targetUnknown,
  own.targetSilentAgent,
  own.redundancyLost,
] as const
const probeDefinitions = [own.probeUp, own.probeUnknown, own.probeDuration, own.probeLastObservation] as const

export const createSheets = (inventory: Inventory, plan: FullPlan): Sheets => {
  const targets = [...plan.targets.values()]
  const labelsOf = (target: (typeof targets)[number] | undefined): LabelString =>
    target === undefined ? noLabels : labelsNamed(targetLabelNames, { ...target.labels })
  const ofTargets = createSheet(targets.length, (row) => labelsOf(targets[row]), targetColumns(inventory))
  const looks = plan.jobs.filter(isLook)
  const listening = plan.jobs.filter((job) => !isLook(job))
  const ofLooks = kindSheets<Check>(plan, looks, (kind) => [...probeColumns, ...factColumns(kind, shownOf)])
  const ofEvents = kindSheets<Sighting>(plan, listening, (kind) => factColumns(kind, asItIs))
  const probeBlocks = (name: string): readonly Block[] =>
    [...ofLooks, ...ofEvents].map(({ sheet }) => sheet.block(name))
  return {
    ofTarget: (target) => labelsOf(plan.targets.get(target)),
    *show({ checks, events, verdicts }) {
      const all = [...verdicts.values()]
      yield* ofTargets.update((row) => all[row])
      for (const { places, sheet } of ofLooks) yield* sheet.update((row) => checks[places[row] ?? -1])
      const byJob = new Map(events.map((event) => [event.observation.job, event]))
      for (const { jobs, places, sheet } of ofEvents)
        yield* sheet.update((row) => byJob.get(jobs[places[row] ?? -1]?.id ?? ''))
      return [
        ...targetDefinitions.map((definition) => ({
          definition,
          samples: [ofTargets.block(definition.name)],
        })),
        ...[...probeDefinitions, ...probeFamilies.map(({ definition }) => definition)].map((definition) => ({
          definition,
          samples: probeBlocks(definition.name),
        })),
      ]
    },
  }
}
