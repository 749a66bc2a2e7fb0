import type { Outcome } from '../../src/core/outcome.ts'
import { type ProbeContext, defineProbe } from '../../src/core/probe.ts'
import type { Metric, Reading } from '../../src/core/metric.ts'
import { echo } from './echo.ts'
import { withoutSocket } from './ping-command.ts'
import { resolve } from './resolve.ts'
import { type IcmpSpec, icmpSpec } from './spec.ts'
import { sweepTargets } from './sweep.ts'
import type { IcmpFacts } from './verdict.ts'

export type { IcmpFacts } from './verdict.ts'
export { type IcmpMethod, icmpMethod } from './method.ts'

const statistics = [
  ['rttMinSeconds', { stat: 'min' }],
  ['rttAvgSeconds', { stat: 'avg' }],
  ['rttMaxSeconds', { stat: 'max' }],
] as const

const rttReadings = (facts: Partial<IcmpFacts>): readonly Reading[] => {
  const readings: Reading[] = []
  for (const [name, labels] of statistics) {
    const value = facts[name]
    if (value !== undefined) readings.push({ value, labels })
  }
  return readings
}

const metrics: readonly Metric<IcmpFacts>[] = [
  {
    name: 'yiwang_icmp_rtt_seconds',
    help: 'Round-trip time of ICMP echo, over the packets of the last run',
    type: 'gauge',
    unit: 'seconds',
    labels: ['stat'],
    read: rttReadings,
  },
  {
    name: 'yiwang_icmp_jitter_seconds',
    help: 'Mean difference of consecutive round-trip times in the last run',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.jitterSeconds,
  },
  {
    name: 'yiwang_icmp_loss_ratio',
    help: 'Share of echo requests of the last run that were not answered in time',
    type: 'gauge',
    unit: 'ratio',
    read: (facts) => facts.lossRatio,
  },
  {
    name: 'yiwang_icmp_packets_sent',
    help: 'Echo requests sent in the last run',
    type: 'gauge',
    read: (facts) => facts.sent,
  },
  {
    name: 'yiwang_icmp_packets_received',
    help: 'Echo requests answered in time in the last run',
    type: 'gauge',
    read: (facts) => facts.received,
  },
]

const run = async (spec: IcmpSpec, { signal }: ProbeContext): Promise<Outcome<IcmpFacts>> => {
  const address = await resolve(spec, signal)
  if ('status' in address) return address
  const outcome = await echo(spec, address, signal)
  return 'status' in outcome ? outcome : withoutSocket(outcome, spec, address)
}

/** RFC 792 and RFC 4443 echo: does the target answer, how fast, how reliably? */
export const icmp = defineProbe({
  kind: 'icmp',
  summary: 'sends ICMP echo requests and measures round trips, jitter and loss',
  example: '192.0.2.1 --count 5',
  spec: icmpSpec,
  metrics,
  intervalSeconds: 30,
  run,
  sweep: sweepTargets,
})
