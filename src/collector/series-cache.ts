import type { Observation } from '../core/observation.ts'
import type { JobId } from '../core/probe.ts'
import type { TargetId } from '../core/target.ts'
import { type ProbeFamily, probeFamilies, probeLabelNames, targetLabelNames } from '../metrics/catalogue.ts'
import {
  type LabelString,
  type Lines,
  joinLabels,
  labelsNamed,
  linesOf,
  noLabels,
} from '../metrics/exposition.ts'
import { readingsOf } from '../metrics/readings.ts'
import type { FullPlan, Job } from '../plan/plan.ts'

/** What a scrape would otherwise compute again and again: labels of a plan, lines of an observation. */
export interface SeriesCache {
  ofTarget(target: TargetId): LabelString
  ofJob(job: JobId): LabelString
  /** What one observation shows, by `familiesOf` its kind, in their order. */
  lines(observation: Observation): readonly Lines[]
  /** One line: the same one for as long as its number stays. */
  line(name: string, labels: LabelString, value: number): Lines
}

const familiesByKind: ReadonlyMap<string, readonly ProbeFamily[]> = new Map(
  [...new Set(probeFamilies.flatMap(({ readers }) => [...readers.keys()]))].map((kind) => [
    kind,
    probeFamilies.filter(({ readers }) => readers.has(kind)),
  ]),
)

/** The families that a kind shows something of, in the registry's order. */
export const familiesOf = (kind: string): readonly ProbeFamily[] => familiesByKind.get(kind) ?? []

/** What tells a job from others of its kind at its target: `<target>/<kind>[/<endpoint>]@<vantage>`. */
const endpointOf = ({ id, target, kind, vantage }: Job): string =>
  id.slice(`${target}/${kind}/`.length, -`@${vantage}`.length)

const labelsOfJob = (job: Job, plan: FullPlan): LabelString => {
  const target = plan.targets.get(job.target)?.labels
  return labelsNamed(probeLabelNames, {
    ...target,
    target: job.target,
    kind: job.kind,
    vantage: job.vantage,
    endpoint: endpointOf(job),
    expect: job.expect === 'unreachable' ? job.expect : '',
  })
}

export const createSeriesCache = (plan: FullPlan): SeriesCache => {
  const targets = new Map(
    [...plan.targets].map(([id, { labels }]) => [id, labelsNamed(targetLabelNames, { ...labels })]),
  )
  const jobs = new Map(plan.jobs.map((job) => [job.id, labelsOfJob(job, plan)]))
  const ofJob = (job: JobId): LabelString => jobs.get(job) ?? noLabels
  // By job, not weakly by observation: what was overtaken goes at once, and not at some later collection.
  const known = new Map<JobId, { readonly observation: Observation; readonly lines: readonly Lines[] }>()
  const render = ({ job, kind, facts }: Observation): readonly Lines[] => {
    const ofThis = ofJob(job)
    return familiesOf(kind).map((family) =>
      linesOf(
        family.definition.name,
        readingsOf(family, kind, facts).map(({ labels, value }) => ({
          labels: joinLabels(ofThis, labels),
          value,
        })),
      ),
    )
  }
  const shown = new Map<string, Map<LabelString, { readonly value: number; readonly line: Lines }>>()
  return {
    ofTarget: (target) => targets.get(target) ?? noLabels,
    ofJob,
    lines: (observation) => {
      const last = known.get(observation.job)
      if (last?.observation === observation) return last.lines
      const lines = render(observation)
      known.set(observation.job, { observation, lines })
      return lines
    },
    line: (name, labels, value) => {
      const family = shown.get(name) ?? new Map<LabelString, { value: number; line: Lines }>()
      const last = family.get(labels)
      if (last?.value === value) return last.line
      const line = linesOf(name, [{ labels, value }])
      shown.set(name, family.set(labels, { value, line }))
      return line
    },
  }
}
