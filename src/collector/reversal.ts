import type { TargetId } from '../core/target.ts'
import type { Job } from '../plan/plan.ts'
import { type Check, type CheckInput, countedSightings, isAnswered } from './check.ts'
import { type Weigh, weighing } from './control.ts'
import type { Sighting } from './history/port.ts'

interface Ground {
  readonly input: CheckInput
  readonly weigh: Weigh
}

const whyNotTelling = ({ control, vantage }: Job, { jobs }: CheckInput): string => {
  if (control === undefined) return 'nothing else answers this agent either, so that silence proves nothing'
  const isLookedAt = jobs.some(
    (job) => job.target === control && job.vantage === vantage && job.expect === 'reachable',
  )
  return isLookedAt
    ? `its control ${control} does not answer this agent either, so that silence proves nothing`
    : `its control ${control} was not looked at from ${vantage}: it needs a probe with that vantage`
}

const silent = (job: Job, sighting: Sighting, { input, weigh }: Ground): Check => {
  const { isTelling, since } = weigh(job, sighting)
  const known = { job, sighting, answers: false, since }
  return isTelling
    ? { ...known, status: 'up' }
    : { ...known, status: 'unknown', reason: 'no-control', detail: whyNotTelling(job, input) }
}

/** Turns a check round whose target must not answer. One agent that is answered is enough. */
const reversed = (check: Check, ground: Ground): Check => {
  const { job } = check
  const counted = countedSightings(job, ground.input)
  const answered = counted.find(isAnswered)
  if (answered !== undefined)
    return {
      job,
      status: 'down',
      answers: true,
      reason: 'assertion',
      detail: `answers from ${job.vantage}`,
      since: answered.since,
      sighting: answered,
    }
  const silences = counted
    .filter(({ observation }) => observation.status === 'down')
    .map((sighting) => silent(job, sighting, ground))
  return silences.find(({ status }) => status === 'up') ?? silences[0] ?? check
}

/** Silence of what should answer is the target's own only where something else answers the same agent. */
const weighed = (check: Check, { weigh }: Ground): Check => {
  const isTelling = check.sighting === undefined || weigh(check.job, check.sighting).isTelling
  return isTelling ? check : { ...check, isAlone: true }
}

const mustNotAnswer = ({ job }: Check): boolean => job.expect === 'unreachable'

/** Of a target that must answer from elsewhere and does not. */
const isSilentSide = ({ job, status, answers }: Check, targets: ReadonlySet<TargetId>): boolean =>
  status === 'down' && !answers && targets.has(job.target)

/** The checks, those of jobs that must not be answered turned round. */
export const withReversals = (checks: readonly Check[], input: CheckInput): readonly Check[] => {
  const targets = new Set(checks.filter(mustNotAnswer).map(({ job }) => job.target))
  if (targets.size === 0) return checks
  const isWeighed = (check: Check): boolean => mustNotAnswer(check) || isSilentSide(check, targets)
  const jobs = checks.filter(isWeighed).map(({ job }) => job)
  const ground: Ground = { input, weigh: weighing(jobs, input) }
  return checks.map((check) => {
    if (mustNotAnswer(check)) return reversed(check, ground)
    return isSilentSide(check, targets) ? weighed(check, ground) : check
  })
}
