import type { TargetId, Vantage } from '../core/target.ts'
import type { Job } from '../plan/plan.ts'
import { type CheckInput, countedSightings, freshForMs, isAnswered } from './check.ts'
import type { Sighting } from './history/port.ts'

/** What something that is to answer an agent did lately. */
interface Control {
  readonly answers: boolean
  /** Since when, and until when at least. */
  readonly from: number
  readonly until: number
}

/** Whether silence that an agent met says something of its target, and since when it does or does not. */
export interface Silence {
  readonly isTelling: boolean
  readonly since: number
}

export type Weigh = (job: Job, silence: Sighting) => Silence

const keyOf = (vantage: Vantage, agent: string, target: TargetId = ''): string =>
  `${vantage} ${agent} ${target}`

const controlOf = (sighting: Sighting): Control => {
  const { observation, since } = sighting
  const answers = isAnswered(sighting)
  // A run of failures that answer may have begun with failures that did not.
  const from = answers && observation.status !== 'up' ? observation.observedAt : since
  return { answers, from, until: observation.observedAt }
}

type Controls = ReadonlyMap<string, readonly Control[]>

const gather = (jobs: readonly Job[], input: CheckInput): Controls => {
  const vantages = new Set(jobs.map(({ vantage }) => vantage))
  const named = new Set(jobs.flatMap(({ control }) => control ?? []))
  const controls = new Map<string, Control[]>()
  const note = (key: string, control: Control): void => {
    const others = controls.get(key)
    if (others === undefined) controls.set(key, [control])
    else others.push(control)
  }
  const isAnyMeant = jobs.some(({ control }) => control === undefined)
  for (const job of input.jobs) {
    const isNamed = named.has(job.target)
    if (job.expect === 'unreachable' || !vantages.has(job.vantage) || !(isNamed || isAnyMeant)) continue
    for (const sighting of countedSightings(job, input)) {
      const control = controlOf(sighting)
      if (isAnyMeant) note(keyOf(job.vantage, sighting.agent), control)
      if (isNamed) note(keyOf(job.vantage, sighting.agent, job.target), control)
    }
  }
  return controls
}

/** It answered all the while that the agent looked and met silence, and lately. Clocks tick in milliseconds. */
const isCovering = (
  { answers, from, until }: Control,
  { observation: { observedAt, seconds } }: Sighting,
  { intervalSeconds }: Job,
): boolean =>
  answers && from < observedAt + 1 - seconds * 1000 && until >= observedAt - freshForMs(intervalSeconds)

/**
 * Weighs silence that these jobs meet. Their control is the one that a job names, else anything else that is
 * looked at by the same agent from the same vantage.
 */
export const weighing = (jobs: readonly Job[], input: CheckInput): Weigh => {
  const controls = gather(jobs, input)
  return (job, silence) => {
    const own = controls.get(keyOf(job.vantage, silence.agent, job.control)) ?? []
    const covering = own.find((control) => isCovering(control, silence, job))
    if (covering !== undefined) return { isTelling: true, since: Math.max(silence.since, covering.from) }
    const lapses = own.filter(({ answers }) => !answers).map(({ from }) => from)
    return { isTelling: false, since: lapses.reduce((a, b) => Math.max(a, b), silence.since) }
  }
}
