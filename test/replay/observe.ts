import { randomUUID } from 'node:crypto'
import type { Agent } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { ResultStore } from '../../src/collector/history/port.ts'
import { intake } from '../../src/collector/intake.ts'
import type { Observation } from '../../src/core/observation.ts'
import { planForAgent } from '../../src/plan/assign.ts'
import { isLook, type FullPlan, type Job } from '../../src/plan/plan.ts'
import { dueAt, nextDue, roundAt, timingOf } from '../../src/plan/timing.ts'
import { covers, type Span } from './calendar.ts'
import type { Dump } from './dump.ts'
import type { Script } from './script.ts'

/** Agents that look when the plan says, see what the network answers, and deliver as agents do. */

/** What an agent sends at once, at most. */
const batchRows = 5000

interface Spool {
  readonly stream: string
  next: number
  waiting: Observation[]
}

export interface Agents {
  /** Looks of a span, delivered at its end by whoever is not cut off. */
  look: (span: Span, inventory: Inventory, plan: FullPlan) => Promise<void>
  /** Agents that run and are not cut off let themselves be heard. */
  beat: (at: number, inventory: Inventory) => Promise<void>
  /** Observations so far. */
  readonly count: () => number
}

const looksOf = (job: Job, [from, to]: Span): readonly number[] => {
  const timing = timingOf(job)
  const times: number[] = []
  for (let at = nextDue(timing, from - 1); at < to; at = dueAt(timing, roundAt(timing, at) + 1))
    times.push(Math.round(at))
  return times
}

interface World {
  readonly script: Script
  readonly history: ResultStore
  readonly dump: Dump
}

export const createAgents = ({ script, history, dump }: World): Agents => {
  const spools = new Map<string, Spool>()
  let observed = 0
  const spoolOf = (id: string): Spool => {
    const known = spools.get(id) ?? { stream: randomUUID(), next: 1, waiting: [] }
    spools.set(id, known)
    return known
  }
  const running = ({ agent }: Inventory): readonly Agent[] => [...agent.values()]
  const isOff = ({ id }: Agent, at: number): boolean => covers(script.off.get(id) ?? [], at)
  const isAway = ({ id }: Agent, at: number): boolean => covers(script.away.get(id) ?? [], at)

  const observe = (agent: Agent, jobs: readonly Job[], revision: number, span: Span): Observation[] =>
    jobs
      .flatMap((job) =>
        looksOf(job, span)
          .filter((at) => !isOff(agent, at))
          .map((observedAt): Observation => ({
            job: job.id,
            target: job.target,
            kind: job.kind,
            vantage: job.vantage,
            planRevision: revision,
            observedAt,
            ...script.network.ask(job, observedAt),
          })),
      )
      .sort((one, other) => one.observedAt - other.observedAt)

  /** An empty batch says that the agent is there. */
  const send = async (agent: Agent, jobs: readonly Job[], receivedAt: number): Promise<void> => {
    const spool = spoolOf(agent.id)
    const known = new Map(jobs.map((job) => [job.id, job]))
    do {
      const observations = spool.waiting.splice(0, batchRows)
      const batch = {
        stream: spool.stream,
        firstSequence: spool.next,
        sentAt: receivedAt,
        spooled: spool.waiting.length,
        observations: [...observations],
      }
      spool.next += observations.length
      const { delivery, rejected } = intake(batch, {
        agent,
        jobs: known,
        sightings: history.sightings(),
        receivedAt,
        skewMs: 0,
      })
      if (rejected.size > 0) throw new Error(`${agent.id}: rejected ${JSON.stringify([...rejected])}`)
      await dump.delivery(agent.id, receivedAt, observations)
      await history.append(delivery)
    } while (spool.waiting.length > 0)
  }

  return {
    look: async (span, inventory, plan) => {
      const end = span[1] - 1
      for (const agent of running(inventory)) {
        const jobs = planForAgent(plan, agent).jobs.filter(isLook)
        dump.jobs(jobs)
        const seen = observe(agent, jobs, plan.revision, span)
        observed += seen.length
        for (const each of seen) spoolOf(agent.id).waiting.push(each)
        if (!isOff(agent, end) && !isAway(agent, end)) await send(agent, jobs, end)
      }
    },
    beat: async (at, inventory) => {
      for (const agent of running(inventory))
        if (!isOff(agent, at) && !isAway(agent, at)) await send(agent, [], at)
    },
    count: () => observed,
  }
}
