import type { JobId } from '../../core/probe.ts'
import type { Observation } from '../../core/observation.ts'
import type { ResultKey, Sighting } from './port.ts'

type ByJob = ReadonlyMap<JobId, readonly Sighting[]>

/** The newest observation of each job by each agent, in memory. */
export interface Sightings {
  byJob(): ByJob
  of(job: JobId, agent: string): Sighting | undefined
  put(sighting: Sighting): void
  newest(key: ResultKey): Sighting | undefined
}

/**
 * The sighting after `observation`: undefined where a newer one is known already.
 * What arrives late corrects history, never the present.
 */
export const advance = (
  known: Sighting | undefined,
  agent: string,
  observation: Observation,
): Sighting | undefined => {
  if (known === undefined) return { agent, observation, since: observation.observedAt }
  if (observation.observedAt < known.observation.observedAt) return undefined
  const goesOn = known.observation.status === observation.status
  return { agent, observation, since: goesOn ? known.since : observation.observedAt }
}

const isOf = (key: ResultKey, { observation }: Sighting): boolean =>
  observation.target === key.target && observation.kind === key.kind && observation.vantage === key.vantage

const newestOf = (sightings: readonly Sighting[]): Sighting | undefined =>
  sightings.reduce<Sighting | undefined>(
    (best, next) =>
      best === undefined || next.observation.observedAt > best.observation.observedAt ? next : best,
    undefined,
  )

export const createSightings = (): Sightings => {
  const byJob = new Map<JobId, readonly Sighting[]>()
  return {
    byJob: () => byJob,
    of: (job, agent) => byJob.get(job)?.find((sighting) => sighting.agent === agent),
    put: (sighting) => {
      const { job } = sighting.observation
      const others = (byJob.get(job) ?? []).filter(({ agent }) => agent !== sighting.agent)
      byJob.set(job, [...others, sighting])
    },
    newest: (key) => newestOf([...byJob.values()].flat().filter((sighting) => isOf(key, sighting))),
  }
}
