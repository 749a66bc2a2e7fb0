import { z } from 'zod'
import { thresholdTable } from '../security/thresholds.ts'
import { section } from './forms.ts'

/** Logs of networks are kept for six months at least (网络安全法). */
const leastRetentionDays = 184

const thresholds = section(
  Object.fromEntries(
    Object.entries(thresholdTable).map(([name, { default: value, least, most, what, source }]) => [
      name,
      z.number().min(least).max(most).default(value).describe(`${what} (source: ${source})`),
    ]),
  ) as { [Name in keyof typeof thresholdTable]: z.ZodDefault<z.ZodNumber> },
)

const minutes = (value: number, severity: string) =>
  z
    .number()
    .min(1)
    .max(10_080)
    .default(value)
    .describe(`minutes without acknowledgement after which the next on duty are told: ${severity}`)

export const security = section({
  retentionDays: z
    .int()
    .min(leastRetentionDays, 'expected at least 184 days: network logs are kept for six months')
    .max(3660)
    .default(400)
    .describe('days that findings, incidents and what people did about them are kept once they are over'),
  reporter: z
    .enum(['cii', 'central', 'other'])
    .default('other')
    .describe('who reports upward, by the national rules: within 1 h (cii), 2 h (central), 4 h (other)'),
  reopenMinutes: z
    .number()
    .min(0)
    .max(43_200)
    .default(1440)
    .describe('minutes within which the same cause brings an archived incident back'),
  acknowledgeMinutes: section({
    critical: minutes(5, 'critical'),
    high: minutes(15, 'high'),
    medium: minutes(60, 'medium'),
    low: minutes(1440, 'low'),
  }).describe('how long an incident may wait for somebody'),
  thresholds: thresholds.describe('numbers that rules compare with'),
})
