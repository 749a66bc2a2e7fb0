import path from 'node:path'
import { z } from 'zod'
import { credentialName, httpsUrl, nameRule, section } from './forms.ts'

/** As src/security/upward/message.ts has them. */
const kinds = z
  .array(z.enum(['asset', 'status', 'risk', 'alert', 'incident']))
  .min(1)
  .readonly()

const name = z.string().regex(credentialName, nameRule)

/** Inside entries by name a path counts from nowhere. */
const absolute = z
  .string()
  .max(4096)
  .refine((file) => path.isAbsolute(file), 'expected an absolute path')

const common = {
  kinds: kinds.prefault(['asset', 'status', 'risk', 'alert', 'incident']),
  /** How fields are called there; default: one that comes with yiwang. */
  mapping: absolute.optional(),
  /** Messages in one attempt. */
  batch: z.int().min(1).max(1000).default(100),
  timeoutSeconds: z.number().min(0.1).max(300).default(30),
}

/** Who we are there, and whose certificates theirs must be signed by (default: the system's). */
const tls = {
  certificate: absolute,
  key: absolute,
  ca: absolute.optional(),
}

const destination = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('https'),
    url: httpsUrl,
    ...tls,
    credential: name.optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('syslog'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).default(6514),
    ...tls,
    /** Name in their certificate, where it is another than `host`. */
    serverName: z.string().min(1).max(253).optional(),
    form: z.enum(['rfc5424', 'cef']).default('rfc5424'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('file'),
    folder: absolute,
    form: z.enum(['xml', 'cef']).default('xml'),
    ...common,
  }),
])
export type Destination = z.output<typeof destination>
export type HttpsDestination = Extract<Destination, { kind: 'https' }>
export type SyslogDestination = Extract<Destination, { kind: 'syslog' }>
export type FileDestination = Extract<Destination, { kind: 'file' }>

/** Section `upward`. */
export const upward = section({
  destinations: z
    .record(name, destination.readonly())
    .readonly()
    .prefault({})
    .describe('platforms above that are told: https, syslog, file (docs/upward.md)'),
  source: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u,
      'expected up to 64 of a-z, A-Z, 0-9, dot, underscore and hyphen',
    )
    .default('yiwang')
    .describe('name or code of this platform there; part of the id of each message'),
  statusSeconds: z
    .int()
    .min(10)
    .max(86_400)
    .default(300)
    .describe(
      'seconds from one status message (运行状态) to the next; one not acknowledged in that time is a gap',
    ),
  maxMessages: z
    .int()
    .min(1000)
    .max(10_000_000)
    .default(200_000)
    .describe('messages kept; while so many wait, no new ones are made, and events wait where they are kept'),
  retentionDays: z.int().min(1).max(3660).default(190).describe('days that messages and receipts are kept'),
  noticeCredential: name
    .optional()
    .describe(
      'bearer token with which the platform above may post to /v1/upward/notices; absent: it may not',
    ),
  noticeUnit: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('id of the unit that answers for a notice (通报预警) which names none that is known here'),
})
export type UpwardSettings = z.output<typeof upward>
