import type { Inventory } from '../../inventory/store.ts'
import type { PastSighting } from '../collector/history/before.ts'
import type { Sighting } from '../collector/history/port.ts'
import type { Config } from '../config/index.ts'
import type { JobId } from '../core/probe.ts'
import { remembered } from '../core/remembered.ts'
import type { Job } from '../plan/plan.ts'
import type { Look } from '../verify/index.ts'

/** What was seen, as verdicts on claims read it. */

/** Looks that verdicts read: at what is to answer, and at old places. */
export const isTelling = ({ expect, target }: Pick<Job, 'expect' | 'target'>): boolean =>
  expect === 'reachable' || target.endsWith('/old')

const portOf = ({ spec }: Job): number | undefined => {
  if (typeof spec['port'] === 'number') return spec['port']
  if (spec['scheme'] === undefined) return undefined
  return spec['scheme'] === 'https' ? 443 : 80
}

export const lookAt = (job: Job, { agent, observation: seen, since }: Sighting, heard: boolean): Look => {
  const port = portOf(job)
  const { address } = job.spec
  return {
    job: job.id,
    target: job.target,
    kind: job.kind,
    vantage: job.vantage,
    address: typeof address === 'string' ? address : '',
    ...(port !== undefined && { port }),
    agent,
    heard,
    intervalSeconds: job.intervalSeconds,
    seen,
    since,
  }
}

/** How long it took, and by which plan, the history does not keep: nobody who looks back reads either. */
export const ofPast = (
  { id: job, target, kind, vantage }: Pick<Job, 'id' | 'target' | 'kind' | 'vantage'>,
  { agent, since, ...seen }: PastSighting,
): Sighting => ({
  agent,
  since,
  observation: { job, target, kind, vantage, planRevision: 0, seconds: 0, ...seen },
})

/** What was known at the clock: the newest sighting of each agent, or where that is later the last before it. */
export const sightingsAt =
  (
    now: number,
    sightings: ReadonlyMap<JobId, readonly Sighting[]>,
    past: (job: JobId) => readonly PastSighting[],
  ): ((job: Job) => readonly Sighting[]) =>
  (job) => {
    const all = sightings.get(job.id) ?? []
    const known = all.filter(({ observation }) => observation.observedAt <= now)
    if (known.length === all.length) return all
    const others = past(job.id).filter(({ agent }) => known.every((each) => each.agent !== agent))
    return [...known, ...others.map((each) => ofPast(job, each))]
  }

/**
 * Who was heard at the clock: by what they delivered, or for a time that is past by what they had seen, which is as old
 * as the shortest of their intervals.
 */
export const hearingAt = (
  {
    config,
    inventory,
    now,
  }: { readonly config: Config; readonly inventory: Inventory; readonly now: number },
  heard: ReadonlyMap<string, number>,
  looks: Iterable<Pick<Look, 'agent' | 'seen' | 'intervalSeconds'>>,
): ((agent: string) => boolean) => {
  const lately = now - config.collector.silentAfterSeconds * 1000
  const newest = new Map<string, number>()
  const shortest = new Map<string, number>()
  for (const { agent, seen, intervalSeconds } of looks) {
    newest.set(agent, Math.max(newest.get(agent) ?? -Infinity, seen.observedAt))
    shortest.set(agent, Math.min(shortest.get(agent) ?? Infinity, intervalSeconds))
  }
  const seenUntil = (agent: string): number =>
    (newest.get(agent) ?? -Infinity) + (shortest.get(agent) ?? 0) * 1000
  return remembered((agent) => {
    if (inventory.agent.get(agent)?.state === 'revoked') return false
    const last = heard.get(agent) ?? -Infinity
    return (last <= now ? last : seenUntil(agent)) >= lately
  })
}
