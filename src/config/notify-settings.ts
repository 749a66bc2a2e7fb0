import path from 'node:path'
import { z } from 'zod'
import { credentialName, nameRule, safeUrl, section } from './forms.ts'

/** As src/security/events.ts orders them, the gravest first. */
const severity = z.enum(['critical', 'high', 'medium', 'low'])

const name = z.string().regex(credentialName, nameRule)
const credential = name.describe('name of the credential in the secrets file')
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/u, 'expected a time as 22:00')

const common = {
  severity: severity.default('low').describe('this grave or graver'),
  perMinute: z.int().min(1).max(600).default(15).describe('messages a minute; what is more is put together'),
}

/** 15 a minute by default: the group robots of the three messengers take 20. */
const channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['wecom', 'dingtalk', 'feishu', 'webhook']), credential, ...common }),
  z.strictObject({
    kind: z.literal('email'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).default(465),
    security: z.enum(['tls', 'starttls']).default('tls'),
    /** Inside entries by name a path counts from nowhere. */
    ca: z
      .string()
      .refine((file) => path.isAbsolute(file), 'expected an absolute path')
      .optional(),
    credential: credential.optional(),
    from: z.email(),
    to: z.array(z.email()).min(1).max(100).readonly(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('sms'),
    url: safeUrl,
    encoding: z.enum(['json', 'form']).default('json'),
    /** Values may hold {phones}, {text} and {token}. */
    fields: z.record(z.string().min(1).max(100), z.string().max(1000)),
    /** What the gateway's answer holds where it took the message. */
    accepted: z.string().min(1).max(200),
    phones: z
      .array(z.string().regex(/^\+?\d{5,20}$/u, 'expected a telephone number'))
      .min(1)
      .max(100)
      .readonly(),
    credential: credential.optional(),
    maxCharacters: z.int().min(20).max(1000).default(200),
    ...common,
  }),
])

export type Channel = z.output<typeof channel>
export type HttpChannel = Extract<Channel, { kind: 'wecom' | 'dingtalk' | 'feishu' | 'webhook' }>
export type EmailChannel = Extract<Channel, { kind: 'email' }>
export type SmsChannel = Extract<Channel, { kind: 'sms' }>

/** Section `notify`. */
export const notify = section({
  channels: z
    .record(name, channel.readonly())
    .readonly()
    .prefault({})
    .describe('where people are told: wecom, dingtalk, feishu, email, webhook, sms (docs/notify.md)'),
  alertmanagerCredential: name
    .optional()
    .describe('bearer token with which Alertmanager may post to /v1/alerts; absent: nobody may'),
  alertGraceSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(180)
    .describe('how long an alert waits for an incident that tells the same; at least three looks'),
  link: safeUrl.optional().describe('address of Grafana, put under messages'),
  quiet: section({
    from: clock.optional().describe('when quiet hours begin, in the time zone above: 22:00'),
    to: clock.optional().describe('when they end, and what waited is told at once: 07:30'),
    unless: severity.default('high').describe('this grave or graver is told in quiet hours too'),
  })
    .refine(
      ({ from, to }) => (from === undefined) === (to === undefined) && (from === undefined || from !== to),
      {
        error: 'expected both from and to, and two times',
        path: ['to'],
      },
    )
    .describe('when only what is grave is told'),
  digest: section({
    severity: severity.default('low').describe('this grave or less waits to be told together with others'),
    seconds: z.int().min(1).max(86_400).default(1800).describe('how long it waits at most'),
  }).describe('what can wait'),
  retentionDays: z.int().min(1).max(3660).default(190).describe('days that the delivery log is kept'),
})
export type NotifySettings = z.output<typeof notify>
