import { syslog as definitions } from '../../metrics/telling.ts'
import { type Family, type Sample, labelString, noLabels } from '../../metrics/exposition.ts'
import type { MetricDefinition } from '../../metrics/definition.ts'
import type { LogFigures } from './blocks.ts'
import type { IntakeCounters } from './intake.ts'
import type { SourceStanding, SourceState } from './silent.ts'

const one = (value: number): readonly Sample[] => [{ labels: noLabels, value }]
const secondsPerDay = 86_400

/** Of senders that ought to log and did once, whether they stopped. */
const silences: Readonly<Record<SourceState, 0 | 1 | undefined>> = {
  ...{ logging: 0, silent: 1 },
  ...{ never: undefined, former: undefined },
}

export interface SyslogShown extends LogFigures {
  readonly sources: readonly (SourceStanding & { readonly device?: string })[]
  readonly counters: IntakeCounters
  readonly retentionDays: number
}

/** What the exposition shows of the log. */
export const syslogFamilies = ({
  bytes,
  oldestAt,
  sources,
  counters,
  retentionDays,
}: SyslogShown): readonly Family[] => {
  const bySource = (
    definition: MetricDefinition,
    valueOf: (source: SyslogShown['sources'][number]) => number | undefined,
  ): Family => ({
    definition,
    samples: sources.flatMap((source) => {
      const value = valueOf(source)
      return value === undefined ? [] : [{ labels: labelString({ source: source.source }), value }]
    }),
  })
  return [
    bySource(definitions.messages, ({ messages, lastAt }) => (lastAt === undefined ? undefined : messages)),
    bySource(definitions.lastMessage, ({ lastAt }) => lastAt && lastAt / 1000),
    bySource(definitions.silent, ({ device, state }) => (device === undefined ? undefined : silences[state])),
    {
      definition: definitions.refused,
      samples: [...counters.refused].map(([reason, value]) => ({ labels: labelString({ reason }), value })),
    },
    { definition: definitions.cut, samples: one(counters.cut()) },
    { definition: definitions.retention, samples: one(retentionDays * secondsPerDay) },
    { definition: definitions.oldest, samples: oldestAt === undefined ? [] : one(oldestAt / 1000) },
    { definition: definitions.stored, samples: one(bytes) },
  ]
}
