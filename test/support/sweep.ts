import type { Measurement, Probe, ProbeContext, SweepJob } from '../../src/core/probe.ts'

/** A kind's sweep, result by result. */
export async function* sweepWith(
  { sweep }: Probe,
  jobs: readonly SweepJob<object>[],
  context: ProbeContext,
): AsyncGenerator<readonly [string, Measurement]> {
  for await (const results of sweep!(jobs, context)) yield* results
}
