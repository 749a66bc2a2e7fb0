import fc from 'fast-check'
import type { Observation } from '../../src/core/observation.ts'
import type { Log, LogLevel } from '../../src/core/log.ts'

export const observation = (overrides: Partial<Observation> = {}): Observation => ({
  job: 'n-1/icmp@public',
  target: 'n-1',
  kind: 'icmp',
  vantage: 'public',
  planRevision: 1,
  status: 'up',
  observedAt: 1,
  seconds: 0.001,
  facts: {},
  ...overrides,
})

/** Observations that are told apart by their number. */
export const numbered = (from: number, count: number): readonly Observation[] =>
  Array.from({ length: count }, (_, index) => observation({ observedAt: from + index }))

export const anyObservation: fc.Arbitrary<Observation> = fc
  .record({ detail: fc.string({ maxLength: 50, unit: 'binary' }), observedAt: fc.nat(), name: fc.string() })
  .map(({ detail, observedAt, name }) =>
    observation({
      status: 'down',
      cause: 'timeout',
      detail: detail.toWellFormed(),
      observedAt,
      facts: { name },
    }),
  )

export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that remembers its lines. */
export const memoryLog = (): { readonly log: Log; readonly lines: LogLine[] } => {
  const lines: LogLine[] = []
  return { lines, log: (level, message, fields = {}) => void lines.push({ level, message, fields }) }
}

/** Resolves once the condition holds; rejects when it did not for ten seconds. */
export const until = async (condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`the condition did not hold within 10 s: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
