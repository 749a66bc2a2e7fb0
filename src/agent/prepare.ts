import { UsageFault } from '../core/fault.ts'
import type { Measurement, Probe, ProbeContext } from '../core/probe.ts'
import type { Job } from '../plan/plan.ts'

/** A job as this agent can run it, or why it cannot. */
export type Prepared =
  | {
      readonly how: 'run'
      readonly probe: Probe
      readonly run: (context: ProbeContext) => Promise<Measurement>
    }
  | { readonly how: 'sweep'; readonly probe: Probe }
  | { readonly how: 'refuse'; readonly detail: string }

export type Registry = ReadonlyMap<string, Probe>

// A plan may come from a collector that is one version ahead.
const prepare = (job: Job, registry: Registry): Prepared => {
  const probe = registry.get(job.kind)
  if (probe === undefined) return { how: 'refuse', detail: `this agent knows no probe kind ${job.kind}` }
  try {
    const run = probe.bind(job.spec)
    return probe.sweep === undefined ? { how: 'run', probe, run } : { how: 'sweep', probe }
  } catch (error) {
    if (error instanceof UsageFault)
      return { how: 'refuse', detail: `this agent does not understand the job: ${error.message}` }
    // A bug of the kind's schema: each run tells of it, as of a bug of its own.
    const bug = new Error(`${job.kind} cannot read its options`, { cause: error })
    return { how: 'run', probe, run: () => Promise.reject(bug) }
  }
}

/** Validates each job once, when it is first due: a plan of 41,000 jobs must not stop the loop when it comes. */
export const preparer = (registry: Registry): ((job: Job) => Prepared) => {
  const known = new WeakMap<Job, Prepared>()
  return (job) => {
    const prepared = known.get(job)
    if (prepared !== undefined) return prepared
    const first = prepare(job, registry)
    known.set(job, first)
    return first
  }
}
