import {
  type Drop,
  type TrapFacts,
  type TrapReceiver,
  type TrapSpec,
  drops,
  isLoss,
  snmpTrap,
} from '../../probes/snmp/trap/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Observation } from '../core/observation.ts'
import type { JobId } from '../core/probe.ts'
import type { Job } from '../plan/plan.ts'
import type { Source } from './source.ts'

const { kind } = snmpTrap

/** Times that a collector can tell apart: two traps of a millisecond are two observations. */
const createStamps = (clock: Clock): ((job: JobId) => number) => {
  const last = new Map<JobId, number>()
  return (job) => {
    const now = clock()
    const before = last.get(job) ?? 0
    const isTaken = now <= before && before - now < 1000
    const at = isTaken ? before + 1 : now
    last.set(job, at)
    return at
  }
}

/** It is an event: that one came says no more than that it came. */
const observe = (job: Job, planRevision: number, facts: TrapFacts, observedAt: number): Observation => ({
  job: job.id,
  target: job.target,
  kind: job.kind,
  vantage: job.vantage,
  planRevision,
  status: 'up',
  observedAt,
  seconds: 0,
  facts: { ...facts },
})

interface Followed {
  readonly revision: number
  readonly jobs: ReadonlyMap<JobId, Job>
}

/** Traps of the plan's devices as observations. The receiver stays the caller's. */
export const trapSource = (receiver: TrapReceiver, clock: Clock): Source => {
  const stamp = createStamps(clock)
  let followed: Followed = { revision: 0, jobs: new Map() }
  return {
    kind,
    follow: ({ revision, jobs }) => {
      const ours = jobs.filter((job) => job.kind === kind)
      followed = { revision, jobs: new Map(ours.map((job) => [job.id, job])) }
      receiver.follow(ours.map(({ id, spec }) => ({ id, spec: spec as TrapSpec })))
    },
    run: ({ record, spooled }, signal) =>
      receiver.receive((id, facts) => {
        const job = followed.jobs.get(id)
        if (job === undefined) return Promise.resolve(false)
        record(observe(job, followed.revision, facts, stamp(id)))
        return spooled()
      }, signal),
    losses: () =>
      Object.fromEntries(
        Object.entries(receiver.dropped())
          .filter(([reason]) => isLoss(reason as Drop))
          .map(([reason, count]) => [drops[reason as Drop], count]),
      ),
  }
}
