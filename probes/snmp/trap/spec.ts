import { z } from 'zod'
import { common, port } from '../../net/spec.ts'

/** RFC 3411: five to thirty-two octets. */
const engineId = /^([0-9a-fA-F]{2}){5,32}$/u

export const spec = z.strictObject({
  address: common.address.describe('address that the device sends from'),
  port: port.default(161).describe('UDP port at which the device can be asked who its SNMPv3 engine is'),
  credential: z
    .string()
    .min(1)
    .max(64)
    .describe('name of the credential: a community is v2c, a user v3 authPriv'),
  engineId: z
    .string()
    .regex(engineId, 'expected 10 to 64 hexadecimal digits')
    .optional()
    .describe('SNMPv3 engine id of its traps, where that is another than the one that is asked'),
})

export type TrapSpec = z.output<typeof spec>
