import { syslog as definitions } from '../../metrics/telling.ts'
import { type Family, type Sample, labelString, noLabels } from '../../metrics/exposition.ts'
import type { LogAccount } from './blocks.ts'
import type { IntakeCounters } from './intake.ts'

const one = (value: number): readonly Sample[] => [{ labels: noLabels, value }]
const secondsPerDay = 86_400

/** What the exposition shows of the log. Throws `EnvironmentFault` where the store cannot be read. */
export const syslogFamilies = (
  account: LogAccount,
  counters: IntakeCounters,
  retentionDays: number,
): readonly Family[] => {
  const { bytes, oldestAt } = account.figures()
  const sources = account
    .sources()
    .map((source) => ({ ...source, labels: labelString({ source: source.source }) }))
  return [
    {
      definition: definitions.messages,
      samples: sources.map(({ labels, messages }) => ({ labels, value: messages })),
    },
    {
      definition: definitions.lastMessage,
      samples: sources.map(({ labels, lastAt }) => ({ labels, value: lastAt / 1000 })),
    },
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
