import type { Observation } from '../core/observation.ts'
import type { JobId } from '../core/probe.ts'
import type { TargetId } from '../core/target.ts'
import { probeFamilies, probeLabelNames, targetLabelNames } from '../metrics/catalogue.ts'
import { type LabelString, labelString, noLabels } from '../metrics/exposition.ts'
import { type LabelledNumber, readingsOf } from '../metrics/readings.ts'
import type { FullPlan, Job } from '../plan/plan.ts'

/** By family of the registry, in its order: what one observation shows. */
export type Readings = readonly (readonly LabelledNumber[])[]

/** What a scrape would otherwise compute again and again: labels of a plan, numbers of an observation. */
export interface SeriesCache {
  ofTarget(target: TargetId): LabelString
  ofJob(job: JobId): LabelString
  readings(observation: Observation): Readings
}

/** What tells a job from others of its kind at its target: `<target>/<kind>[/<endpoint>]@<vantage>`. */
const endpointOf = ({ id, target, kind, vantage }: Job): string =>
  id.slice(`${target}/${kind}/`.length, -`@${vantage}`.length)

const ordered = (names: readonly string[], labels: Readonly<Record<string, string>>): LabelString =>
  labelString(Object.fromEntries(names.map((name) => [name, labels[name] ?? ''])))

const labelsOfJob = (job: Job, plan: FullPlan): LabelString => {
  const target = plan.targets.get(job.target)?.labels
  return ordered(probeLabelNames, {
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
    [...plan.targets].map(([id, { labels }]) => [id, ordered(targetLabelNames, { ...labels })]),
  )
  const jobs = new Map(plan.jobs.map((job) => [job.id, labelsOfJob(job, plan)]))
  const readings = new WeakMap<Observation, Readings>()
  const read = ({ kind, facts }: Observation): Readings =>
    probeFamilies.map((family) => readingsOf(family, kind, facts))
  return {
    ofTarget: (target) => targets.get(target) ?? noLabels,
    ofJob: (job) => jobs.get(job) ?? noLabels,
    readings: (observation) => {
      const known = readings.get(observation)
      if (known !== undefined) return known
      const fresh = read(observation)
      readings.set(observation, fresh)
      return fresh
    },
  }
}
