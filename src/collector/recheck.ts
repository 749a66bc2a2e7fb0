import type { JobId } from '../core/probe.ts'
import type { Job } from '../plan/plan.ts'
import { type Check, type Hearing, checkOf, freshForMs } from './check.ts'
import type { Sighting } from './history/port.ts'
import { withReversals } from './reversal.ts'
import type { Work } from './slices.ts'

export interface RecheckInput extends Hearing {
  readonly sightings: ReadonlyMap<JobId, readonly Sighting[]>
}

/**
 * The checks of one plan from one judgement to the next. A job is checked again only where something new was seen
 * of it, what was seen has become stale, or an agent was heard again or fell silent; else its check is the same object.
 */
export interface Rechecker {
  /** Checks in the order of the jobs, by what was seen when the work began. One such work at a time. */
  recheck(input: RecheckInput): Work<readonly Check[]>
}

const nothing: readonly Sighting[] = []
const jobsAtOnce = 512

/** The last instant at which all of these that are fresh now are still so. */
const unchangedUntil = (job: Job, sightings: readonly Sighting[], now: number): number => {
  let until = Infinity
  for (const { observation } of sightings) {
    const end = observation.observedAt + freshForMs(job.intervalSeconds)
    if (end >= now && end < until) until = end
  }
  return until
}

/** Asks about an agent once a judgement, so that one answer holds for all of its jobs. */
const createHearing = () => {
  const answers = new Map<string, boolean>()
  return {
    /** Whether it is otherwise than last time with an agent that matters. */
    hasChanged: (isHeard: Hearing['isHeard']): boolean => {
      let changed = false
      for (const [agent, before] of answers) {
        const answer = isHeard(agent)
        changed ||= answer !== before
        answers.set(agent, answer)
      }
      return changed
    },
    once:
      (isHeard: Hearing['isHeard']): Hearing['isHeard'] =>
      (agent) => {
        const answer = answers.get(agent) ?? isHeard(agent)
        answers.set(agent, answer)
        return answer
      },
  }
}

export const createRechecker = (jobs: readonly Job[]): Rechecker => {
  const hearing = createHearing()
  const isAnyReversed = jobs.some(({ expect }) => expect === 'unreachable')
  const seen: (readonly Sighting[] | undefined)[] = jobs.map(() => undefined)
  const until = new Float64Array(jobs.length)
  const own: Check[] = []
  let lastAt = -Infinity

  /** One look at everything: what comes in while the work pauses waits for the next judgement. */
  const takeIn = ({ sightings, isHeard, now }: RecheckInput): readonly number[] => {
    const isAll = hearing.hasChanged(isHeard) || now < lastAt
    lastAt = now
    const due: number[] = []
    for (let at = 0; at < jobs.length; at += 1) {
      const newest = sightings.get(jobs[at]?.id ?? '') ?? nothing
      if (!isAll && newest === seen[at] && now <= (until[at] ?? 0)) continue
      seen[at] = newest
      due.push(at)
    }
    return due
  }

  return {
    *recheck(input) {
      const due = takeIn(input)
      const scope = { now: input.now, isHeard: hearing.once(input.isHeard) }
      for (const [done, at] of due.entries()) {
        if (done % jobsAtOnce === 0) yield
        const [job, sightings = nothing] = [jobs[at], seen[at]]
        if (job === undefined) continue
        own[at] = checkOf(job, sightings, scope)
        until[at] = unchangedUntil(job, sightings, input.now)
      }
      const checks = own.slice()
      if (!isAnyReversed) return checks
      yield
      return withReversals(checks, { ...scope, jobs, sightings: input.sightings })
    },
  }
}
