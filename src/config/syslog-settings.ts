import { z } from 'zod'
import { readNetwork } from '../core/network.ts'
import { file, listen } from './forms.ts'

/** Six calendar months are 184 days at the most: what the law asks for is never less by a day. */
const leastRetentionDays = 184

const network = z.string().check((context) => {
  const read = readNetwork(context.value)
  if (!read.ok) context.issues.push({ code: 'custom', message: read.expected, input: context.value })
})

const tls = z
  .strictObject({
    listen: listen.describe('host:port at which syslog over TLS (RFC 5425) is taken'),
    certificate: file.describe('certificate chain (PEM)'),
    key: file.describe('private key (PEM)'),
    clientCa: file
      .optional()
      .describe('take messages only from those whose certificate this authority signed (PEM)'),
  })
  .readonly()

/** Section `collector.syslog`. */
export const syslog = z
  .strictObject({
    udp: listen
      .optional()
      .describe('host:port (UDP) at which syslog is taken; nothing vouches for the sender of a datagram'),
    tcp: listen.optional().describe('host:port (TCP) at which syslog in the clear is taken'),
    tls: tls.optional().describe('syslog over TLS'),
    allow: z
      .array(network)
      .readonly()
      .prefault([])
      .describe('networks (CIDR) of the devices whose messages are taken; from nowhere else'),
    retentionDays: z
      .int()
      .min(leastRetentionDays)
      .max(3660)
      .default(190)
      .describe('days that messages are kept: never less than six months'),
    silentAfterSeconds: z
      .int()
      .min(60)
      .max(30 * 86_400)
      .default(86_400)
      .describe('a source not heard of for so long has stopped logging'),
  })
  .refine(({ udp, tcp, tls: secure, allow }) => allow.length > 0 || !(udp ?? tcp ?? secure), {
    error: 'expected the networks of the devices, since a listener is configured',
    path: ['allow'],
  })
  .readonly()
  .prefault({})
