import type { Metric } from '../../../src/core/metric.ts'
import type { TrapFacts } from './facts.ts'

export const metrics: readonly Metric<TrapFacts>[] = [
  {
    name: 'yiwang_snmp_trap_received_total',
    help: 'Traps and informs of the device since its agent of yiwang started, by name; those of makers are enterprise',
    type: 'counter',
    labels: ['trap'],
    read: ({ received = {} }) =>
      Object.entries(received).map(([trap, value]) => ({ value, labels: { trap } })),
  },
  {
    name: 'yiwang_snmp_trap_rate_limited_total',
    help: 'Datagrams from the address of the device that were not looked at, since there were too many',
    type: 'counter',
    read: ({ rateLimited }) => rateLimited,
  },
  {
    name: 'yiwang_snmp_trap_last_timestamp_seconds',
    help: 'When the last trap of the device came, by the clock of the agent (Unix time)',
    type: 'gauge',
    unit: 'seconds',
    read: ({ receivedAtSeconds }) => receivedAtSeconds,
  },
]
