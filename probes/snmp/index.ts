import { defineProbe } from '../../src/core/probe.ts'
import type { SnmpFacts } from './look.ts'
import { metrics } from './metrics.ts'
import { type SnmpSpec, spec } from './spec.ts'
import { sweepAgents } from './sweep.ts'

export type { SnmpFacts } from './look.ts'

/** A single look ends a little before its deadline, so that it can still say what was silent. */
const shareOfDeadline = 0.95

/** SNMP v2c and v3 authPriv (RFC 3414, 3826, 7860): who is it, since when, and what do its interfaces count? */
export const snmp = defineProbe<SnmpSpec, SnmpFacts>({
  kind: 'snmp',
  summary: 'asks an SNMP agent for its system group and interface table',
  example: '192.0.2.1 --credential core-switches',
  spec,
  metrics,
  remembers: true,
  run: async (options, context) => {
    const timeoutSeconds = options.timeoutSeconds * shareOfDeadline
    const job = { id: 'only', spec: { ...options, timeoutSeconds }, previous: context.previous }
    for await (const [result] of sweepAgents([job], context)) {
      context.signal.throwIfAborted()
      if (result !== undefined) return result[1]
    }
    throw new Error('a sweep of one has one result')
  },
  sweep: sweepAgents,
})
