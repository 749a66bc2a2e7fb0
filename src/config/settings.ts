import { z } from 'zod'
import { probes } from '../../probes/index.ts'
import { areas } from '../core/target.ts'
import { file, listen, safeUrl, section, tlsFiles } from './forms.ts'
import { notify } from './notify-settings.ts'
import { security } from './security.ts'
import { syslog } from './syslog-settings.ts'
import { upward } from './upward-settings.ts'

const interval = (seconds: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(1).max(86_400).default(seconds).describe('seconds from one look to the next')

const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== ''
  } catch {
    return false
  }
}

const cadence = (intervalSeconds: number) =>
  z
    .strictObject({
      intervalSeconds: interval(intervalSeconds),
      timeoutSeconds: z
        .number()
        .positive()
        .max(120)
        .optional()
        .describe('deadline of one look, in seconds (default: that of the kind)'),
    })
    .refine(({ timeoutSeconds = 0, intervalSeconds: every }) => timeoutSeconds <= every, {
      error: 'expected at most intervalSeconds',
      path: ['timeoutSeconds'],
    })
    .readonly()
    .prefault({})

const icmp = z
  .strictObject({
    intervalSeconds: interval(30),
    count: z.int().min(1).max(100).default(3).describe('packets a look'),
    packetTimeoutSeconds: z
      .number()
      .positive()
      .max(60)
      .default(1)
      .describe('wait for each answer, in seconds'),
  })
  .refine(
    ({ count, packetTimeoutSeconds, intervalSeconds }) => count * packetTimeoutSeconds <= intervalSeconds,
    {
      error: 'expected count × packetTimeoutSeconds to be at most intervalSeconds',
      path: ['packetTimeoutSeconds'],
    },
  )
  .readonly()
  .prefault({})

/** One section a probe kind, from the registry; icmp has more to say. */
const cadences = Object.fromEntries(
  probes
    .filter(({ kind }) => kind !== 'icmp')
    .map(({ kind, intervalSeconds, summary }) => [kind, cadence(intervalSeconds).describe(summary)]),
)

const probing = section({
  ...cadences,
  icmp: icmp.describe('ping of nodes'),
  concurrency: z.int().min(1).max(10_000).default(256).describe('looks of one kind under way at once'),
})

/** How often and how patiently a kind looks. */
export interface Cadence {
  readonly intervalSeconds: number
  /** Absent: that of the kind. */
  readonly timeoutSeconds?: number | undefined
}

/** The section of a kind. The kinds come from the registry, which the schema's type cannot know. */
export const cadenceOf = (probing: Settings['probing'], kind: string): Cadence | undefined =>
  (probing as Readonly<Record<string, unknown>>)[kind] as Cadence | undefined

const traps = section({
  listen: listen
    .optional()
    .describe('host:port (UDP) at which SNMP traps and informs are taken; absent: none are'),
})

const hostChecks = section({
  enabled: z.boolean().default(true).describe('whether this machine itself is checked'),
  intervalSeconds: z
    .number()
    .min(1)
    .max(7 * 86_400)
    .default(86_400)
    .describe('seconds from one check of the machine to the next'),
})

const agent = section({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/u, 'expected up to 64 of a-z, 0-9, dot and hyphen')
    .optional()
    .describe('name of this agent, as it was invited'),
  collector: safeUrl.optional().describe('address of the collector'),
  ca: file.optional().describe('certificate authority that signed the collector’s certificate (PEM)'),
  vantage: z.enum(areas).default('public').describe('area that this agent stands in and looks from'),
  spoolMaxMegabytes: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(512)
    .describe('size of the spool at which the oldest observations are dropped, and counted'),
  traps: traps.describe('traps and informs of the devices in the plan'),
  hostChecks: hostChecks.describe('checks of the machine that the agent runs on, signed and delivered'),
})

const history = section({
  rawDays: z.int().min(1).max(366).default(3).describe('days that single observations are kept'),
  hourlyDays: z.int().min(1).max(3660).default(400).describe('days that hourly roll-ups are kept'),
})

const ratio = (share: number) => z.number().min(0).max(1).default(share)

