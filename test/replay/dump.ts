import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Observation } from '../../src/core/observation.ts'
import type { Job } from '../../src/plan/plan.ts'

/**
 * What was planted, for whoever counts again: JSON lines of three kinds.
 * `{"job":n,…}` what is asked; `{"facts":n,…}` what an answer said; `{"agent":…,"receivedAt":…,"rows":[[job, observedAt,
 * status, cause, detail, facts],…]}` a delivery, in the order in which they came. Both numbers stand for a line before.
 */
export interface Dump extends AsyncDisposable {
  jobs: (jobs: readonly Job[]) => void
  delivery: (agent: string, receivedAt: number, observations: readonly Observation[]) => Promise<void>
}

export const openDump = (file: string): Dump => {
  const stream = createWriteStream(file)
  const jobs = new Map<string, number>()
  const facts = new Map<object, number>()
  const write = (value: unknown): boolean => stream.write(`${JSON.stringify(value)}\n`)
  const factsOf = (value: object): number => {
    const known = facts.get(value)
    if (known !== undefined) return known
    const number = facts.size
    facts.set(value, number)
    write({ facts: number, value })
    return number
  }
  return {
    jobs: (all) => {
      for (const { id, target, kind, vantage, intervalSeconds, spec, expect } of all) {
        if (jobs.has(id)) continue
        const number = jobs.size
        jobs.set(id, number)
        const { address, port, path } = spec
        write({ job: number, id, target, kind, vantage, intervalSeconds, expect, address, port, path })
      }
    },
    delivery: async (agent, receivedAt, observations) => {
      const rows = observations.map(({ job, observedAt, status, cause, detail, facts: said }) => [
        jobs.get(job),
        observedAt,
        status,
        cause ?? null,
        detail ?? null,
        factsOf(said),
      ])
      if (!write({ agent, receivedAt, rows })) await once(stream, 'drain')
    },
    [Symbol.asyncDispose]: async () => {
      stream.end()
      await once(stream, 'close')
    },
  }
}
