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

/** When a look was, and what it came to. */
export type Look = Pick<Observation, 'observedAt' | 'status'>

/** Since when the status of `next` has lasted; undefined where something newer than `next` is known already. */
export const sinceWhen = (known: Look | undefined, since: number, next: Look): number | undefined => {
  if (known === undefined) return next.observedAt
  if (next.observedAt < known.observedAt) return undefined
  return known.status === next.status ? since : next.observedAt
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
  const since = sinceWhen(known?.observation, known?.since ?? 0, observation)
  return since === undefined ? undefined : { agent, observation, since }
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
      const known = byJob.get(job)
      const isAlone = known === undefined || (known.length === 1 && known[0]?.agent === sighting.agent)
      byJob.set(
        job,
        isAlone ? [sighting] : [...known.filter(({ agent }) => agent !== sighting.agent), sighting],
      )
    },
    newest: (key) => newestOf([...byJob.values()].flat().filter((sighting) => isOf(key, sighting))),
  }
}