const migration = section({
  probeDays: z.int().min(1).max(366).default(30).describe('probe-days in trial before a system is accepted'),
  ranRatio: ratio(0.9).describe('share of the scheduled looks that must have run for a day to count'),
  upRatio: ratio(0.95).describe('share of those that must have been up for a probe-day'),
  silentDays: z
    .int()
    .min(1)
    .max(366)
    .default(7)
    .describe('days that every old address must be silent before the old system counts as gone'),
})

const collectorFields = z.strictObject({
  listen: listen.prefault('127.0.0.1:9410').describe('host:port of ingest, plan, metrics and health'),
  tls: tlsFiles
    .readonly()
    .optional()
    .describe('certificate of the listener; required where it is not on loopback'),
  metricsTokenFile: file.optional().describe('file (mode 0600) with the bearer token that /metrics asks for'),
  batchLimitMegabytes: z.int().min(1).max(64).default(8).describe('largest batch accepted from an agent'),
  heartbeatSeconds: z.number().min(1).max(3600).default(10).describe('agents report at least this often'),
  silentAfterSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('an agent not heard of for so long is silent: what it watches becomes unknown'),
  history: history.describe('how long results are kept'),
  syslog: syslog.describe('log messages that devices send'),
})

const collector = collectorFields
  .refine(({ listen: { isLoopback }, tls: configured }) => isLoopback || configured !== undefined, {
    error: 'expected certificate and key, since collector.listen is not a loopback address',
    params: {
      suggestion: 'docs/operations.md says how to make them, or listen on 127.0.0.1:9410',
    },
    path: ['tls'],
  })
  .refine(({ heartbeatSeconds, silentAfterSeconds }) => silentAfterSeconds > heartbeatSeconds, {
    error: 'expected more than heartbeatSeconds',
    path: ['silentAfterSeconds'],
  })
  .readonly()
  .prefault({})

const workingDays = (days: number) => z.int().min(1).max(250).default(days)

/** Nobody publishes the days; the order of the slips is that of the three-colour supervision slips of 三明. */
const ledger = z
  .strictObject({
    calendarFile: file
      .optional()
      .describe(
        'years of working days that replace or add to those that come with yiwang; see docs/ledger.md',
      ),
    nearWorkingDays: workingDays(10).describe('a deadline that is this near turns the light yellow'),
    verifyWorkingDays: workingDays(10).describe(
      'what is claimed as done and not verified for longer turns yellow',
    ),
    blueAfterWorkingDays: workingDays(1).describe('working days after a missed deadline: blue slip'),
    orangeAfterWorkingDays: workingDays(6).describe('the same: orange slip'),
    redAfterWorkingDays: workingDays(11).describe('the same: red slip'),
  })
  .refine(
    ({ blueAfterWorkingDays: blue, orangeAfterWorkingDays: orange, redAfterWorkingDays: red }) =>
      blue < orange && orange < red,
    { error: 'expected blue before orange before red', path: ['orangeAfterWorkingDays'] },
  )
  .readonly()
  .prefault({})

const verify = section({
  outageSeconds: z
    .number()
    .min(0)
    .max(30 * 86_400)
    .default(86_400)
    .describe('silence contradicts a claim once it has lasted this long; a shorter one is an outage'),
  assessmentDays: z
    .int()
    .min(1)
    .max(3660)
    .default(366)
    .describe('an assessment (等级测评) that was finished longer ago no longer counts'),
})

/** Everything that can be configured, with defaults. Parsing gives a deeply frozen value. */
export const settings = z
  .strictObject({
    timezone: z
      .string()
      .refine(isTimezone, 'expected an IANA time zone, such as Asia/Shanghai')
      .default('Asia/Shanghai')
      .describe('time zone of days, weeks and deadlines'),
    secretsFile: file
      .optional()
      .describe('credentials of the probes, mode 0600 (default: secrets.yaml in the data folder)'),
    probing: probing.describe(
      'how often and how patiently each kind looks, where the inventory says nothing else',
    ),
    migration: migration.describe('what the gates of the migration to the cloud ask for'),
    security: security.describe('findings and incidents'),
    agent: agent.describe('the agent of this machine'),
    collector: collector.describe('the collector of this machine'),
    ledger: ledger.describe('lights and slips of the work ledger'),
    verify: verify.describe('what contradicts a claim'),
    notify: notify.describe('whom the collector tells what is wrong'),
    upward: upward.describe('what the platform above is told, and what it tells'),
  })
  .readonly()
export type Settings = z.output<typeof settings>
