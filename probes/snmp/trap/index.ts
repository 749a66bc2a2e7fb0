import { defineListener } from '../../../src/core/probe.ts'
import type { TrapFacts } from './facts.ts'
import { metrics } from './metrics.ts'
import { spec } from './spec.ts'

export type { TrapFacts } from './facts.ts'
export { type Drop, drops, isLoss } from './drops.ts'
export { type OwnEngine, engineIdOf } from './own-engine.ts'
export { type TrapReceiver, openTrapReceiver } from './receiver.ts'
export type { TrapSpec } from './spec.ts'

/** Traps and informs of SNMP v2c and v3 authPriv (RFC 3416 §4.2.6, §4.2.7). */
export const snmpTrap = defineListener<TrapFacts>({
  kind: 'snmp-trap',
  summary: 'takes the traps and informs that an SNMP agent sends',
  schema: spec,
  metrics,
})
