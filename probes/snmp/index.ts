import { z } from 'zod'
import type { Credential } from '../../src/core/credential.ts'
import { type Outcome, down, unknown, up } from '../../src/core/outcome.ts'
import { type ProbeContext, defineProbe } from '../../src/core/probe.ts'
import { common, family, port } from '../net/spec.ts'
import { SnmpFault } from './fault.ts'
import { type InterfaceFacts, readInterfaces } from './interfaces.ts'
import { metrics } from './metrics.ts'
import { type SnmpCredential, openSession, versionOf } from './session.ts'
import { type SystemFacts, hasRestarted, readSystem } from './system.ts'

export interface SnmpFacts extends SystemFacts {
  readonly version: 'v2c' | 'v3'
  /** The agent has started anew since the last run. */
  readonly restarted: boolean
  readonly interfaces?: readonly InterfaceFacts[]
  /** There are more than `maxInterfaces`: those with the lowest indexes are here. */
  readonly interfacesTruncated?: boolean
}

const spec = z.strictObject({
  ...common,
  port: port.default(161).describe('UDP port of the SNMP agent'),
  family,
  credential: z
    .string()
    .min(1)
    .max(64)
    .describe('name of the credential: a community is v2c, a user v3 authPriv'),
  interfaces: z.boolean().default(true).describe('read the interface table'),
  maxInterfaces: z.int().min(1).max(512).default(64).describe('most interfaces to read'),
  retries: z.int().min(0).max(5).default(1).describe('repeats of an unanswered request within the deadline'),
})

type SnmpSpec = z.output<typeof spec>

const isSnmp = (credential: Credential): credential is SnmpCredential => credential.kind !== 'bearer'

const look = async (
  options: SnmpSpec,
  credential: SnmpCredential,
  context: ProbeContext,
): Promise<Outcome<SnmpFacts>> => {
  let facts: Partial<SnmpFacts> = { version: versionOf(credential) }
  using session = await openSession(options, credential, context.signal)
  try {
    const system = await readSystem(session)
    const known = {
      version: versionOf(credential),
      ...system,
      restarted: hasRestarted(context.previous, system),
    }
    facts = known
    return up({ ...known, ...(options.interfaces && (await readInterfaces(session, options.maxInterfaces))) })
  } catch (error) {
    if (error instanceof SnmpFault) return down(error.targetCause, error.message, facts)
    throw error
  }
}

/** SNMP v2c and v3 authPriv (RFC 3414, 3826, 7860): who is it, since when, and what do its interfaces count? */
export const snmp = defineProbe<SnmpSpec, SnmpFacts>({
  kind: 'snmp',
  summary: 'asks an SNMP agent for its system group and interface table',
  example: '192.0.2.1 --credential core-switches',
  spec,
  metrics,
  remembers: true,
  run: async (options, context) => {
    const credential = context.credential(options.credential)
    if (credential === undefined) return unknown('credential', `no credential named "${options.credential}"`)
    if (!isSnmp(credential))
      return unknown('credential', `credential "${options.credential}" is neither community nor SNMP user`)
    return look(options, credential, context)
  },
})
