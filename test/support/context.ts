import type { ProbeContext } from '../../src/core/probe.ts'

/** A probe context with nothing behind it: no cancellation, no credentials. */
export const probeContext = (overrides: Partial<ProbeContext> = {}): ProbeContext => ({
  signal: new AbortController().signal,
  now: Date.now,
  credential: () => undefined,
  ...overrides,
})
