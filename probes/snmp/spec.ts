import { z } from 'zod'
import { common, family, port } from '../net/spec.ts'

export const spec = z.strictObject({
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

export type SnmpSpec = z.output<typeof spec>
